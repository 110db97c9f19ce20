import { resized, type TileSize } from "./strip-place.js";

/** How somebody likes MiroTalk's page beside the picture: kept in their browser. */
export type FrameChoice = { readonly size: TileSize; readonly isHidden: boolean };

const KEY = "colourstream.call-frame";
const IN_CALL = "colourstream.call."; // with the room's id: this tab's only
const FIRST: FrameChoice = { size: "medium", isHidden: false };

/** What was kept, whatever stands there. */
export function parseFrameChoice(text: string): FrameChoice {
  const [size, hidden] = text.split(" ");
  if (size !== "small" && size !== "medium" && size !== "large") return FIRST;
  return { size, isHidden: hidden === "hidden" };
}

/** From the last time. */
export function readFrameChoice(): FrameChoice {
  return parseFrameChoice(read(() => localStorage, KEY));
}

/** For the next time, where the browser allows it. */
export function keepFrameChoice({ size, isHidden }: FrameChoice): void {
  write(() => localStorage, KEY, isHidden ? `${size} hidden` : size);
}

/** Whether this tab was in the room's call before it was loaded again. */
export function wasInCall(roomId: string): boolean {
  return read(() => sessionStorage, IN_CALL + roomId) === "in";
}

/** Keeps whether it is. */
export function keepInCall(roomId: string, isIn: boolean): void {
  write(() => sessionStorage, IN_CALL + roomId, isIn ? "in" : "");
}

/** One size more or less; at the end the same. */
export function frameResized(choice: FrameChoice, by: 1 | -1): FrameChoice {
  return { ...choice, size: resized(choice.size, by) };
}

// Asking for a storage that is switched off throws too.
function read(storage: () => Storage, key: string): string {
  try {
    return storage().getItem(key) ?? "";
  } catch (error) {
    if (error instanceof DOMException) return "";
    throw error;
  }
}

function write(storage: () => Storage, key: string, value: string): void {
  try {
    storage().setItem(key, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
