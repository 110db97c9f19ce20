import { soundWords } from "../../signal/viewer-words.js";
import { Control } from "../../ui/control.js";
import { PeopleIcon, SignalIcon, SoundIcon } from "./icons.js";
import type { RoomPlayer } from "./use-player.js";
import { ViewControls } from "./view-controls.js";

type ControlsProps = {
  sound: RoomPlayer["sound"];
  /** How late the picture is when it comes by HLS, as a text; null by WebRTC. */
  delayed: string | null;
  scale: "fit" | "actual";
  onScale: () => void;
  isFullScreen: boolean;
  canFullScreen: boolean;
  onFullScreen: () => void;
  panel: "signal" | "people" | "chat" | null;
  onPanel: (which: "signal" | "people" | "chat") => void;
  isHost: boolean;
  /** How many wait to be let in, for a host. */
  waiting: number;
  onHelp: () => void;
  hasPicture: boolean;
};

/** The room's controls, at the bottom edge. */
export function Controls(props: ControlsProps) {
  const { sound, delayed } = props;
  const noSound = sound.state === null ? null : soundWords(sound.state);
  return (
    <nav className="cs-controls" aria-label="Picture and sound">
      <div className="cs-pill">
        {props.hasPicture && (
          <>
            <Control
              label={noSound ?? (sound.isMuted ? "Sound on" : "Sound off")}
              keyName="M"
              pressed={!sound.isMuted}
              disabled={noSound !== null}
              onClick={sound.toggle}
              testId="sound-toggle"
            >
              <SoundIcon isOn={!sound.isMuted && !sound.isBlocked && noSound === null} />
            </Control>
            <input
              className="cs-volume"
              type="range"
              min={0}
              max={1}
              step={0.02}
              aria-label="Volume"
              disabled={noSound !== null}
              value={sound.isMuted ? 0 : sound.volume}
              onChange={(event) => sound.setVolume(event.target.valueAsNumber)}
            />
            <Control
              label={
                props.scale === "fit" ? "Show 1:1, a video pixel on a screen pixel" : "Fit to the window"
              }
              keyName="1"
              onClick={props.onScale}
              testId="scale-toggle"
            >
              <span className="cs-control__word">{props.scale === "fit" ? "1:1" : "Fit"}</span>
            </Control>
          </>
        )}
      </div>
      {delayed !== null && (
        <div className="cs-pill cs-delayed">
          <button
            type="button"
            className="cs-control cs-delayed__text"
            onClick={() => props.onPanel("signal")}
            data-testid="delayed"
          >
            {delayed}
          </button>
        </div>
      )}
      <div className="cs-pill">
        {props.isHost && (
          <Control
            id="people-toggle"
            label={props.waiting === 0 ? "People" : `People, ${props.waiting} waiting`}
            keyName="P"
            pressed={props.panel === "people"}
            onClick={() => props.onPanel("people")}
            testId="people-toggle"
          >
            <PeopleIcon />
            {props.waiting > 0 && (
              <span className="cs-control__badge" aria-hidden="true" data-testid="waiting-count">
                {props.waiting}
              </span>
            )}
          </Control>
        )}
        <Control
          id="signal-toggle"
          label="Signal"
          keyName="I"
          pressed={props.panel === "signal"}
          onClick={() => props.onPanel("signal")}
          testId="panel-toggle"
        >
          <SignalIcon />
        </Control>
        <ViewControls
          onHelp={props.onHelp}
          fullScreen={{
            isOn: props.isFullScreen,
            isPossible: props.canFullScreen,
            toggle: props.onFullScreen,
          }}
        />
      </div>
    </nav>
  );
}
