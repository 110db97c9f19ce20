import type { PublishTicket } from "@colourstream/contract";
import type { Choice } from "./choice.js";

/** A WHIP session (RFC 9725): one peer connection and the resource that stands for it on the server. */
export type WhipSession = {
  readonly peer: RTCPeerConnection;
  /** Leaves and tells the server. */
  close(): void;
};

/** The server turned the offer away. */
export class WhipRefused extends Error {
  override name = "WhipRefused";
  readonly status: number;

  constructor(status: number) {
    super(`the server answered ${status} to the offer`);
    this.status = status;
  }
}

/** What a session is opened with. */
export type WhipPorts = {
  readonly makeTicket: (signal: AbortSignal) => Promise<PublishTicket>;
  readonly media: MediaStream;
  readonly choice: Choice;
  readonly signal: AbortSignal;
  /** Packets can flow. */
  connected(): void;
  /** The connection will not come back. */
  dead(): void;
};

const ANSWER_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 10_000;
const DISCONNECTED_FOR_MS = 3_000;
const GATHERED_WITHIN_MS = 1_000;
const GOODBYE_MS = 2_000;

/** Opens a session; rejects when it is refused, or when there is no answer in time. */
export async function openWhip(ports: WhipPorts): Promise<WhipSession> {
  const { media, choice } = ports;
  const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  const ticket = await ports.makeTicket(signal);
  const peer = new RTCPeerConnection({ iceServers: ticket.iceServers, bundlePolicy: "max-bundle" });
  let resource: URL | null = null;
  let stopWatching = () => {};
  let isClosed = false;
  // Where the ticket is in the address there is no bearer to show (OvenMediaEngine).
  const headers: Record<string, string> =
    ticket.ticket === "" ? {} : { authorization: `Bearer ${ticket.ticket}` };

  function close() {
    if (isClosed) return;
    isClosed = true;
    stopWatching();
    if (resource === null) {
      peer.close();
      return;
    }
    for (const { sender } of peer.getTransceivers()) void sender.replaceTrack(null); // nothing more is sent from now on
    // First the word, then the connection: a server that sees it close has no session left to end. keepalive: the request
    // outlives the page; if it is lost, the server notices the silence.
    const signal = AbortSignal.timeout(GOODBYE_MS);
    fetch(resource, { method: "DELETE", keepalive: true, headers, signal })
      .catch(() => {}) // nothing is left to be done here, and nobody to be told
      .finally(() => peer.close());
  }

  try {
    await addTracks(peer, media, choice);
    await peer.setLocalDescription();
    await gathered(peer);
    const answer = await fetch(ticket.url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
      signal,
    });
    const location = answer.headers.get("location");
    if (location !== null) resource = new URL(location, new URL(ticket.url, document.baseURI));
    const sdp = await answer.text();
    if (answer.status !== 201) throw new WhipRefused(answer.status);
    signal.throwIfAborted();
    stopWatching = watch(peer, ports);
    await peer.setRemoteDescription({ type: "answer", sdp: withStartRate(sdp, choice.bitsPerSecond / 2) });
    return { peer, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function addTracks(peer: RTCPeerConnection, media: MediaStream, choice: Choice): Promise<void> {
  const [picture] = media.getVideoTracks();
  const [sound] = media.getAudioTracks();
  if (picture === undefined) throw new Error("captured without a picture");
  const video = peer.addTransceiver(picture, {
    direction: "sendonly",
    streams: [media],
    sendEncodings: [{ maxBitrate: choice.bitsPerSecond, maxFramerate: choice.framesPerSecond }],
  });
  preferCodec(video, choice.codec);
  const degradationPreference = choice.keeps === "detail" ? "maintain-resolution" : "maintain-framerate";
  await video.sender.setParameters({ ...video.sender.getParameters(), degradationPreference });
  if (sound !== undefined) peer.addTransceiver(sound, { direction: "sendonly", streams: [media] });
}

/** The codec that was chosen first, then the others that the server takes: a browser without it can still send. */
function preferCodec(transceiver: RTCRtpTransceiver, chosen: Choice["codec"]): void {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const order = [chosen, "H264", "VP9", "AV1"];
  const nameOf = ({ mimeType }: { mimeType: string }) => mimeType.replace(/^video\//i, "").toUpperCase();
  const usable = codecs
    .filter(({ sdpFmtpLine = "" }) => !sdpFmtpLine.includes("packetization-mode=0"))
    .filter((codec) => order.includes(nameOf(codec)) || nameOf(codec) === "RTX");
  const rank = (codec: { mimeType: string }) => {
    const at = order.indexOf(nameOf(codec));
    return at < 0 ? order.length : at;
  };
  if (usable.some((codec) => rank(codec) < order.length)) {
    transceiver.setCodecPreferences([...usable].sort((a, b) => rank(a) - rank(b)));
  }
}

/**
 * Chromium begins with 300 kbit/s and a small picture, and takes ten seconds to the full one, unless the answer names
 * another rate in its own parameter. Other browsers pass it over.
 */
export function withStartRate(sdp: string, bitsPerSecond: number): string {
  const payloadType = /^m=video \d+ [^ ]+ (\d+)/m.exec(sdp)?.[1];
  if (payloadType === undefined) return sdp;
  const start = `x-google-start-bitrate=${Math.round(bitsPerSecond / 1_000)}`;
  const parameters = new RegExp(`^(a=fmtp:${payloadType} [^\\r\\n]*)`, "m");
  if (parameters.test(sdp)) return sdp.replace(parameters, `$1;${start}`);
  return sdp.replace(
    new RegExp(`^(a=rtpmap:${payloadType} [^\\r\\n]*)`, "m"),
    `$1\r\na=fmtp:${payloadType} ${start}`,
  );
}

/** All candidates in the one request; who is slower than this is found by the ones that are there. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERED_WITHIN_MS);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Tells once when packets can flow, and once when they no longer will. */
function watch(peer: RTCPeerConnection, { connected, dead }: WhipPorts): () => void {
  const dtls = peer.getSenders()[0]?.transport ?? null;
  let isConnected = false;
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(die, CONNECT_WITHIN_MS);
  function die() {
    stop();
    dead();
  }
  function look() {
    if (peer.connectionState === "failed" || dtls?.state === "closed" || dtls?.state === "failed") {
      die();
    } else if (peer.connectionState === "connected") {
      clearTimeout(timer);
      if (!isConnected) connected();
      isConnected = true;
    } else if (isConnected && peer.iceConnectionState === "disconnected") {
      clearTimeout(timer);
      timer = setTimeout(die, DISCONNECTED_FOR_MS);
    }
  }
  function stop() {
    clearTimeout(timer);
    peer.removeEventListener("connectionstatechange", look);
    peer.removeEventListener("iceconnectionstatechange", look);
    dtls?.removeEventListener("statechange", look);
  }
  peer.addEventListener("connectionstatechange", look);
  peer.addEventListener("iceconnectionstatechange", look);
  dtls?.addEventListener("statechange", look);
  return stop;
}
