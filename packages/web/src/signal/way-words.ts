import type { StreamStatus } from "@colourstream/contract";

type Video = NonNullable<StreamStatus["video"]>;

/** The ways as the viewer chooses between them. */
export const WAY_CHOICES = [
  { value: "auto", label: "Automatic" },
  { value: "webrtc", label: "Lowest delay (WebRTC)" },
  { value: "hls", label: "Most robust, a second or two later (HLS)" },
] as const;

/** How the picture comes, in a word. */
export function wayWords(way: "webrtc" | "hls" | null): string {
  return way === null ? "–" : way === "webrtc" ? "WebRTC" : "HLS";
}

/** Seconds to a tenth, such as "1.2 s". */
export function secondsWords(ms: number): string {
  return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
}

/** What stands on screen while the picture comes by HLS. */
export function delayedWords(latencyMs: number | null): string {
  return latencyMs === null ? "Delayed picture" : `Delayed picture: ${secondsWords(latencyMs)}`;
}

/** Why the picture comes later than it could; null when it does not, or nobody wants it otherwise. */
export function whyDelayedWords(
  way: "webrtc" | "hls" | null,
  choice: "auto" | "webrtc" | "hls",
  webrtc: "well" | "poorly" | "no",
): string | null {
  if (way !== "hls" || choice === "hls") return null;
  if (webrtc === "poorly") {
    return "The encoder sends B-frames, which browsers show only with this delay. The colourist can switch them off.";
  }
  if (webrtc === "no") {
    return "This browser shows the picture’s codec only with this delay. The colourist can choose H.264 instead.";
  }
  return "This network does not let the quicker way (WebRTC) through. It is tried again by itself now and then.";
}

const CODECS = { h264: "H.264", h265: "H.265 (HEVC)", av1: "AV1", vp9: "VP9" } as const;

/** A codec as people name it, with what is unusual in it: "10-bit 4:2:2 H.264". */
export function shortCodecWords({ codec, bitDepth, chroma }: Pick<Video, "codec" | "bitDepth" | "chroma">) {
  const unusual = [...(bitDepth === 8 ? [] : [`${bitDepth}-bit`]), ...(chroma === "4:2:0" ? [] : [chroma])];
  return [...unusual, CODECS[codec]].join(" ");
}

/** What somebody reads whose browser cannot show the stream: what it is, and who can do what about it. */
export function unplayableWords(video: Video): readonly string[] {
  const elsewhere =
    video.codec === "h265"
      ? "Open this page in Chrome, Edge or Safari on a computer that decodes H.265 in hardware."
      : "Open this page in a current Chrome, Edge or Safari on a computer.";
  return [
    `The picture is sent as ${shortCodecWords(video)}, which this browser cannot show.`,
    `${elsewhere} Or ask the colourist to choose H.264 in the encoder.`,
  ];
}
