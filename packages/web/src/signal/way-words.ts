import type { StreamStatus } from "@colourstream/contract";

type Way = "webrtc" | "universal" | "hls";
type Video = NonNullable<StreamStatus["video"]>;

/** The ways as the viewer chooses between them. */
export const WAY_CHOICES: readonly { readonly value: Way | "auto"; readonly label: string }[] = [
  { value: "auto", label: "Automatic" },
  { value: "webrtc", label: "Lowest delay (WebRTC)" },
  { value: "universal", label: "For every browser: re-encoded, colour tags are lost" },
  { value: "hls", label: "Most robust, a second or two later (HLS)" },
];

const WAYS: Readonly<Record<Way, string>> = {
  webrtc: "WebRTC",
  universal: "WebRTC, re-encoded",
  hls: "HLS",
};

/** How the picture comes, in a word. */
export function wayWords(way: Way | null): string {
  return way === null ? "–" : WAYS[way];
}

const RE_ENCODED = "Re-encoded picture";

/** What is to be known of it before anybody judges by it. */
export const RE_ENCODED_WARNING =
  "This is not the untouched picture: the server re-encodes it for every browser, and its colour tags are lost. Do not judge colour by it.";

/** Seconds to a tenth, such as "1.2 s". */
export function secondsWords(ms: number): string {
  return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
}

/** What stands on screen while the picture comes by HLS. */
export function delayedWords(latencyMs: number | null): string {
  return latencyMs === null ? "Delayed picture" : `Delayed picture: ${secondsWords(latencyMs)}`;
}

/** What stands beside the controls while the picture is late or not as it was sent; null: it is neither. */
export function badgeWords(way: Way | null, latencyMs: number | null): string | null {
  if (way === "universal") return RE_ENCODED;
  return way === "hls" ? delayedWords(latencyMs) : null;
}

/** Why the picture comes later than it could; null when it does not, or nobody wants it otherwise. */
export function whyDelayedWords(
  way: Way | null,
  choice: "auto" | Way,
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
  const unusual = [
    ...([0, 8].includes(bitDepth) ? [] : [`${bitDepth}-bit`]),
    ...(["", "4:2:0"].includes(chroma) ? [] : [chroma]),
  ];
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
