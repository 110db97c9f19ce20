import { useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import type { CallView } from "../../../conference/call.js";
import { liveWords } from "./call-words.js";
import { HoldButton } from "./hold-button.js";
import type { Mic } from "./use-mic.js";

type MiniProps = {
  place: Window;
  roomName: string;
  view: CallView;
  mic: Mic;
  isHost: boolean;
  onMuteAll: () => void;
};

/** The talk button above another program's windows: for hands that are in Resolve. */
export function MiniWindow({ place, roomName, view, mic, isHost, onMuteAll }: MiniProps) {
  useMiniKeys(place, mic);
  useEffect(() => {
    place.document.title = mic.isLive ? `● MIC LIVE – ${roomName}` : roomName;
  }, [place, mic.isLive, roomName]);

  const speaking = view.peers.filter(({ isSpeaking }) => isSpeaking).map(({ peer }) => peer.name);
  const live = liveWords({ isSide: view.self.sending.side, by: mic.by });
  return createPortal(
    <main className="cs-mini" data-live={mic.isLive} data-testid="mini">
      <p className="cs-mini__state" role="status">
        {view.is !== "in" ? "Not in the call" : mic.isLive ? live.title : "Mic off"}
        {mic.isLive && live.note !== null && <span className="cs-mini__note">{live.note}</span>}
      </p>
      <p className="cs-mini__who" data-testid="mini-speaking">
        {speaking.length === 0
          ? roomName
          : `${speaking.join(", ")} ${speaking.length === 1 ? "speaks" : "speak"}`}
      </p>
      <div className="cs-mini__buttons">
        <HoldButton
          className="cs-mini__button cs-mini__hold"
          isDown={mic.isHeld}
          onHold={mic.holdPointer}
          testId="mini-hold"
        >
          Hold to talk
        </HoldButton>
        <button
          type="button"
          className="cs-mini__button"
          aria-pressed={mic.isLatched}
          onClick={mic.asksToLatch ? () => mic.latch(true) : mic.toggle}
          data-testid="mini-toggle"
        >
          {mic.asksToLatch ? "Really stay on" : "Stay on"}
        </button>
        {isHost && (
          <button type="button" className="cs-mini__button" onClick={onMuteAll} data-testid="mini-mute-all">
            Mute all
          </button>
        )}
      </div>
    </main>,
    place.document.body,
  );
}

/** The room's two keys for the microphone, in a window of its own. */
function useMiniKeys(place: Window, mic: Mic) {
  const latest = useRef(mic);
  useEffect(() => {
    latest.current = mic;
  });
  useEffect(() => {
    let isDown = false;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      // An element of another window is no instance of this one's classes.
      const onButton = (event.target as Element | null)?.closest?.("button") != null;
      if (event.key === " " && !onButton) {
        event.preventDefault();
        isDown = true;
        latest.current.holdKey(true);
      } else if (event.key.toLowerCase() === "t") {
        event.preventDefault();
        latest.current.toggle();
      }
    };
    const release = () => {
      if (!isDown) return;
      isDown = false;
      latest.current.holdKey(false);
    };
    const lift = (event: KeyboardEvent) => {
      if (event.key === " ") release();
    };
    // A button pressed by pointer gives the focus up at once: the space bar talks, and does not press it again.
    const keep = (event: MouseEvent) => event.preventDefault();
    place.addEventListener("keydown", press);
    place.addEventListener("keyup", lift);
    place.addEventListener("blur", release);
    place.addEventListener("mousedown", keep);
    return () => {
      release();
      place.removeEventListener("keydown", press);
      place.removeEventListener("keyup", lift);
      place.removeEventListener("blur", release);
      place.removeEventListener("mousedown", keep);
    };
  }, [place]);
}
