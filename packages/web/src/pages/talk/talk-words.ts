import type { TalkView } from "./talk-button.js";

/** What the large button says, and what pressing it does. */
export type TalkFace = {
  readonly word: string;
  readonly note: string;
  readonly isLive: boolean;
  /** `close`: a tap closes what stays open. Null: there is nothing to press. */
  readonly does: "hold" | "close" | null;
};

/** The button's words for how things are. */
export function faceOf(view: TalkView): TalkFace {
  const { talk, isAway, isHeld, staysOn, isOurs, isSlow, wasClosed } = view;
  const isDown = isHeld || staysOn;
  if (talk === null)
    return {
      word: isAway ? "No connection" : "Connecting…",
      note: isAway ? "Trying again…" : "",
      isLive: false,
      does: null,
    };
  if (isAway)
    return {
      word: "No connection",
      note: awayNote(isDown, talk.isLive),
      isLive: false,
      does: isDown ? "hold" : null,
    };
  if (!talk.isInCall) {
    const note = "Join the call in the room on your computer. This button works then.";
    return { word: "Not in the call", note, isLive: false, does: null };
  }
  if (!talk.mayTalk)
    return { word: "You listen", note: "Observers are not heard in this room.", isLive: false, does: null };
  if (talk.isLive) {
    if (staysOn) return { word: "MIC LIVE", note: "Tap to close", isLive: true, does: "close" };
    if (isHeld) return { word: "MIC LIVE", note: "Let go to close", isLive: true, does: "hold" };
    if (isOurs) return { word: "MIC LIVE", note: "Closing…", isLive: true, does: "hold" };
    return { word: "MIC LIVE", note: "Opened at your computer. Tap to close", isLive: true, does: "close" };
  }
  if (isDown) {
    const note = isSlow ? "Your microphone has not opened. Look at your computer." : "";
    return { word: "Opening…", note, isLive: false, does: staysOn ? "close" : "hold" };
  }
  const note = wasClosed ? "Your microphone was closed at the other end." : "";
  return { word: "Hold to talk", note, isLive: false, does: "hold" };
}

function awayNote(isDown: boolean, wasLive: boolean): string {
  if (isDown) return "Your microphone closes by itself within 3 seconds.";
  return wasLive ? "Your microphone may still be open. Look at your computer." : "Trying again…";
}
