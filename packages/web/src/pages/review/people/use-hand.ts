import { useCallback, useEffect, useRef, useState } from "react";
import { createHand, type Hand } from "../../../live/hand.js";
import type { Line } from "../../../live/line.js";
import type { Presence } from "../../../live/presence.js";
import { rememberedHand, rememberHand } from "../remembered.js";

/** One's own hand in the room. `onLowered`: a host has taken it down. */
export function useHand(roomId: string, line: Line, presence: Presence, onLowered: () => void) {
  const [isUp, setUp] = useState(() => rememberedHand(roomId));
  const hand = useRef<Hand | null>(null);
  const latest = useRef(onLowered);
  useEffect(() => {
    latest.current = onLowered;
  });
  useEffect(() => {
    const made = createHand({
      line,
      wasUp: rememberedHand(roomId),
      onChange(next, byHost) {
        rememberHand(roomId, next);
        setUp(next);
        if (byHost) latest.current();
      },
    });
    hand.current = made;
    return () => {
      hand.current = null;
      made.close();
    };
  }, [roomId, line]);

  const own = presence.people.find(({ id }) => id === presence.you);
  // After every news of the room: what the hand looks like may be the same, and yet be told for the first time.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `presence` is the news
  useEffect(() => {
    if (own !== undefined) hand.current?.told(own.handAt !== null);
  }, [presence]);
  const toggle = useCallback(() => hand.current?.set(!hand.current.isUp()), []);
  return { isUp, toggle };
}
