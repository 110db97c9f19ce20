import { createHash } from "node:crypto";
import type { StreamStatus } from "@colourstream/contract";
import type { OmeTrack, StreamFacts } from "./answers.js";

const LONG_GOP_SECONDS = 2; // as the embedded engine warns

/** One publish: the same in every process, as nothing but what OvenMediaEngine says goes into it. */
export function takeOf(stream: string, { input }: Pick<StreamFacts, "input">): string {
  return createHash("sha256").update(`${stream} ${input.createdTime}`).digest("base64url").slice(0, 22);
}

/** What is known of a publish besides OvenMediaEngine's own words. */
export type LiveFacts = {
  readonly take: string;
  readonly isStalled: boolean;
  readonly viewers: number;
  /** The encoder's name, as far as it tells any. */
  readonly encoder: string | null;
};

/**
 * What people may know of a stream. OvenMediaEngine says nothing of colour, profile and bit depth, nor of the line:
 * those are empty, 0 or null.
 */
export function statusOf({ input }: StreamFacts, live: LiveFacts): StreamStatus {
  const video = videoOf(input.tracks);
  const hasPicture = input.tracks.some((track) => track.video !== undefined);
  const audio = audioOf(input.tracks);
  const hasSound = input.tracks.some((track) => track.audio !== undefined);
  const hasReordered = input.tracks.some((track) => track.video?.hasBframes === true);
  const gopSeconds =
    video?.frameRate != null && video.gopFrames !== null ? video.gopFrames / video.frameRate : null;
  return {
    take: live.take,
    state: live.isStalled ? "stalled" : "live",
    sinceAt: sinceOf(input.createdTime),
    source: sourceOf(input.sourceType, live.encoder),
    video,
    audio,
    sound: audio !== null ? "ok" : hasSound ? "unsupported" : "none-sent",
    viewers: live.viewers,
    link: null,
    warnings: [
      ...(hasReordered ? (["b-frames"] as const) : []),
      ...(gopSeconds !== null && gopSeconds > LONG_GOP_SECONDS ? (["long-gop"] as const) : []),
      ...(hasPicture ? [] : (["no-video"] as const)),
    ],
    notices: hasPicture && video === null ? ["The picture comes in a codec that is not described here."] : [],
  };
}

/**
 * Its protocol, as takes are noted; null: no encoder's. REST, webhooks and the documentation differ in large and small
 * letters.
 */
export function protocolOf(sourceType: string): "rtmp" | "srt" | "whip" | null {
  switch (sourceType.toLowerCase()) {
    case "rtmp":
      return "rtmp"; // over TLS too: the proxy in front has ended that
    case "srt":
      return "srt";
    case "webrtc":
      return "whip";
    default:
      return null;
  }
}

/** When it began, ms since 1970. */
export function sinceOf(createdTime: string): number {
  const at = Date.parse(createdTime);
  return Number.isNaN(at) ? 0 : at;
}

/** The address out of TCP://192.0.2.1:50762; null: it says none. */
export function addressOf({ input }: StreamFacts): string | null {
  const [, bracketed, plain] =
    /^[a-z]+:\/\/(?:\[([0-9a-f:.]+)\]|([^:/[\]]+))(?::\d+)?/i.exec(input.sourceUrl ?? "") ?? [];
  return bracketed ?? plain ?? null;
}

function sourceOf(sourceType: string, encoder: string | null): StreamStatus["source"] {
  const protocol = protocolOf(sourceType);
  return protocol === null ? null : { protocol, encoder };
}

const VIDEO_CODECS: Readonly<Record<string, "h264" | "h265" | "av1" | "vp9">> = {
  H264: "h264",
  H265: "h265",
  HEVC: "h265",
  AV1: "av1",
  VP9: "vp9",
};

function videoOf(tracks: readonly OmeTrack[]): StreamStatus["video"] {
  const video = tracks.find((track) => track.video !== undefined)?.video;
  const codec = VIDEO_CODECS[video?.codec.toUpperCase() ?? ""];
  if (video === undefined || codec === undefined) return null;
  const rate = video.framerateLatest || video.framerate || 0;
  const gop = video.keyFrameIntervalLatest ?? 0; // the mean counts the first keyframe as an interval of one
  return {
    codec,
    profile: "",
    width: Math.round(video.width ?? 0),
    height: Math.round(video.height ?? 0),
    frameRate: rate > 0 ? Math.round(rate * 1_000) / 1_000 : null,
    bitDepth: 0,
    chroma: "",
    gopFrames: gop > 0 ? Math.round(gop) : null,
    reorderFrames: video.hasBframes === true ? 1 : 0,
    colour: null,
    bitsPerSecond: Math.round(video.bitrateLatest || video.bitrate || 0),
  };
}

function audioOf(tracks: readonly OmeTrack[]): StreamStatus["audio"] {
  const audio = tracks.find((track) => track.audio !== undefined)?.audio;
  const codec = audio?.codec.toUpperCase();
  if (audio === undefined || (codec !== "AAC" && codec !== "OPUS")) return null;
  return {
    codec: codec === "AAC" ? "aac" : "opus",
    sampleRate: Math.round(audio.samplerate ?? 0),
    channels: Math.round(audio.channel ?? 0),
    bitsPerSecond: Math.round(audio.bitrateLatest || audio.bitrate || 0),
  };
}
