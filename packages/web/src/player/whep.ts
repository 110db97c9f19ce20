import type { PlaybackTicket } from "@colourstream/contract";
import { askForStereo } from "./offer.js";

/** What a WHEP session tells. */
export type WhepEvents = {
  /** The connection will not come back. */
  dead(reason: string): void;
};

/** A WHEP session (draft-ietf-wish-whep): one peer connection and the resource that stands for it on the server. */
export type WhepSession = {
  readonly peer: RTCPeerConnection;
  readonly video: MediaStream;
  readonly sound: MediaStream;
  /** Leaves. `tellServer` false: the server has ended the session already. */
  close(tellServer?: boolean): void;
};

/** The server turned the offer away. */
export class WhepRefused extends Error {
  override name = "WhepRefused";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(`the server answered ${status} to the offer${detail === "" ? "" : `: ${detail.slice(0, 200)}`}`);
    this.status = status;
  }
}

/** Offers this extension, which browsers know and leave out; the engine puts the frame's arrival time into it. */
const ABS_CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
const GATHER_WITHIN_MS = 250; // the server learns our addresses from our checks: candidates only save a moment
const ANSWER_WITHIN_MS = 8_000;
const DISCONNECTED_FOR_MS = 2_000;
const ENDED_FOR_MS = 300; // a room that closes also says so: that word is to come first

/** Opens a session; rejects when it is refused, when there is no answer in time, or when `abort` is used. */
export async function openWhep(
  ticket: PlaybackTicket,
  events: WhepEvents,
  abort: AbortController,
): Promise<WhepSession> {
  const { signal } = abort;
  const late = setTimeout(
    () => abort.abort(new Error("no answer to the offer within 8 s")),
    ANSWER_WITHIN_MS,
  );
  const peer = new RTCPeerConnection({
    iceServers: ticket.iceServers.map((server) => ({ ...server })),
    bundlePolicy: "max-bundle",
  });
  let resource: URL | null = null;
  let closed = false;
  let cancelWatch = () => {};

  function close(tellServer = true) {
    if (closed) return;
    closed = true;
    cancelWatch();
    const isEndedByServer = dtlsOf(peer)?.state === "closed";
    peer.close();
    // keepalive: the request outlives the page; if it is lost, the server frees the resource by ICE consent (RFC 7675).
    if (resource !== null && tellServer && !isEndedByServer) {
      const gone = fetch(resource, { method: "DELETE", keepalive: true, headers: bearer(ticket) });
      gone.catch(() => {}); // nothing is left to be done here, and nobody to be told
    }
  }

  try {
    const transceivers = [
      peer.addTransceiver("video", { direction: "recvonly" }),
      peer.addTransceiver("audio", { direction: "recvonly" }),
    ];
    for (const transceiver of transceivers) offerCaptureTime(transceiver);
    const offer = await peer.createOffer();
    await peer.setLocalDescription({ type: "offer", sdp: askForStereo(offer.sdp ?? "") });
    await gathered(peer);
    const answer = await fetch(ticket.url, {
      method: "POST",
      headers: { ...bearer(ticket), "content-type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
      signal,
    });
    const location = answer.headers.get("location");
    if (location !== null) resource = new URL(location, new URL(ticket.url, document.baseURI));
    const sdp = await answer.text();
    if (answer.status !== 201) throw new WhepRefused(answer.status, sdp);
    signal.throwIfAborted();
    await peer.setRemoteDescription({ type: "answer", sdp });
    cancelWatch = watchConnection(peer, events);
    signal.throwIfAborted();
    const [video, sound] = transceivers.map(({ receiver }) => new MediaStream([receiver.track]));
    return { peer, video: video ?? new MediaStream(), sound: sound ?? new MediaStream(), close };
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function bearer(ticket: PlaybackTicket) {
  return { authorization: `Bearer ${ticket.ticket}` };
}

type ExtensionControl = { uri: string; direction: RTCRtpTransceiverDirection };
type WithExtensions = RTCRtpTransceiver & {
  getHeaderExtensionsToNegotiate?: () => ExtensionControl[];
  setHeaderExtensionsToNegotiate?: (extensions: ExtensionControl[]) => void;
};

/** W3C webrtc-extensions §5; in Chromium, not yet in Safari and Firefox, where the latency then stays unknown. */
function offerCaptureTime(transceiver: WithExtensions) {
  const known = transceiver.getHeaderExtensionsToNegotiate?.();
  if (known === undefined) return;
  transceiver.setHeaderExtensionsToNegotiate?.(
    known.map(({ uri, direction }) => ({
      uri,
      direction: uri === ABS_CAPTURE_TIME ? "sendrecv" : direction,
    })),
  );
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    if (peer.iceGatheringState === "complete") resolve();
    setTimeout(resolve, GATHER_WITHIN_MS);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "complete") resolve();
    });
  });
}

function dtlsOf(peer: RTCPeerConnection): RTCDtlsTransport | null | undefined {
  return peer.getReceivers()[0]?.transport;
}

/** Tells when ICE or DTLS has failed or was ended by the server, or has been without a connection for 2 s. */
function watchConnection(peer: RTCPeerConnection, events: WhepEvents): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const dtls = dtlsOf(peer);
  function look() {
    clearTimeout(timer);
    if (peer.iceConnectionState === "failed" || peer.connectionState === "failed") {
      events.dead("the connection failed");
    } else if (dtls?.state === "closed") {
      timer = setTimeout(() => events.dead("the server ended the session"), ENDED_FOR_MS);
    } else if (peer.iceConnectionState === "disconnected") {
      timer = setTimeout(() => events.dead("the connection was lost"), DISCONNECTED_FOR_MS);
    }
  }
  dtls?.addEventListener("statechange", look);
  peer.addEventListener("iceconnectionstatechange", look);
  peer.addEventListener("connectionstatechange", look);
  return () => {
    clearTimeout(timer);
    dtls?.removeEventListener("statechange", look);
    peer.removeEventListener("iceconnectionstatechange", look);
    peer.removeEventListener("connectionstatechange", look);
  };
}
