import type { WayChoice } from "../../player/ways.js";

const NAME = "colourstream.name";
const INVITED = "colourstream.invited";
const WAY = "colourstream.way";

/** The name from the last time. Empty where storage is switched off. */
export function rememberedName(): string {
  return read(NAME);
}

/** Keeps the name for the next time, where the browser allows it. */
export function rememberName(name: string) {
  write(NAME, name);
}

/** The room that this browser came into last by an invitation: its id only, never the invitation's secret. */
export function rememberedInvitation(): string {
  return read(INVITED);
}

/** Keeps into which room an invitation led, so that its page can be loaded again without the secret. */
export function rememberInvitation(roomId: string) {
  write(INVITED, roomId);
}

/** How the picture is to come, as chosen by hand the last time. */
export function rememberedWay(): WayChoice {
  const way = read(WAY);
  return way === "webrtc" || way === "hls" ? way : "auto";
}

/** Keeps how the picture is to come. */
export function rememberWay(choice: WayChoice) {
  write(WAY, choice);
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch (error) {
    if (error instanceof DOMException) return "";
    throw error;
  }
}

function write(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
