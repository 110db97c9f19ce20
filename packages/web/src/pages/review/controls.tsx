import { soundWords } from "../../signal/viewer-words.js";
import { Control } from "../../ui/control.js";
import { ChatIcon, HandIcon, LayoutIcon, PeopleIcon, SignalIcon, SoundIcon } from "./icons.js";
import type { Layout, PanelTab } from "./panel/view.js";
import type { useFullScreen } from "./use-full-screen.js";
import type { RoomPlayer } from "./use-player.js";
import { ViewControls } from "./view-controls.js";

type ControlsProps = {
  sound: RoomPlayer["sound"];
  /** How late the picture is when it comes by HLS, as a text; null by WebRTC. */
  delayed: string | null;
  scale: "fit" | "actual";
  onScale: () => void;
  fullScreen: ReturnType<typeof useFullScreen>;
  /** Where the call puts its bar. */
  barRef: (place: HTMLElement | null) => void;
  panel: PanelTab | null;
  onPanel: (which: PanelTab, byKeyboard: boolean) => void;
  hand: { readonly isUp: boolean; readonly toggle: () => void };
  layout: Layout;
  onLayout: () => void;
  /** How many wait to be let in, for a host. */
  waiting: number;
  /** Messages that were not read. */
  unread: number;
  onHelp: () => void;
  hasPicture: boolean;
};

const NEXT_LAYOUT: Record<Layout, string> = {
  picture: "Layout: picture alone. Next: with tiles",
  tiles: "Layout: picture with tiles. Next: with panel",
  panel: "Layout: picture with panel. Next: picture alone",
};

/** The room's controls, at the bottom edge. A press without a place on the screen came by keyboard. */
export function Controls(props: ControlsProps) {
  const { sound, delayed } = props;
  const noSound = sound.state === null ? null : soundWords(sound.state);
  return (
    <nav className="cs-controls" aria-label="Picture and sound">
      <div className="cs-pill cs-controls__picture">
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
            onClick={({ detail }) => props.onPanel("signal", detail === 0)}
            data-testid="delayed"
          >
            {delayed}
          </button>
        </div>
      )}
      <div className="cs-bar-place" ref={props.barRef} />
      <div className="cs-pill cs-controls__panels">
        <Control
          label={props.hand.isUp ? "Lower your hand" : "Raise your hand"}
          keyName="H"
          pressed={props.hand.isUp}
          onClick={props.hand.toggle}
          testId="hand-toggle"
        >
          <HandIcon />
        </Control>
        <Control
          id="people-toggle"
          label={props.waiting === 0 ? "People" : `People, ${props.waiting} waiting`}
          keyName="P"
          pressed={props.panel === "people"}
          onClick={({ detail }) => props.onPanel("people", detail === 0)}
          testId="people-toggle"
        >
          <PeopleIcon />
          {props.waiting > 0 && (
            <span className="cs-control__badge" aria-hidden="true" data-testid="waiting-count">
              {props.waiting}
            </span>
          )}
        </Control>
        <Control
          id="chat-toggle"
          label={props.unread === 0 ? "Chat" : `Chat, ${props.unread} unread`}
          keyName="C"
          pressed={props.panel === "chat"}
          onClick={({ detail }) => props.onPanel("chat", detail === 0)}
          testId="chat-toggle"
        >
          <ChatIcon />
          {props.unread > 0 && (
            <span className="cs-control__badge" aria-hidden="true" data-testid="chat-unread">
              {props.unread > 99 ? "99+" : props.unread}
            </span>
          )}
        </Control>
        <Control
          id="signal-toggle"
          label="Signal"
          keyName="I"
          pressed={props.panel === "signal"}
          onClick={({ detail }) => props.onPanel("signal", detail === 0)}
          testId="panel-toggle"
        >
          <SignalIcon />
        </Control>
        <Control
          label={NEXT_LAYOUT[props.layout]}
          keyName="L"
          onClick={props.onLayout}
          testId="layout-toggle"
        >
          <LayoutIcon layout={props.layout} />
        </Control>
        <ViewControls onHelp={props.onHelp} fullScreen={props.fullScreen} />
      </div>
    </nav>
  );
}
