import type { ReviewRoom } from "@colourstream/contract";
import type { Chat } from "../../../live/chat.js";
import type { Presence } from "../../../live/presence.js";

/** The room's chat, inside the panel beside the picture. Not built yet. */
export function ChatPanel(_props: { review: ReviewRoom; presence: Presence; chat: Chat }) {
  return null;
}
