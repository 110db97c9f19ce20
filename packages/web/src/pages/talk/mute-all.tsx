import { useEffect, useState } from "react";
import type { TalkView } from "./talk-button.js";

const ARMED_FOR_MS = 4_000;

/** A host's: closes every microphone but their own, at the second tap. */
export function MuteAll({ state, onMute }: { state: TalkView["mutedAll"]; onMute: () => void }) {
  const [isArmed, setArmed] = useState(false);
  useEffect(() => {
    if (!isArmed) return;
    const timer = setTimeout(() => setArmed(false), ARMED_FOR_MS);
    return () => clearTimeout(timer);
  }, [isArmed]);
  const words = state === "no" && isArmed ? "Tap again to mute everybody else" : WORDS[state];
  return (
    <button
      type="button"
      className="cs-talk__act"
      data-armed={isArmed}
      aria-busy={state === "asking"}
      data-testid="talk-mute-all"
      onClick={() => {
        if (state === "asking") return;
        setArmed(!isArmed);
        if (isArmed) onMute();
      }}
    >
      <span aria-live="polite">{words}</span>
    </button>
  );
}

const WORDS: Readonly<Record<TalkView["mutedAll"], string>> = {
  no: "Mute everybody else",
  asking: "Muting…",
  done: "Everybody else is muted",
  failed: "They could not be muted. Try again",
};
