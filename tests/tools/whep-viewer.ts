import { createHash } from "node:crypto";
import {
  Audio as AudioMedia,
  PeerConnection,
  RtcpReceivingSession,
  type Track,
  Video as VideoMedia,
} from "node-datachannel";
import { type H264Depacketiser, makeH264Depacketiser, type ReceivedPicture } from "./h264-depacketiser.js";
import { isRtcp, readRtp, writeNack, writeReceiverReport } from "./rtp.js";
import { waitFor, wallMs } from "./wait.js";

/** A viewer without a browser: what came, exactly, and when. */
export type WhepViewer = {
  /** The WHEP resource's address, for PATCH and DELETE. */
  readonly resource: string;
  /** The offer as it was sent, and the answer as the engine gave it. */
  readonly offer: string;
  readonly answer: string;
  readonly video: H264Depacketiser["counts"];
  /** Video packets so far that did not ask for the least delay (playout-delay 0/0). */
  readonly unhurried: { packets: number };
  /** Opus packets so far and the gaps in their sequence numbers. */
  readonly audio: { packets: number; lost: number };
  /** RTCP packets that came, by type (200 is a sender report). */
  readonly rtcp: ReadonlyMap<number, number>;
  /** The video's SSRC; null before its first packet. */
  videoSsrc(): number | null;
  /** Sends RTCP of the test's own making. */
  sendRtcp(packet: Buffer): void;
  state(): string;
  close(): Promise<void>;
};

/** How a viewer behaves. */
export type WhepViewerSettings = {
  readonly url: string;
  readonly ticket: string;
  /** How long it waits for a lost packet before it gives it up. */
  readonly patienceMs?: number;
  /** Whether it asks for lost packets again. */
  readonly nack?: boolean;
  readonly onPicture?: (picture: ReceivedPicture) => void;
  /** How long it tries to connect; 10 s when left out. */
  readonly connectMs?: number;
  /** Packets are received, decrypted and dropped by the library, which also sends the reports: it costs next to nothing. */
  readonly isCrowd?: boolean;
  /** Rewrites our offer, to tell the engine what is not so. */
  readonly rewriteOffer?: (sdp: string) => string;
  /** Rewrites the engine's answer, to send the media through a relay. */
  readonly rewriteAnswer?: (sdp: string) => string;
};

/** A refusal of the WHEP address. */
export class WhepRefused extends Error {
  readonly status: number;
  constructor(status: number, body: string) {
    super(`WHEP was answered ${status}: ${body.slice(0, 500)}`);
    this.name = "WhepRefused";
    this.status = status;
  }
}

const NACK_EVERY_MS = 20;
const REPORT_EVERY_MS = 1000;
const CONNECT_MS = 10_000;
const NO_DELAY = Buffer.alloc(3); // least and greatest playout delay, 12 bits each: 0
const VIDEO_TYPE = 96;
const OPUS_TYPE = 111;
const PLAYOUT_DELAY_ID = 5;
const PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

/** Connects to a stream; resolves when packets may flow. One thread of one process may have viewers: the library's rule. */
export async function connectWhepViewer(settings: WhepViewerSettings): Promise<WhepViewer> {
  const peer = new PeerConnection("viewer", { iceServers: [], bindAddress: "127.0.0.1" });
  const audio = { packets: 0, lost: 0 };
  const unhurried = { packets: 0 };
  const rtcp = new Map<number, number>();
  const depacketiser = makeH264Depacketiser(settings.patienceMs ?? 1000, (picture) =>
    settings.onPicture?.(picture),
  );
  let videoSsrc: number | null = null;
  let lastAudio: number | null = null;

  const video = new VideoMedia("0", "RecvOnly");
  video.addH264Codec(VIDEO_TYPE, "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1");
  video.parseSdpLine(`a=extmap:${PLAYOUT_DELAY_ID} ${PLAYOUT_DELAY}`);
  const videoTrack = peer.addTrack(video);
  const sound = new AudioMedia("1", "RecvOnly");
  sound.addOpusCodec(OPUS_TYPE, "minptime=10;useinbandfec=1;stereo=1");
  const audioTrack = peer.addTrack(sound);

  if (settings.isCrowd === true) {
    videoTrack.setMediaHandler(new RtcpReceivingSession());
    audioTrack.setMediaHandler(new RtcpReceivingSession());
  } else {
    listen();
  }

  function countRtcp(packet: Buffer): void {
    const type = packet.readUInt8(1);
    rtcp.set(type, (rtcp.get(type) ?? 0) + 1);
  }
  function listen(): void {
    videoTrack.onMessage((packet) => {
      const nowMs = wallMs();
      if (isRtcp(packet)) return countRtcp(packet);
      const rtp = readRtp(packet);
      videoSsrc = rtp.ssrc;
      if (rtp.extensions.get(PLAYOUT_DELAY_ID)?.equals(NO_DELAY) !== true) unhurried.packets += 1;
      depacketiser.take(rtp, nowMs);
    });
    audioTrack.onMessage((packet) => {
      if (isRtcp(packet)) return countRtcp(packet);
      const { sequence } = readRtp(packet);
      if (lastAudio !== null) audio.lost += Math.max(0, ((sequence - lastAudio) & 0xffff) - 1);
      lastAudio = sequence;
      audio.packets += 1;
    });
  }

  const timers: NodeJS.Timeout[] = [];
  let resource = "";
  try {
    const own = await localOffer(peer);
    const offer = settings.rewriteOffer?.(own) ?? own;
    const response = await fetch(settings.url, {
      method: "POST",
      headers: { "content-type": "application/sdp", authorization: `Bearer ${settings.ticket}` },
      body: offer,
      signal: AbortSignal.timeout(CONNECT_MS),
    });
    const body = await response.text();
    if (response.status !== 201) throw new WhepRefused(response.status, body);
    resource = new URL(response.headers.get("location") ?? "", settings.url).href;
    const answer = settings.rewriteAnswer?.(body) ?? body;
    peer.setRemoteDescription(answer, "answer");
    await waitFor(
      "the viewer to connect",
      settings.connectMs ?? CONNECT_MS,
      () => peer.state() === "connected",
      5,
    );

    timers.push(
      setInterval(() => {
        const lost = depacketiser.missing(wallMs());
        if (lost.length === 0 || videoSsrc === null || settings.nack === false) return;
        sendRtcp(videoTrack, writeNack(videoSsrc, lost));
      }, NACK_EVERY_MS),
      setInterval(() => {
        if (videoSsrc === null) return;
        const { lost } = depacketiser.counts;
        sendRtcp(videoTrack, writeReceiverReport(videoSsrc, depacketiser.highestSequence(), lost));
      }, REPORT_EVERY_MS),
    );
    return {
      resource,
      offer,
      answer: body,
      video: depacketiser.counts,
      unhurried,
      audio,
      rtcp,
      videoSsrc: () => videoSsrc,
      sendRtcp: (packet) => sendRtcp(videoTrack, packet),
      state: () => peer.state(),
      async close() {
        for (const timer of timers) clearInterval(timer);
        peer.close();
        await endResource(resource, settings.ticket);
      },
    };
  } catch (error) {
    for (const timer of timers) clearInterval(timer);
    peer.close();
    throw error;
  }
}

/** A NAL unit's fingerprint. */
export function nalHash(nalUnit: Uint8Array): string {
  return createHash("sha256").update(nalUnit).digest("hex");
}

function sendRtcp(track: Track, packet: Buffer): void {
  if (track.isOpen()) track.sendMessageBinary(packet);
}

async function localOffer(peer: PeerConnection): Promise<string> {
  peer.setLocalDescription("offer");
  await waitFor("candidates", CONNECT_MS, () => peer.gatheringState() === "complete", 5);
  const sdp = peer.localDescription()?.sdp;
  if (sdp === undefined) throw new Error("the viewer has no offer");
  return sdp;
}

async function endResource(resource: string, ticket: string): Promise<void> {
  // The engine may be gone: that is what some tests are about.
  await fetch(resource, {
    method: "DELETE",
    headers: { authorization: `Bearer ${ticket}` },
    signal: AbortSignal.timeout(2000),
  }).catch(() => undefined);
}
