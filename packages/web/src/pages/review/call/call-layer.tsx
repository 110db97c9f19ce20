import type { ReviewRoom } from "@colourstream/contract";
import type { Line } from "../../../live/line.js";
import type { Presence } from "../../../live/presence.js";
import type { RoomPlayer } from "../use-player.js";

/** What the call's part of the room gets from it. */
export type CallLayerProps = {
  review: ReviewRoom;
  line: Line;
  presence: Presence;
  player: RoomPlayer;
};

/** The call in the room: everybody's voices, the talk bar, the filmstrip. Loaded after the picture. Not built yet. */
export function CallLayer(_props: CallLayerProps) {
  return null;
}
