import type { StreamStatus } from "@colourstream/contract";
import { useEffect, useState } from "react";
import type { Link } from "../../live/realtime.js";
import type { ViewerState } from "../../player/viewer.js";
import type { Way } from "../../player/ways.js";
import { gentleWords } from "../../signal/viewer-words.js";

const GENTLE_FOR_MS = 8_000; // a hint, not a fault: it goes by itself and stays in the signal panel
const LINK_DOWN_AFTER_MS = 4_000;

/** A line over the last picture: what has happened, and that nothing needs to be done. */
export function Banner({
  viewer,
  way,
  stream,
  link,
}: {
  viewer: ViewerState;
  /** How the picture on screen comes; null without one. */
  way: Way | null;
  stream: StreamStatus | null;
  link: Link;
}) {
  const isLinkDown = useLasting(link.is === "down", LINK_DOWN_AFTER_MS);
  const hasPicture = way !== null;
  const gentle = gentleWords(stream?.warnings ?? [], way);
  const isGentleOver = useLasting(gentle !== null && viewer.is === "live", GENTLE_FOR_MS);
  const text = hasPicture ? words(viewer, stream) : null;
  const said =
    text ?? (hasPicture && !isGentleOver ? gentle : null) ?? (isLinkDown && !hasPicture ? NO_SERVER : null);
  return (
    <div className="cs-said" role="status" aria-live="polite" data-testid="banner">
      {said !== null && <p className="cs-said__text">{said}</p>}
    </div>
  );
}

const NO_SERVER = "No connection to ColourStream. It is tried again by itself.";

function words(viewer: ViewerState, stream: StreamStatus | null): string | null {
  switch (viewer.is) {
    case "stalled":
      return stream?.state === "interrupted"
        ? "The encoder has stopped. The picture goes on by itself when it returns."
        : "No new picture is arriving. It goes on by itself.";
    case "reconnecting":
      return "The connection was lost. Reconnecting…";
    default:
      return null;
  }
}

/** True once `is` has been true for so long. */
function useLasting(is: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    setLasts(false);
    if (!is) return;
    const timer = setTimeout(() => setLasts(true), ms);
    return () => clearTimeout(timer);
  }, [is, ms]);
  return lasts;
}
