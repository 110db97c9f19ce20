import type { Link, RefusedPublish, StreamStatus } from "@colourstream/contract";

/** What a warning means and what to do about it, for the colourist. */
export type Advice = { readonly title: string; readonly steps: readonly string[] };

const CODECS = { h264: "H.264", h265: "H.265", av1: "AV1", vp9: "VP9" } as const;

/** Codec, profile, depth and sampling, such as "H.264 High 4:2:2, 10-bit 4:2:2"; the codec alone where the engine tells no more. */
export function codecWords(video: NonNullable<StreamStatus["video"]>): string {
  if (video.bitDepth === 0) return CODECS[video.codec];
  return `${CODECS[video.codec]} ${video.profile}, ${video.bitDepth}-bit ${video.chroma}`;
}

/** Frames per second as editors write it: 23.976, 25, 59.94. */
export function frameRateWords(rate: number | null): string {
  if (rate === null) return "–";
  const nearest = KNOWN_RATES.find((known) => Math.abs(known - rate) / known < RATE_TOLERANCE);
  return `${nearest ?? Math.round(rate * 100) / 100} fps`;
}
const KNOWN_RATES = [23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94, 60];
const RATE_TOLERANCE = 0.0004; // below half of the 0.1 % between 24 and 23.976

/** Size and rate in a line, such as "1920 × 1080, 23.976 fps". */
export function sizeWords(video: NonNullable<StreamStatus["video"]>): string {
  const size = `${video.width} × ${video.height}`;
  return video.frameRate === null ? size : `${size}, ${frameRateWords(video.frameRate)}`;
}

/** A bit rate such as "18.4 Mbit/s"; "–" when unknown. */
export function bitRateWords(bitsPerSecond: number | null): string {
  if (bitsPerSecond === null) return "–";
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1_000)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

/** From one keyframe to the next, such as "every 24 frames, 1 s". */
export function gopWords(video: NonNullable<StreamStatus["video"]>): string {
  if (video.gopFrames === null) return "–";
  if (video.frameRate === null) return `every ${video.gopFrames} frames`;
  return `every ${video.gopFrames} frames, ${(video.gopFrames / video.frameRate).toFixed(1).replace(".0", "")} s`;
}

/** Where the stream comes from, in a line. */
export function sourceWords(source: StreamStatus["source"]): string {
  if (source === null) return "–";
  if (source.protocol === "test-signal") return "Test signal";
  const protocol = source.protocol.toUpperCase();
  return source.encoder === null ? protocol : `${source.encoder} over ${protocol}`;
}

/** A warning in plain words, with what to change. */
export function adviceFor(warning: StreamStatus["warnings"][number]): Advice {
  switch (warning) {
    case "b-frames":
      return {
        title: "The encoder sends B-frames. Viewers get the picture a second or two late.",
        steps: [
          "In OBS: Settings → Output → Streaming, set B-frames to 0 (x264: bframes=0; NVENC: Max B-frames 0).",
          "Tune: zerolatency. Look-ahead: off.",
        ],
      };
    case "long-gop":
      return {
        title: "Keyframes are far apart. Whoever joins, or loses a packet, waits for the next one.",
        steps: ["In OBS: Settings → Output → Streaming, set Keyframe interval to 1 s."],
      };
    case "untagged-colour":
      return {
        title: "The encoder does not say which colours it sends. Browsers assume BT.709, limited range.",
        steps: [
          "In OBS: Settings → Advanced → Video, set Colour space to Rec. 709 and Colour range to Limited.",
        ],
      };
    case "no-video":
      return {
        title: "The encoder is connected but sends no picture.",
        steps: ["In OBS: check that the scene has a source and that the video encoder has started."],
      };
    case "codec-not-in-webrtc":
      return {
        title: "Not every browser can show this codec, and some only a second or two late.",
        steps: [
          "In OBS: Settings → Output → Streaming, choose an H.264 encoder: every browser shows it at once.",
          "Viewers without it are told so. Chrome, Edge and Safari show H.265 on computers that decode it in hardware.",
        ],
      };
    case "latency-too-low":
      return {
        title:
          "The encoder’s SRT latency is too low for its line: packets that are lost cannot be sent again in time.",
        steps: [
          "In the encoder: set SRT’s latency to at least four times the round trip that is shown here.",
        ],
      };
  }
}

/** Why an encoder was turned away; what it should do next where the studio knows. */
export function refusedWords(refused: RefusedPublish): string {
  if (refused.reason === "already-live") {
    return "Another encoder tried to connect while one was live. It was turned away; the live picture was not touched.";
  }
  if (refused.reason === "archived") return `An encoder tried to connect. ${refused.detail}`;
  return refused.detail === "" ? `Reason: ${refused.reason}.` : refused.detail;
}

/** How the line from the encoder is doing, such as "24 ms there and back, 0.3 % sent again, nothing missing". */
export function linkWords({ rttMs, lostPercent, missingPercent }: Link): string {
  const parts = [
    ...(rttMs === null ? [] : [`${rttMs < 10 ? rttMs.toFixed(1) : Math.round(rttMs)} ms there and back`]),
    lostPercent === 0 ? "nothing lost on the way" : `${percentWords(lostPercent)} lost at the first try`,
    ...(missingPercent === 0
      ? lostPercent === 0
        ? []
        : ["all of it sent again in time"]
      : [`${percentWords(missingPercent)} missing: the picture was damaged`]),
  ];
  return parts.join(", ");
}

function percentWords(percent: number): string {
  if (percent < 0.1) return "under 0.1 %";
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** SRT's latency, and what it should be for this line; null: the protocol has none. */
export function latencyWords({ latencyMs, advisedLatencyMs }: Link): string | null {
  if (latencyMs === null) return null;
  if (advisedLatencyMs === null || advisedLatencyMs <= latencyMs) return `${Math.round(latencyMs)} ms`;
  return `${Math.round(latencyMs)} ms; should be at least ${Math.ceil(advisedLatencyMs / 10) * 10} ms for this line`;
}

/** Whether the picture comes in so that nobody on the way can watch; null where there is no way. */
export function encryptedWords({ source, link }: Pick<StreamStatus, "source" | "link">): string | null {
  if (source === null || source.protocol === "test-signal") return null;
  const isEncrypted = link?.isEncrypted ?? source.protocol === "rtmps";
  return isEncrypted ? "Yes" : "No: whoever is on the way can watch";
}

/** How long ago, coarsely: "just now", "12 min", "2 h 05 min". */
export function sinceWords(sinceAt: number, now: number): string {
  const minutes = Math.floor(Math.max(0, now - sinceAt) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** "1 viewer", "3 viewers", "no viewers". */
export function viewersWords(viewers: number): string {
  if (viewers === 0) return "no viewers";
  return viewers === 1 ? "1 viewer" : `${viewers} viewers`;
}
