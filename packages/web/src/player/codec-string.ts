import type { StreamStatus } from "@colourstream/contract";

type Video = NonNullable<StreamStatus["video"]>;

/** profile_idc and constraint flags (RFC 6381 §3.3; ITU-T H.264 §A.2). */
const H264_PROFILES: Readonly<Record<string, string>> = {
  "Constrained Baseline": "42e0",
  Baseline: "4200",
  Main: "4d40",
  Extended: "5800",
  High: "6400",
  "High Intra": "6410",
  "High 10": "6e00",
  "High 10 Intra": "6e10",
  "High 4:2:2": "7a00",
  "High 4:2:2 Intra": "7a10",
  "High 4:4:4 Predictive": "f400",
  "High 4:4:4 Predictive Intra": "f410",
  "CAVLC 4:4:4 Intra": "2c00",
};

/** Up to 1080p at 60 frames a second, up to 2160p at 60, and above: the level that a decoder must have for that. */
const LEVELS = {
  h264: ["2a", "34", "3e"], // 4.2, 5.2, 6.2
  h265: ["123", "156", "186"], // 30 times 4.1, 5.2, 6.2
  av1: ["09", "13", "19"], // 4.1, 5.1, 6.3 (AV1 codec mapping §5)
  vp9: ["41", "51", "61"],
} as const;

/**
 * A stream's codec as browsers are asked about it (RFC 6381; ISO/IEC 14496-15 Annex E; the AV1 and VP9 mappings to
 * ISO media). The level is the one that its size calls for: what its encoder wrote may be larger than needed.
 */
export function codecString(video: Video): string {
  const pixels = video.width * video.height;
  const size = pixels <= 1920 * 1088 ? 0 : pixels <= 4096 * 2304 ? 1 : 2;
  const depth = String(video.bitDepth).padStart(2, "0");
  switch (video.codec) {
    case "h264":
      return `avc1.${H264_PROFILES[video.profile] ?? "6400"}${LEVELS.h264[size]}`;
    case "h265":
      return `hvc1.${h265Profile(video)}.L${LEVELS.h265[size]}.B0`;
    case "av1":
      return `av01.${av1Profile(video)}.${LEVELS.av1[size]}M.${depth}`;
    case "vp9":
      return `vp09.0${vp9Profile(video)}.${LEVELS.vp9[size]}.${depth}`;
  }
}

/** general_profile_idc and its compatibility flags, least significant bit first (ISO/IEC 14496-15 §E.3). */
function h265Profile({ bitDepth, chroma }: Video): string {
  if (chroma !== "4:2:0" || bitDepth > 10) return "4.10";
  return bitDepth > 8 ? "2.4" : "1.6";
}

function av1Profile({ bitDepth, chroma }: Video): number {
  if (chroma === "4:2:2" || bitDepth > 10) return 2;
  return chroma === "4:4:4" ? 1 : 0;
}

/** VP9 bitstream §7.2: bit 0 for other than 4:2:0, bit 1 for more than 8 bits. */
export function vp9Profile({ bitDepth, chroma }: Pick<Video, "bitDepth" | "chroma">): number {
  return (chroma === "4:2:0" ? 0 : 1) + (bitDepth > 8 ? 2 : 0);
}
