import { IceUdpMuxListener, PeerConnection, type Track, Video } from "node-datachannel";
import type { Clock } from "../hub/clock.js";
import { ProtocolError } from "../wire/protocol-error.js";
import { isRtcp } from "../wire/rtp/packet.js";
import { parseSdp, type SdpMedia } from "../wire/rtp/sdp.js";
import { usableCandidate } from "./candidate.js";

/** Host candidates come at once: there is no STUN server to ask. */
const GATHERING_MS = 2000;

/** RFC 7675 §5.1: no consent for 30 s ends the sending. The library says "disconnected" after 15 s of silence already. */
const DISCONNECTED_MS = 3_000;

/**
 * The peer checks first: it has our answer by then. Some peers (libdatachannel 0.24) answer our checks before they have
 * it, and fail when DTLS then comes too early.
 */
const CHECKS_AFTER_MS = 300;

/** Candidates of one peer that we send checks to. */
const MAX_REMOTE_CANDIDATES = 20;

/** Any number: the seam carries whatever payload types the packets have. */
const PAYLOAD_TYPE = 96;
const MID = "0";

/** The other side's ICE and DTLS, as its description says. */
export type RemoteTransport = {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly setup: "actpass" | "active" | "passive";
  /** `a=candidate` values. */
  readonly candidates: readonly string[];
};

/** Ours, for the answer. */
export type LocalTransport = {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly setup: "active" | "passive";
  readonly candidates: readonly string[];
};

/** What a peer tells. None is called after `close`. */
export type PeerCallbacks = {
  /** DTLS is done and the certificate matched: packets may be sent. */
  connected(): void;
  /** The peer is no longer there; called once, the peer is closed then. */
  gone(reason: string): void;
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
};

/** RTP and RTCP packets in and out of one ICE, DTLS and SRTP association. */
export type Peer = {
  readonly local: LocalTransport;
  /** Encrypts and sends; the packet's bytes may be reused at once. False when it could not be sent. */
  send(packet: Buffer): boolean;
  /** One more way to reach the peer (trickle ICE), an `a=candidate` value. False when it is not one that we use. */
  addCandidate(candidate: string): boolean;
  /** Null before ICE found one. */
  address(): string | null;
  close(): void;
};

/** Keeps a UDP port for all peers, also while there are none. Throws when it is taken. */
export function holdUdpPort(port: number, bindAddress: string | null): { release(): void } {
  const listener =
    bindAddress === null ? new IceUdpMuxListener(port) : new IceUdpMuxListener(port, bindAddress);
  return { release: () => listener.stop() };
}

/**
 * Begins an association with a peer that has made an offer; resolves when all our candidates are known, with null when
 * that took too long. Throws `ProtocolError` for a transport that cannot be answered.
 */
export async function connectPeer(
  at: { readonly port: number; readonly bindAddress: string | null },
  remote: RemoteTransport,
  ssrcs: readonly number[],
  callbacks: PeerCallbacks,
  clock: Clock,
): Promise<Peer | null> {
  const connection = new PeerConnection("peer", {
    iceServers: [],
    enableIceUdpMux: true,
    portRangeBegin: at.port,
    portRangeEnd: at.port,
    disableAutoNegotiation: true,
    ...(at.bindAddress === null ? {} : { bindAddress: at.bindAddress }),
  });
  let state: "open" | "closed" = "open";
  let stopWaiting: (() => void) | null = null;
  let stopChecks: (() => void) | null = null;

  const close = () => {
    if (state === "closed") return;
    state = "closed";
    stopWaiting?.();
    stopChecks?.();
    connection.close();
  };
  const gone = (reason: string) => {
    if (state === "closed") return;
    close();
    callbacks.gone(reason);
  };
  /** Null when the association is over: the library throws between its end and the callback that tells of it. */
  const attempt = <T>(call: () => T): T | null => {
    if (state === "closed") return null;
    try {
      return call();
    } catch (error) {
      queueMicrotask(() => gone(`the association has ended: ${String(error)}`));
      return null;
    }
  };

  connection.onStateChange((now) => {
    if (state === "closed") return;
    if (now === "failed" || now === "closed") gone(`connection ${now}`);
    if (now === "connected") {
      stopWaiting?.();
      stopWaiting = null;
    }
    if (now === "disconnected") {
      stopWaiting ??= clock.after(DISCONNECTED_MS, () => gone("nothing came from the peer"));
    }
  });

  const track = addTrack(connection, ssrcs);
  track.onOpen(() => {
    if (state === "open") callbacks.connected();
  });
  track.onMessage((packet) => {
    if (state === "closed") return;
    if (isRtcp(packet)) callbacks.rtcp(packet);
    else callbacks.rtp(packet);
  });

  let local: LocalTransport | null;
  try {
    local = await gather(connection, remote, clock);
  } catch (error) {
    close();
    throw error;
  }
  if (local === null) {
    close();
    return null;
  }

  let candidates = 0;
  const addCandidate = (text: string): boolean => {
    const candidate = usableCandidate(text);
    if (state === "closed" || candidate === null || candidates >= MAX_REMOTE_CANDIDATES) return false;
    candidates += 1;
    return attempt(() => connection.addRemoteCandidate(candidate, MID)) !== null;
  };
  stopChecks = clock.after(CHECKS_AFTER_MS, () => {
    for (const text of remote.candidates) addCandidate(text);
  });

  return {
    local,
    send: (packet) => attempt(() => track.sendMessageBinary(packet)) ?? false,
    addCandidate,
    address: () => attempt(() => connection.getSelectedCandidatePair())?.remote.address ?? null,
    close,
  };
}

/** One track takes all packets: with a single one the library does not look at their SSRC on the way in. */
function addTrack(connection: PeerConnection, ssrcs: readonly number[]): Track {
  const media = new Video(MID, "SendRecv");
  media.addH264Codec(PAYLOAD_TYPE);
  for (const ssrc of ssrcs) media.addSSRC(ssrc, "colourstream");
  return connection.addTrack(media);
}

/**
 * The library never sees the peer's own description: it gets one of ours with the checked parts of it in, and of its
 * answer only the transport is used.
 */
function gather(
  connection: PeerConnection,
  remote: RemoteTransport,
  clock: Clock,
): Promise<LocalTransport | null> {
  return new Promise((resolve, reject) => {
    const stopDeadline = clock.after(GATHERING_MS, () => resolve(null));
    connection.onGatheringStateChange((state) => {
      if (state !== "complete") return;
      stopDeadline();
      const description = connection.localDescription();
      const media = description === null ? undefined : parseSdp(description.sdp).media[0];
      resolve(media === undefined ? null : localTransport(media));
    });
    try {
      connection.setRemoteDescription(remoteOffer(remote), "offer");
      connection.setLocalDescription("answer");
    } catch (error) {
      stopDeadline();
      reject(new ProtocolError("sdp", `transport not understood: ${String(error)}`));
    }
  });
}

function remoteOffer(remote: RemoteTransport): string {
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${MID}`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`,
    "c=IN IP4 0.0.0.0",
    `a=mid:${MID}`,
    "a=sendrecv",
    "a=rtcp-mux",
    `a=ice-ufrag:${remote.iceUfrag}`,
    `a=ice-pwd:${remote.icePwd}`,
    `a=fingerprint:${remote.fingerprint.algorithm} ${remote.fingerprint.value}`,
    `a=setup:${remote.setup}`,
    `a=rtpmap:${PAYLOAD_TYPE} H264/90000`,
  ];
  return `${lines.join("\r\n")}\r\n`;
}

function localTransport(media: SdpMedia): LocalTransport | null {
  const { iceUfrag, icePwd, fingerprint, setup, candidates } = media;
  if (iceUfrag === null || icePwd === null || fingerprint === null) return null;
  if (setup !== "active" && setup !== "passive") return null;
  return { iceUfrag, icePwd, fingerprint, setup, candidates };
}
