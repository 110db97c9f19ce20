import type { CallEnd } from "@colourstream/contract";
import type { DeviceProblem } from "../../../conference/devices.js";
import type { Protection } from "../../../conference/protection.js";

/** What somebody can send. */
export type Sent = "mic" | "camera" | "screen";

const NAMES: Record<Sent, string> = { mic: "microphone", camera: "camera", screen: "screen" };

/** Why a device did not open, and what to do about it. Null: there is nothing to say. */
export function problemWords(device: Sent, why: DeviceProblem): string | null {
  const name = NAMES[device];
  switch (why) {
    case "not-allowed":
      // Closing the browser's list of windows is no refusal to be mended.
      if (device === "screen") return null;
      return `Your browser keeps the ${name} from this page. Allow it beside the address, then try again.`;
    case "not-found":
      return `No ${name} was found. Connect one, then try again.`;
    case "in-use":
      return `Another program uses the ${name}. Close it there, then try again.`;
    case "insecure":
      return `Browsers give the ${name} only to pages whose address begins with https. Ask whoever runs ColourStream for such an address.`;
    case "failed":
      return device === "screen"
        ? "The screen could not be shared. Try again, or choose another window."
        : `The ${name} did not start. Unplug it and plug it in again, or choose another in the settings.`;
  }
}

/** Why we are not in the call, and whether anything is to be done. Null: by our own will. */
export function endWords(end: CallEnd | null): string | null {
  switch (end) {
    case "full":
      return "The call is full. You can watch and write, and you join by yourself when there is a place.";
    case "elsewhere":
      return "You are in the call in another window now.";
    case "away":
      return "The video conference does not answer. You can watch and write; it is tried again by itself.";
    case "lost":
      return "The connection to the call was lost.";
    case "removed":
    case "left":
    case null:
      return null;
  }
}

/** What the call leaves out so that the programme's picture stays whole. Null: nothing. */
export function protectionWords(level: Protection): string | null {
  switch (level) {
    case 0:
      return null;
    case 1:
      return "Your line is busy: cameras are smaller and shared screens are off, so that the picture stays whole.";
    case 2:
      return "Your line is busy: cameras are off, so that the picture stays whole.";
  }
}

/** The same in short, once it was read. */
export function protectionShort(level: Protection): string | null {
  return level === 0
    ? null
    : level === 1
      ? "Cameras smaller, for the picture"
      : "Cameras off, for the picture";
}

/** What the label over the picture says while the microphone is open. */
export function liveWords({ isSide, by }: { readonly isSide: boolean; readonly by: string | null }): {
  readonly title: string;
  readonly note: string | null;
} {
  const notes = [isSide ? "to client’s side" : null, by === null ? null : byWords(by)];
  const said = notes.filter((note) => note !== null);
  return { title: "MIC LIVE", note: said.length === 0 ? null : said.join(", ") };
}

/** Who opened the microphone from elsewhere: `call.talk` says "phone" or "button". */
export function byWords(by: string): string {
  if (by === "phone") return "by phone";
  if (by === "button") return "by button";
  return `by ${by}`;
}

/** What a screen reader says when the microphone opens or closes. */
export function micNews(isLive: boolean, isSide: boolean): string {
  if (!isLive) return "Microphone off";
  return isSide ? "Microphone on, to the client’s side only" : "Microphone on";
}

/** The connection to one of the others, in a word. Null: it is as it should be. */
export function linkWords(link: {
  readonly is: "connecting" | "connected" | "interrupted";
  readonly way: "direct" | "relay" | null;
  readonly lossPercent: number | null;
}): string | null {
  if (link.is === "connecting") return "Connecting";
  if (link.is === "interrupted") return "Interrupted";
  if (link.lossPercent !== null && link.lossPercent >= 5) return "Poor line";
  return link.way === "relay" ? "Relayed" : null;
}
