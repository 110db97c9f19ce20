import { createPortal } from "react-dom";
import type { PeerView } from "../../../conference/call.js";
import { Picture } from "./tile.js";

/** Where a shared screen stands: beside the picture, over it, or folded away. */
export type SharePlace = "beside" | "over" | "hidden";

/** A screen that somebody shares: large, and never instead of the programme. */
export function ScreenShare({
  from,
  place,
  mayStandBeside,
  onPlace,
  room,
}: {
  from: PeerView;
  place: SharePlace;
  /** There is a place for it beside the picture. */
  mayStandBeside: boolean;
  onPlace: (place: SharePlace) => void;
  /** Over the picture it stands in the room itself, wherever it is drawn from. */
  room: HTMLElement | null;
}) {
  if (from.screen === null || place === "hidden") return null;
  const share = (
    <figure
      className={`cs-shown cs-shown--${place}`}
      data-testid="screen-share"
      aria-label={`${from.peer.name}’s screen`}
    >
      <Picture stream={from.screen} testId="tile-screen" name={from.peer.name} />
      <figcaption className="cs-shown__line">
        <span className="cs-tile__name">{from.peer.name}’s screen</span>
        {mayStandBeside && (
          <button
            type="button"
            className="cs-filmstrip__tool"
            onClick={() => onPlace(place === "over" ? "beside" : "over")}
            data-testid="share-place"
          >
            {place === "over" ? "Beside the picture" : "Over the picture"}
          </button>
        )}
        <button
          type="button"
          className="cs-filmstrip__tool"
          onClick={() => onPlace("hidden")}
          data-testid="share-hide"
        >
          Hide
        </button>
      </figcaption>
    </figure>
  );
  return place === "over" && room !== null ? createPortal(share, room) : share;
}
