import type { StreamStatus } from "@colourstream/contract";
import { type Abilities, suitsOf } from "../../player/suits.js";
import type { Way } from "../../player/ways.js";
import type { CodecResult, ScreenResult } from "./results.js";

type Video = NonNullable<StreamStatus["video"]>;
type Kind = Pick<Video, "codec" | "profile" | "bitDepth" | "chroma"> & {
  readonly name: string;
  readonly isUsual?: true;
};

/** What encoders send, the usual first. */
const KINDS: readonly Kind[] = [
  { name: "H.264", codec: "h264", profile: "High", bitDepth: 8, chroma: "4:2:0", isUsual: true },
  { name: "H.264, 10-bit 4:2:2", codec: "h264", profile: "High 4:2:2", bitDepth: 10, chroma: "4:2:2" },
  { name: "H.264, 4:4:4", codec: "h264", profile: "High 4:4:4 Predictive", bitDepth: 8, chroma: "4:4:4" },
  { name: "H.265 (HEVC)", codec: "h265", profile: "Main", bitDepth: 8, chroma: "4:2:0" },
  { name: "H.265 (HEVC), 10-bit", codec: "h265", profile: "Main 10", bitDepth: 10, chroma: "4:2:0" },
  { name: "AV1", codec: "av1", profile: "Main", bitDepth: 8, chroma: "4:2:0" },
  { name: "AV1, 10-bit", codec: "av1", profile: "Main", bitDepth: 10, chroma: "4:2:0" },
  { name: "VP9", codec: "vp9", profile: "Profile 0", bitDepth: 8, chroma: "4:2:0" },
];

/** By which way this browser shows each kind of picture, at 1080p: asked, not tried. */
export function lookAtCodecs(abilities: Abilities): readonly CodecResult[] {
  return KINDS.map(({ name, isUsual = false, ...kind }) => {
    const video: Video = {
      ...kind,
      width: 1920,
      height: 1080,
      frameRate: 24,
      gopFrames: 24,
      reorderFrames: 0,
      colour: null,
      bitsPerSecond: 0,
    };
    const suits = suitsOf({ video, warnings: [] }, abilities, false);
    const byWebRtc: readonly Way[] = suits?.webrtc === "well" ? ["webrtc"] : [];
    return { name, isUsual, ways: suits?.hls === true ? [...byWebRtc, "hls"] : byWebRtc };
  });
}

/** Whether sound would start without a tap; null where the browser does not tell. */
export function lookAtSound(): boolean | null {
  const policy = (navigator as { getAutoplayPolicy?: (what: "mediaelement") => string }).getAutoplayPolicy;
  if (policy !== undefined) return policy.call(navigator, "mediaelement") === "allowed"; // Firefox
  if (navigator.userActivation?.hasBeenActive === true) return true;
  if (!("AudioContext" in window)) return null;
  const context = new AudioContext();
  const starts = context.state === "running";
  void context.close();
  return starts;
}

/** What the screen says of itself. */
export function lookAtScreen(): ScreenResult {
  return {
    width: window.screen.width,
    height: window.screen.height,
    pixelRatio: window.devicePixelRatio,
    isWideGamut: window.matchMedia("(color-gamut: p3)").matches,
  };
}
