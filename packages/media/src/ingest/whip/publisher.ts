import type { LinkState } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Publication } from "../../hub/ports.js";
import type { Peer } from "../../transport/peer.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { OPUS_CLOCK_RATE } from "../../wire/rtp/opus.js";
import { type NtpTime, parseRtcp, type RtcpPacket } from "../../wire/rtp/rtcp.js";
import { writeRtcp } from "../../wire/rtp/rtcp-write.js";
import { startFormatTeller } from "../formats.js";
import { createFrames, type WholeFrame } from "./frames.js";
import { createLine } from "./line.js";
import type { Agreement } from "./negotiate.js";
import { startPictures } from "./pictures.js";
import type { InOrder } from "./reorder.js";
import { createRtpClock, type TrackName } from "./rtp-clock.js";
import { createTrack, type Track } from "./track.js";

/** RFC 3550 §6.2 allows a fixed interval; browsers raise their rate by what they hear in the first 2 s. */
const REPORT_MS = 500;

/** Holes are looked at so often while there are any. */
const TICK_MS = 10;

/** A hole is waited for so long: two round trips and a half, within these bounds; then comes a new keyframe. */
const MIN_WAIT_MS = 200;
const MAX_WAIT_MS = 500;
/** A lost packet is asked for again after a round trip, at the soonest after this. */
const MIN_AGAIN_MS = 30;
/** Sound is not asked for again: its packets carry the one before in small (RFC 6716 §2.1.7). This is for reordering. */
const AUDIO_WAIT_MS = 20;

/** Keyframes are asked for at most so often, whoever wants them (reliability.md test 16: 2 a second). */
const KEYFRAME_MS = 500;

/** More than anybody sends: the publisher's own bounds hold, and its own watch over loss. */
const MAX_BITS_PER_SECOND = 60_000_000;

/** Pictures that cannot be read, without so many good ones between them, until the publisher is closed. */
const MAX_BAD_PICTURES = 100;

/** Browsers send under 50 RTCP packets a second; more than this is no publisher. */
const MAX_RTCP_PER_REPORT = 2000;

/** NTP's epoch, 1900, before 1970's, in ms. */
const NTP_EPOCH_MS = 2_208_988_800_000;

/** One publisher's packets on their way to the hub. */
export type Publisher = {
  /** The peer is connected. */
  start(): void;
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  requestKeyframe(): void;
  link(): LinkState;
  close(): void;
};

/** Starts for one connection; `ended` is called when it must be closed. */
export function createPublisher(
  agreed: Agreement,
  to: { readonly publication: Publication; readonly peer: Pick<Peer, "send"> },
  from: { readonly clock: Clock; readonly ssrc: number; readonly cname: string },
  ended: (reason: string) => void,
): Publisher {
  const { publication, peer } = to;
  const { clock, ssrc } = from;
  const formats = startFormatTeller(publication);
  const pictures = startPictures(agreed.video.name);
  const times = createRtpClock(OPUS_CLOCK_RATE);
  const line = createLine();
  const stops = new Map<"report" | "tick" | "keyframe", () => void>();
  let state: "waiting" | "publishing" | "closed" = "waiting";
  let needsKeyframe = true;
  let isKeyframeWanted = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  let bad = 0;
  let goodInARow = 0;
  let rtcpCount = 0;
  let audioPts = Number.NEGATIVE_INFINITY;

  const later = (what: "report" | "tick" | "keyframe", ms: number, then: () => void) => {
    if (stops.has(what) || state !== "publishing") return;
    const run = () => {
      stops.delete(what);
      then();
    };
    stops.set(what, clock.after(ms, run));
  };

  const send = (packets: readonly RtcpPacket[]) => {
    // RFC 5506: feedback by itself is allowed where it was agreed, and every browser takes it.
    if (state === "publishing") peer.send(writeRtcp(packets));
  };

  const close = () => {
    if (state === "closed") return;
    // With the publisher's own SSRCs in it: libdatachannel, which OBS uses, finds the track of RTCP by them.
    const now = clock.now();
    send([
      { is: "receiver-report", ssrc, reports: tracks.flatMap(([, track]) => track.block(now) ?? []) },
      { is: "bye", ssrcs: [ssrc] },
    ]);
    state = "closed";
    for (const stop of stops.values()) stop();
    stops.clear();
  };
  const end = (reason: string) => {
    if (state !== "closed") ended(reason);
  };

  const askIfWanted = () => {
    const media = video.ssrc();
    if (!isKeyframeWanted || media === null || state !== "publishing") return;
    const waitMs = askedMs + KEYFRAME_MS - clock.now();
    if (waitMs <= 0) {
      askedMs = clock.now();
      send([{ is: "pli", sender: ssrc, media }]);
    }
    later("keyframe", waitMs > 0 ? waitMs : KEYFRAME_MS, askIfWanted);
  };

  /** Goes on asking until one is there. */
  const askForKeyframe = () => {
    isKeyframeWanted = true;
    askIfWanted();
  };

  const skipToKeyframe = () => {
    needsKeyframe = true;
    askForKeyframe();
  };

  const unreadable = (error: ProtocolError) => {
    goodInARow = 0;
    bad += 1;
    if (bad >= MAX_BAD_PICTURES) end(`${bad} pictures could not be read, the last one: ${error.message}`);
    else skipToKeyframe();
  };

  const writeFrame = ({ timestamp, payloads, arrivedAtMs }: WholeFrame) => {
    try {
      const picture = pictures(payloads);
      goodInARow += 1;
      if (goodInARow >= MAX_BAD_PICTURES) bad = 0;
      const pts = times.place("video", timestamp, arrivedAtMs);
      if (picture === null) return;
      const { units, isKeyframe, format } = picture;
      if (format === null || (needsKeyframe && !isKeyframe)) {
        skipToKeyframe();
        return;
      }
      needsKeyframe = false;
      if (isKeyframe) isKeyframeWanted = false;
      formats.video(format, pts, isKeyframe);
      publication.write({ kind: "video", pts, dts: pts, isKeyframe, units, arrivedAtMs });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      unreadable(error);
    }
  };

  const writeSound = ({ packet, arrivedAtMs }: InOrder) => {
    const { payload, timestamp } = packet;
    if (payload.length === 0) return;
    const pts = times.place("audio", timestamp, arrivedAtMs);
    if (pts <= audioPts) return; // moved back beside the picture: what would be heard twice is left out
    audioPts = pts;
    formats.audio({ codec: "opus", sampleRate: OPUS_CLOCK_RATE, channels: 2, config: new Uint8Array(0) });
    publication.write({ kind: "audio", pts, payload, arrivedAtMs });
  };

  const startFrames = () => createFrames({ frame: writeFrame, broken: skipToKeyframe });
  let frames = startFrames();

  const againMs = () => Math.max(MIN_AGAIN_MS, line.rttMs() ?? 0);
  const video = createTrack({
    payloadType: agreed.video.codec.payloadType,
    rtxType: agreed.video.rtx?.payloadType ?? null,
    clockRate: 90_000,
    waitMs: () => Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, 2.5 * (line.rttMs() ?? 0))),
    againMs,
    packet: (packet) => frames.take(packet),
    restarted() {
      frames = startFrames();
      times.startAnew("video");
      skipToKeyframe();
    },
  });
  const audio =
    agreed.audio === null
      ? null
      : createTrack({
          payloadType: agreed.audio.codec.payloadType,
          rtxType: null,
          clockRate: OPUS_CLOCK_RATE,
          waitMs: () => AUDIO_WAIT_MS,
          againMs,
          packet: writeSound,
          restarted() {
            times.startAnew("audio");
            audioPts = Number.NEGATIVE_INFINITY;
          },
        });
  const tracks: readonly (readonly [TrackName, Track])[] =
    audio === null
      ? [["video", video]]
      : [
          ["video", video],
          ["audio", audio],
        ];

  const tick = () => {
    const now = clock.now();
    for (const [name, track] of tracks) {
      const lost = track.tick(now);
      const media = track.ssrc();
      if (lost.length > 0 && media !== null && name === "video") {
        send([{ is: "nack", sender: ssrc, media, lost }]);
      }
    }
    if (tracks.some(([, track]) => track.hasHoles())) later("tick", TICK_MS, tick);
  };

  const report = () => {
    const now = clock.now();
    rtcpCount = 0;
    line.sample(video.counts(), now);
    const media = video.ssrc();
    send([
      { is: "receiver-report", ssrc, reports: tracks.flatMap(([, track]) => track.block(now) ?? []) },
      { is: "source-description", ssrc, cname: from.cname },
      {
        is: "remb",
        sender: ssrc,
        bitsPerSecond: MAX_BITS_PER_SECOND,
        ssrcs: media === null ? [] : [media],
      },
      { is: "reference-time", ssrc, ntp: line.now(now) },
    ]);
    later("report", REPORT_MS, report);
  };

  const hear = (packet: RtcpPacket) => {
    const now = clock.now();
    switch (packet.is) {
      case "sender-report":
        for (const [name, track] of tracks) {
          if (track.senderReport(packet.ssrc, packet.ntp, now)) {
            times.report(name, packet.rtpTimestamp, wallMsOf(packet.ntp));
          }
        }
        return;
      case "reference-delay":
        for (const { ssrc: about, lastTime, delay } of packet.reports) {
          if (about === ssrc) line.answered(lastTime, delay, now);
        }
        return;
      case "bye":
        if (packet.ssrcs.some((one) => one === video.ssrc())) end("the publisher said goodbye");
    }
  };

  /** The one place where a peer's mistake ends its connection. */
  const guarded = (step: () => void) => {
    if (state !== "publishing") return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      end(error.message);
    }
  };

  return {
    start() {
      if (state !== "waiting") return;
      state = "publishing";
      report();
    },
    rtp(bytes) {
      guarded(() => {
        const now = clock.now();
        const [, track] = tracks.find(([, one]) => one.take(bytes, now)) ?? [];
        if (track?.hasHoles()) tick();
      });
    },
    rtcp(bytes) {
      rtcpCount += 1;
      if (rtcpCount > MAX_RTCP_PER_REPORT) {
        end(`more than ${MAX_RTCP_PER_REPORT} RTCP packets in ${REPORT_MS} ms`);
        return;
      }
      guarded(() => {
        for (const packet of parseRtcp(bytes)) hear(packet);
      });
    },
    requestKeyframe: askForKeyframe,
    link: () => line.state(),
    close,
  };
}

function wallMsOf({ seconds, fraction }: NtpTime): number {
  return seconds * 1000 + (fraction / 2 ** 32) * 1000 - NTP_EPOCH_MS;
}
