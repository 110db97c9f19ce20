import type { PlaybackTicket } from "@colourstream/contract";
import { makeOffer, type Offered } from "./offer.js";
import { SessionRefused } from "./refused.js";
import type { Failing } from "./ways.js";

/** What a WHEP session tells. */
export type WhepEvents = {
  /** The offer is answered. */
  answered(): void;
  /** ICE and DTLS stand. */
  connected(): void;
  /** The connection will not come back; `unreachable`: it never stood. */
  dead(reason: string, why: Failing): void;
};

/** A WHEP session (draft-ietf-wish-whep): one peer connection and the resource that stands for it on the server. */
export type WhepSession = {
  readonly peer: RTCPeerConnection;
  readonly video: MediaStream;
  readonly sound: MediaStream;
  /** Leaves. `tellServer` false: the server has ended the session already. */
  close(tellServer?: boolean): void;
};

const ANSWER_WITHIN_MS = 8_000;
const DISCONNECTED_FOR_MS = 2_000;
const CLOSED_AFTER_MS = 1_000;
const ENDED_FOR_MS = 300; // a room that closes also says so: that word is to come first

/** What a session is opened with. */
export type WhepPorts = {
  readonly makeTicket: (signal: AbortSignal) => Promise<PlaybackTicket>;
  readonly events: WhepEvents;
  readonly abort: AbortController;
  /** Made before, without ICE servers; it is this session's to close now. */
  readonly early: Offered | null;
};

/**
 * Opens a session; rejects when it is refused, when there is no answer in time, or when `abort` is used. The ticket is
 * fetched while the offer is made.
 */
export async function openWhep({ makeTicket, events, abort, early }: WhepPorts): Promise<WhepSession> {
  let offered = early ?? makeOffer([]);
  const { signal } = abort;
  const late = setTimeout(
    () => abort.abort(new Error("no answer to the offer within 8 s")),
    ANSWER_WITHIN_MS,
  );
  let ticket: PlaybackTicket | null = null;
  let resource: URL | null = null;
  let closed = false;
  let cancelWatch = () => {};

  function close(tellServer = true) {
    if (closed) return;
    closed = true;
    cancelWatch();
    const { peer } = offered;
    const isEndedByServer = dtlsOf(peer)?.state === "closed";
    // keepalive: the request outlives the page; if it is lost, the server frees the resource by ICE consent (RFC 7675).
    if (resource !== null && ticket !== null && tellServer && !isEndedByServer) {
      const gone = fetch(resource, { method: "DELETE", keepalive: true, headers: bearer(ticket) });
      // The peer goes after the word: its own end would end the resource first, which then is not there to be deleted.
      gone.then(
        () => peer.close(),
        () => peer.close(),
      );
      setTimeout(() => peer.close(), CLOSED_AFTER_MS);
    } else {
      peer.close();
    }
  }

  try {
    ticket = await makeTicket(signal);
    if (ticket.iceServers.length > 0) {
      offered.peer.close();
      offered = makeOffer(ticket.iceServers);
    }
    const { peer, video, sound } = offered;
    await offered.ready;
    const answer = await fetch(ticket.url, {
      method: "POST",
      headers: { ...bearer(ticket), "content-type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
      signal,
    });
    const location = answer.headers.get("location");
    if (location !== null) resource = new URL(location, new URL(ticket.url, document.baseURI));
    const sdp = await answer.text();
    if (answer.status !== 201) throw new SessionRefused(answer.status, sdp);
    signal.throwIfAborted();
    events.answered();
    await peer.setRemoteDescription({ type: "answer", sdp });
    cancelWatch = watchConnection(peer, events);
    signal.throwIfAborted();
    const streamOf = ({ receiver }: RTCRtpTransceiver) => new MediaStream([receiver.track]);
    return { peer, video: streamOf(video), sound: streamOf(sound), close };
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

function dtlsOf(peer: RTCPeerConnection): RTCDtlsTransport | null | undefined {
  return peer.getReceivers()[0]?.transport;
}

/** Tells when ICE or DTLS has failed or was ended by the server, or has been without a connection for 2 s. */
function watchConnection(peer: RTCPeerConnection, events: WhepEvents): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasStood = false;
  const dtls = dtlsOf(peer);
  function look() {
    clearTimeout(timer);
    if (peer.connectionState === "connected") {
      hasStood = true;
      events.connected();
    }
    if (peer.iceConnectionState === "failed" || peer.connectionState === "failed") {
      events.dead("the connection failed", hasStood ? "other" : "unreachable");
    } else if (dtls?.state === "closed") {
      timer = setTimeout(() => events.dead("the server ended the session", "other"), ENDED_FOR_MS);
    } else if (peer.iceConnectionState === "disconnected") {
      timer = setTimeout(() => events.dead("the connection was lost", "other"), DISCONNECTED_FOR_MS);
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
