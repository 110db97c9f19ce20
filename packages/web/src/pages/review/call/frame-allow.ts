import type { SeatRole } from "@colourstream/contract";

const ALL = [
  "camera",
  "microphone",
  "display-capture",
  "fullscreen",
  "autoplay",
  "clipboard-read",
  "clipboard-write",
  "speaker-selection",
  "picture-in-picture",
] as const;
/** MiroTalk joins as a listener where it gets no device: an observer's is given none. */
const LISTENING: readonly string[] = ["fullscreen", "autoplay", "speaker-selection", "picture-in-picture"];

/** What MiroTalk's page may do in its frame: each by its own origin alone, wherever the frame is led. */
export function frameAllow(url: string, role: SeatRole): string {
  const { origin } = new URL(url);
  return ALL.filter((feature) => role !== "observer" || LISTENING.includes(feature))
    .map((feature) => `${feature} ${origin}`)
    .join("; ");
}
