import type { PublishState, Refusal } from "./publisher.js";
import type { Sent } from "./sent.js";

/** Why a capture did not come about, for the person who asked for it. Null: they said no themselves. */
export function captureWords(error: unknown, source: "screen" | "camera"): string | null {
  const name = error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      if (source === "screen") return null; // closing the browser's own window is an answer, not a mistake
      return "The browser did not allow it. Allow camera and microphone for this page in the browser’s address bar, then try again.";
    case "NotFoundError":
      return "No camera was found. Connect one, then try again.";
    case "NotReadableError":
      return "Another program is using the camera or the screen cannot be read. Close the other program, then try again.";
    case "OverconstrainedError":
      return "The camera or microphone is no longer there. Choose another one.";
    default:
      return "The browser could not start the capture. Try again, or use another browser.";
  }
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  "already-live":
    "Another encoder is live in this room. Stop it first, or choose “Let this browser take over” and share again.",
  "not-allowed": "You may not publish into this room. Sign in again.",
  archived: "This room is archived. Restore it to share into it.",
  off: "WHIP is switched off on this server. The owner can switch it on under Settings.",
  "no-codec":
    "This browser cannot send a picture in a format that the server takes. Use a current Chrome, Edge, Safari or Firefox.",
};

/** Where it stands, in a sentence. */
export function stateWords(state: PublishState): string {
  switch (state.is) {
    case "starting":
      return "Connecting…";
    case "live":
      return "You are live. Everyone in the room sees this.";
    case "reconnecting":
      return "The connection was lost. Connecting again…";
    case "refused":
      return REFUSALS[state.why];
    case "ended":
      return state.by === "source"
        ? "The browser has ended the sharing. Nobody sees it any more."
        : "You have stopped sharing.";
  }
}

/** The line carries what was asked for, more or less: browsers call their slow start a limit too. */
const ENOUGH = 0.75;

/** What keeps the picture from being better than it is; null when nothing does. `asked` is the bit rate that was chosen. */
export function limitWords(sent: Sent, asked: number): string | null {
  switch (sent.limitedBy) {
    case "cpu":
      return "This computer is too busy to encode more: choose a smaller size, fewer frames or H.264.";
    case "bandwidth":
      if ((sent.targetBitsPerSecond ?? asked) >= ENOUGH * asked) return null;
      return "The connection does not carry more: use a cable, or choose a lower bit rate.";
    default:
      return null;
  }
}

const CODECS: Readonly<Record<string, string>> = { H264: "H.264", H265: "H.265", VP9: "VP9", AV1: "AV1" };

/** A codec as people write it. */
export function codecName(codec: string | null): string {
  return codec === null ? "–" : (CODECS[codec] ?? codec);
}
