import type { VideoCodec } from "../../hub/access-unit.js";
import type { Clock } from "../../hub/clock.js";
import { isVideo } from "../../hub/frame.js";
import type { Reader } from "../../hub/reader.js";
import type { Stream } from "../../hub/stream.js";
import type { Peer } from "../../transport/peer.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { parseRtcp, type RtcpPacket } from "../../wire/rtp/rtcp.js";
import { ntpTime, writeRtcp } from "../../wire/rtp/rtcp-write.js";
import { createHistory } from "./history.js";
import { createPacer, LIVE_PACKETS_PER_MS } from "./pacer.js";
import type { PacketRing, SharedVideo } from "./packet-ring.js";
import { createTrackSender, type SendTrack, type TrackSender } from "./sender.js";
import { createVideoFeed } from "./video-feed.js";

/** A cached GOP goes at three times the stream's rate: a line that carries the stream mostly carries that too. */
const CACHED_RATE = 3;
const MIN_CACHED_PACKETS_PER_MS = 4;

/** A viewer that asks for keyframes gets the GOP again at most so often, half as often each further time. */
const REPLAY_MS = 500;
const MAX_REPLAY_MS = 8000;
/** After so long without one the first step holds again. */
const REPLAY_CALM_MS = 10_000;

/** A viewer that joins so many pictures after the last keyframe gets a new one, where the encoder can be asked. */
const LONG_GOP_FRAMES = 60;

/** A stream that gave a picture within this is live. */
const LIVE_MS = 1000;

/** RFC 3550 §6.2 allows a fixed interval; one second keeps picture and sound together from the start. */
const REPORT_MS = 1000;

/**
 * A viewer that says nothing while it is sent to is not there (RFC 7675's aim, sooner). Looked at once a second: the
 * sending stops within 15 s.
 */
const SILENT_MS = 14_000;

/** After the take's end a viewer waits for the next one so long. */
const WAIT_FOR_TAKE_MS = 10 * 60_000;

/** Browsers send under 50 RTCP packets a second; more than this is no viewer. */
const MAX_RTCP_PER_SECOND = 5000;

/** What the viewer and we agreed on. */
export type ViewerTracks = {
  readonly codec: VideoCodec;
  readonly video: SendTrack;
  readonly audio: SendTrack | null;
  readonly cname: string;
};

/** What a viewer tells of itself. */
export type ViewerCallbacks = {
  /** It must be closed: the codec changed, it went silent, it left. */
  ended(reason: string): void;
};

/** One viewer of one stream: takes from readers, gives to a peer. */
export type Viewer = {
  /** The peer is connected. */
  start(): void;
  rtcp(packet: Uint8Array): void;
  /** Says goodbye if it can and lets go of everything. */
  close(): void;
};

export function createViewer(
  to: { readonly stream: Stream; readonly ring: PacketRing; readonly peer: Pick<Peer, "send"> },
  tracks: ViewerTracks,
  from: { readonly clock: Clock; readonly randomU32: () => number },
  callbacks: ViewerCallbacks,
): Viewer {
  const { stream, ring, peer } = to;
  const { clock } = from;
  const open = (track: SendTrack) =>
    createTrackSender(track, peer.send, { sequence: from.randomU32(), timestamp: from.randomU32() });
  const video = open(tracks.video);
  const audio = tracks.audio === null ? null : open(tracks.audio);
  const history = createHistory(ring, video);
  const pacer = createPacer(clock);

  let state: "waiting" | "watching" | "closed" = "waiting";
  let readers: { video: Reader; audio: Reader | null } | null = null;
  let sending: { of: SharedVideo; time: number; isCached: boolean; at: number } | null = null;
  let replay = { lastMs: Number.NEGATIVE_INFINITY, intervalMs: REPLAY_MS };
  let liveMs = Number.NEGATIVE_INFINITY;
  let keyframeMs = Number.NEGATIVE_INFINITY;
  let heardMs: number | null = null;
  let sentToSinceMs: number | null = null;
  let rtcpCount = 0;
  let stopReport: (() => void) | null = null;
  let stopWaiting: (() => void) | null = null;

  const feed = createVideoFeed(() => {
    if (readers === null) throw new Error("fed before it started");
    return readers.video;
  });

  const end = (reason: string) => {
    if (state === "closed") return;
    close();
    callbacks.ended(reason);
  };

  const cachedRate = () =>
    Math.max(MIN_CACHED_PACKETS_PER_MS, (CACHED_RATE * stream.bitsPerSecond()) / 8000 / 1200);

  /** Sends what pacing allows; gives false when it must go on later. */
  const sendPart = (part: NonNullable<typeof sending>): boolean => {
    const { of, time, isCached } = part;
    const isFast = !isCached || of.frame.unit.isKeyframe;
    const allowed = pacer.allowed(isFast ? LIVE_PACKETS_PER_MS : cachedRate());
    const until = Math.min(of.packets.length, part.at + allowed);
    if (until > part.at) pacer.spend(until - part.at);
    for (; part.at < until; part.at += 1) {
      const packet = of.packets[part.at];
      if (packet !== undefined) history.add(video.send(packet, time), of.first + part.at, time);
    }
    return part.at >= of.packets.length;
  };

  const drain = () => {
    while (state === "watching") {
      if (sending === null) {
        const fed = feed.next();
        if (fed === null) return;
        if (fed.frame.format.codec !== tracks.codec) {
          end(`the stream's codec is now ${fed.frame.format.codec}, this viewer agreed on ${tracks.codec}`);
          return;
        }
        stopWaiting?.();
        stopWaiting = null;
        if (!fed.isCached) liveMs = clock.now();
        if (fed.frame.unit.isKeyframe) keyframeMs = clock.now();
        sending = { of: ring.video(fed.frame), time: fed.time, isCached: fed.isCached, at: 0 };
      }
      if (!sendPart(sending)) {
        pacer.later(drain);
        return;
      }
      sending = null;
    }
  };

  const drainAudio = () => {
    const reader = readers?.audio;
    if (reader == null || audio === null) return;
    for (let frame = reader.read(); frame !== null; frame = reader.read()) {
      if (isVideo(frame)) continue;
      const shared = ring.audio(frame);
      if (shared !== null) audio.send(shared.packet, shared.samples);
    }
  };

  /** By a keyframe of the encoder's, or where it cannot be asked by the pictures since the last one. */
  const refresh = () => {
    if (stream.requestKeyframe()) return;
    const now = clock.now();
    const since = now - replay.lastMs;
    if (since < replay.intervalMs || now - keyframeMs < REPLAY_MS) return;
    // While nothing comes in, old pictures would only be seen to jump back.
    if (now - liveMs > LIVE_MS) return;
    if (!feed.replay(stream.gop())) return;
    const intervalMs = since > REPLAY_CALM_MS ? REPLAY_MS : Math.min(MAX_REPLAY_MS, replay.intervalMs * 2);
    replay = { lastMs: now, intervalMs };
    drain();
  };

  const hear = (packet: RtcpPacket) => {
    switch (packet.is) {
      case "nack":
        if (packet.media === tracks.video.ssrc)
          history.repair(packet.lost, clock.now(), stream.bitsPerSecond());
        return;
      case "pli":
        if (packet.media === tracks.video.ssrc) refresh();
        return;
      case "fir":
        if (packet.requests.some((request) => request.ssrc === tracks.video.ssrc)) refresh();
        return;
      case "bye":
        end("the viewer said goodbye");
    }
  };

  const report = () => {
    const now = clock.now();
    if (now - liveMs > LIVE_MS)
      sentToSinceMs = null; // nothing was sent that could be reported on
    else sentToSinceMs ??= now;
    if (now - (heardMs ?? sentToSinceMs ?? now) >= SILENT_MS) {
      end("no report from the viewer for 14 s");
      return;
    }
    rtcpCount = 0;
    const { ticks, samples, wallMs } = ring.timeAt(now);
    const about: [TrackSender | null, SendTrack | null, number][] = [
      [video, tracks.video, ticks],
      [audio, tracks.audio, samples],
    ];
    const packets = about.flatMap(([sender, track, time]): RtcpPacket[] => {
      if (sender === null || track === null || sender.packets() === 0) return [];
      return [
        {
          is: "sender-report",
          ssrc: track.ssrc,
          ntp: ntpTime(wallMs),
          rtpTimestamp: sender.rtpTime(time),
          packets: sender.packets() % 2 ** 32,
          octets: sender.octets() % 2 ** 32,
          reports: [],
        },
        { is: "source-description", ssrc: track.ssrc, cname: tracks.cname },
      ];
    });
    if (packets.length > 0) peer.send(writeRtcp(packets));
    stopReport = clock.after(REPORT_MS, report);
  };

  const takeEnded = () => {
    stopWaiting ??= clock.after(WAIT_FOR_TAKE_MS, () => end("no new take for 10 minutes"));
  };

  function close(): void {
    if (state === "closed") return;
    const wasWatching = state === "watching";
    state = "closed";
    stopReport?.();
    stopWaiting?.();
    pacer.stop();
    readers?.video.close();
    readers?.audio?.close();
    sending = null;
    const ssrcs = [tracks.video.ssrc, ...(tracks.audio === null ? [] : [tracks.audio.ssrc])];
    if (wasWatching)
      peer.send(
        writeRtcp([
          { is: "receiver-report", ssrc: tracks.video.ssrc, reports: [] },
          { is: "bye", ssrcs },
        ]),
      );
  }

  return {
    start() {
      if (state !== "waiting") return;
      state = "watching";
      const audioReader =
        audio === null
          ? null
          : stream.read({
              tracks: "audio",
              audio: "opus",
              isViewer: false,
              wake: drainAudio,
              takeEnded: () => undefined,
            });
      const videoReader = stream.read({
        tracks: "video",
        audio: "opus",
        isViewer: true,
        wake: drain,
        takeEnded,
      });
      readers = { video: videoReader, audio: audioReader };
      const { gop } = videoReader;
      if (gop.length === 0 || gop.length > LONG_GOP_FRAMES) stream.requestKeyframe();
      feed.replay(gop);
      drain();
      stopReport = clock.after(0, report);
    },
    rtcp(bytes) {
      if (state !== "watching") return;
      rtcpCount += 1;
      if (rtcpCount > MAX_RTCP_PER_SECOND) {
        end(`more than ${MAX_RTCP_PER_SECOND} RTCP packets in a second`);
        return;
      }
      heardMs = clock.now();
      try {
        for (const packet of parseRtcp(bytes)) hear(packet);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        end(error.message);
      }
    },
    close,
  };
}
