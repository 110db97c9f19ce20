import type { ReviewRoom } from "@colourstream/contract";
import type { Line } from "../../../live/line.js";
import type { Presence } from "../../../live/presence.js";
import type { Layout } from "../panel/view.js";
import type { RoomPlayer } from "../use-player.js";
import { RoomCall } from "./room-call.js";
import { useRoomCall } from "./use-room-call.js";
import { useViewingReport } from "./use-viewing-report.js";

/** What the call's part of the room gets from it. */
export type CallLayerProps = {
  review: ReviewRoom;
  line: Line;
  presence: Presence;
  player: RoomPlayer;
  /** Where the call's bar goes, by a portal: in the row of controls, between the picture's and the panel's. */
  bar: HTMLElement;
  /**
   * Where the filmstrip is docked, by a portal; it takes no room while it is empty. Null in the layout "picture only":
   * there the filmstrip floats over the picture.
   */
  strip: HTMLElement | null;
  layout: Layout;
  /** Gives the call a place beside the picture, where it has none. */
  onPlace: () => void;
};

/** The call in the room: everybody's voices, the talk bar, the filmstrip. Loaded after the picture. */
export function CallLayer(props: CallLayerProps) {
  const { review, line, presence, player } = props;
  useViewingReport(line, player);
  const ports = useRoomCall({ review, line, presence });
  return ports === null ? null : <RoomCall {...props} ports={ports} />;
}
