import type { Viewing } from "@colourstream/contract";
import { useEffect, useRef } from "react";
import type { Line } from "../../../live/line.js";
import type { RoomPlayer } from "../use-player.js";
import { viewingOf } from "./viewing.js";

const SAY_EVERY_MS = 2_000; // as often as the room is told of it

/** Tells the room how its picture reaches this screen: every 2 s while there is one, once when there is none. */
export function useViewingReport(line: Line, { measured, way }: RoomPlayer) {
  const now = useRef<Viewing | null>(null);
  useEffect(() => {
    now.current = viewingOf(way, measured);
  });
  useEffect(() => {
    let hasSaid = false;
    const report = () => {
      const viewing = now.current;
      if (viewing === null && !hasSaid) return;
      hasSaid = line.say({ type: "presence.viewing", viewing }) && viewing !== null;
    };
    const timer = setInterval(report, SAY_EVERY_MS);
    const stop = line.onLink(() => {
      hasSaid = false; // a new connection knows nothing of it
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [line]);
}
