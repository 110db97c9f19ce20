import type { StreamStatus } from "@colourstream/contract";

/** Why viewers hear nothing; null when sound is fine. */
export function soundWords(sound: StreamStatus["sound"]): string | null {
  switch (sound) {
    case "ok":
      return null;
    case "none-sent":
      return "The encoder sends no sound.";
    case "codec-missing":
      return "The server has no AAC codec installed, so sound cannot be passed on. The picture is not affected.";
    case "restarting":
      return "Sound is restarting.";
    case "unsupported":
      return "The encoder sends sound in a form that cannot be passed on. Stereo AAC or Opus works.";
  }
}

/** The same warning as a viewer should read it; null when it is none of their business, or harms none of their picture. */
export function gentleWords(
  warnings: StreamStatus["warnings"],
  way: "webrtc" | "universal" | "hls" | null,
): string | null {
  if (warnings.includes("b-frames") && way === "webrtc") {
    return "The picture may not be smooth: the encoder sends B-frames. The colourist can switch them off.";
  }
  return null;
}
