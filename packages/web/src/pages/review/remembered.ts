import type { WayChoice } from "../../player/ways.js";
import { FIRST_VIEW, type RoomView, viewAsText, viewFromText } from "./panel/view.js";

const NAME = "colourstream.name";
const INVITED = "colourstream.invited";
const WAY = "colourstream.way";
const LAYOUT = "colourstream.layout";
const VIEW = "colourstream.view."; // with the room's id: this tab's only
const HAND = "colourstream.hand.";

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
  return way === "webrtc" || way === "universal" || way === "hls" ? way : "auto";
}

/** Keeps how the picture is to come. */
export function rememberWay(choice: WayChoice) {
  write(WAY, choice);
}

/** How the room was laid out: in this tab before it was loaded again, else as chosen the last time. */
export function rememberedView(roomId: string): RoomView {
  const text = read(VIEW + roomId, ofThisTab) || read(LAYOUT);
  return viewFromText(text) ?? FIRST_VIEW;
}

/** Keeps the layout: for this tab and room, and what was chosen by hand for the next time too. */
export function rememberView(roomId: string, view: RoomView, isChosen: boolean) {
  write(VIEW + roomId, viewAsText(view), ofThisTab);
  if (isChosen) write(LAYOUT, viewAsText(view));
}

/** Whether one's hand was up in this tab before it was loaded again. */
export function rememberedHand(roomId: string): boolean {
  return read(HAND + roomId, ofThisTab) === "up";
}

/** Keeps whether one's hand is up. */
export function rememberHand(roomId: string, isUp: boolean) {
  write(HAND + roomId, isUp ? "up" : "", ofThisTab);
}

// Asking for a storage that is switched off throws too.
const lasting = () => localStorage;
const ofThisTab = () => sessionStorage;

function read(key: string, storage: () => Storage = lasting): string {
  try {
    return storage().getItem(key) ?? "";
  } catch (error) {
    if (error instanceof DOMException) return "";
    throw error;
  }
}

function write(key: string, value: string, storage: () => Storage = lasting) {
  try {
    storage().setItem(key, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
