import type { ReviewRoom } from "@colourstream/contract";
import { useEffect, useState, useSyncExternalStore } from "react";
import { createFrameCall, type FrameCall, type FrameCallView } from "../../../conference/frame-call.js";
import { browserClock } from "../../../live/clock.js";
import type { Line } from "../../../live/line.js";
import type { Presence } from "../../../live/presence.js";
import { keepInCall, wasInCall } from "./frame-choice.js";

/**
 * The room's call at MiroTalk, for as long as the room is open; null at first. Nobody is in it by themselves: its page
 * asks for camera and microphone as soon as it opens. Who was in it before this page was loaded again is in it again.
 */
export function useFrameCall(
  { id: roomId }: Pick<ReviewRoom, "id">,
  line: Line,
  { people }: Presence,
): FrameCall | null {
  const [call, setCall] = useState<FrameCall | null>(null);
  useEffect(() => {
    const made = createFrameCall({ line, clock: browserClock });
    if (wasInCall(roomId)) made.join();
    const stop = made.subscribe(() => {
      const view = made.view();
      if (view.is === "joining") keepInCall(roomId, true);
      else if (view.is === "out" && view.ended !== "away") keepInCall(roomId, false);
    });
    setCall(made);
    return () => {
      stop(); // closing is no leaving: the page may be loaded again
      made.close();
      setCall(null);
    };
  }, [line, roomId]);

  // Somebody has left, or a host has come: the place may be ours now.
  const taken = people
    .filter((one) => one.call !== null)
    .map(({ id, isHost }) => `${id}${isHost}`)
    .join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: `taken` is when to try
  useEffect(() => {
    const view = call?.view();
    if (view?.is === "out" && view.ended === "full") call?.join();
  }, [call, taken]);
  return call;
}

/** What the call is now. */
export function useFrameCallView(call: FrameCall): FrameCallView {
  return useSyncExternalStore(call.subscribe, call.view);
}
