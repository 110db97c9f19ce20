import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import type { CallView } from "../../../conference/call.js";
import type { RoomCallPorts } from "./use-room-call.js";

/** The microphone as the bar, the keys and the small window work it. */
export type Mic = {
  /** Others hear it. */
  readonly isLive: boolean;
  /** The device is being opened. */
  readonly isOpening: boolean;
  /** It is open because a key or a finger holds it here. */
  readonly isHeld: boolean;
  /** It stays open by itself. */
  readonly isLatched: boolean;
  /** What elsewhere holds it open: "phone", "button"; null: nothing. */
  readonly by: string | null;
  readonly isSuite: boolean;
  /** Beside loudspeakers: whether it is really to stay open. */
  readonly asksToLatch: boolean;
  readonly toggle: () => void;
  readonly latch: (isOn: boolean) => void;
  readonly holdKey: (isDown: boolean) => void;
  readonly holdPointer: (isDown: boolean) => void;
};

/** One microphone, and all that opens it. Lives as long as the call. */
export function useMic(
  { call, talk }: RoomCallPorts,
  view: CallView,
  isSuite: boolean,
  isInWindowOfItsOwn: boolean,
): Mic {
  const will = useSyncExternalStore(talk.subscribe, talk.view);
  const isLive = view.self.sending.mic;
  useEffect(() => call.onRemotePress(talk.remote), [call, talk]);
  useEffect(() => talk.setSuite(isSuite), [talk, isSuite]);
  useEffect(() => talk.micIs(isLive), [talk, isLive]);
  useEffect(() => {
    if (isInWindowOfItsOwn) return; // there the button is held while the page is out of sight
    const leave = () => {
      if (document.hidden) talk.pageLeft();
    };
    document.addEventListener("visibilitychange", leave);
    return () => document.removeEventListener("visibilitychange", leave);
  }, [talk, isInWindowOfItsOwn]);

  const holdKey = useCallback((isDown: boolean) => (isDown ? talk.hold("key") : talk.release("key")), [talk]);
  const holdPointer = useCallback(
    (isDown: boolean) => (isDown ? talk.hold("pointer") : talk.release("pointer")),
    [talk],
  );
  const { isOpen, isLatched, heldBy, asksToLatch } = will;
  return useMemo(
    () => ({
      isLive,
      isOpening: isOpen && !isLive,
      isHeld: heldBy.includes("key") || heldBy.includes("pointer"),
      isLatched,
      by: heldBy.find((source) => source === "phone" || source === "button") ?? null,
      isSuite,
      asksToLatch,
      toggle: talk.toggle,
      latch: talk.latch,
      holdKey,
      holdPointer,
    }),
    [isLive, isOpen, isLatched, heldBy, isSuite, asksToLatch, talk, holdKey, holdPointer],
  );
}
