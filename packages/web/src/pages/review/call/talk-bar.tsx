import type { ReactNode } from "react";
import type { CallView } from "../../../conference/call.js";
import { Control } from "../../../ui/control.js";
import {
  CallIcon,
  CameraIcon,
  LeaveCallIcon,
  MicIcon,
  MiniIcon,
  MuteAllIcon,
  PhoneIcon,
  ScreenIcon,
  SettingsIcon,
  SideIcon,
  TilesIcon,
} from "./call-icons.js";
import { HoldButton } from "./hold-button.js";
import type { Mic } from "./use-mic.js";

/** What the bar does beside the microphone. */
export type BarActs = {
  readonly join: () => void;
  readonly leave: () => void;
  readonly camera: () => void;
  readonly screen: () => void;
  readonly side: () => void;
  readonly tiles: () => void;
  readonly muteAll: () => void;
  readonly settings: () => void;
  readonly phone: () => void;
  /** Null: this browser has no small windows. */
  readonly mini: (() => void) | null;
};

type TalkBarProps = {
  view: CallView;
  mic: Mic;
  /** Observers listen: they are asked, and send nothing. */
  isObserver: boolean;
  isHost: boolean;
  isStripShown: boolean;
  /** A phone has none to share. */
  canShareScreen: boolean;
  acts: BarActs;
};

/** The call's controls: what one sends, and to whom. */
export function TalkBar({ view, mic, isObserver, isHost, isStripShown, canShareScreen, acts }: TalkBarProps) {
  const { sending } = view.self;
  if (view.is !== "in") return <OutOfCall view={view} isObserver={isObserver} onJoin={acts.join} />;
  return (
    <Bar isLive={sending.mic} isSide={sending.side}>
      {!isObserver && <MicControls mic={mic} isSide={sending.side} />}
      {!isObserver && (
        <>
          <Control
            label="Camera"
            keyName="V"
            pressed={sending.camera}
            onClick={acts.camera}
            testId="camera-toggle"
          >
            <CameraIcon isOn={sending.camera} />
          </Control>
          {canShareScreen && (
            <Control
              label={sending.screen ? "Stop sharing your screen" : "Share your screen"}
              keyName="S"
              pressed={sending.screen}
              onClick={acts.screen}
              testId="screen-toggle"
            >
              <ScreenIcon />
            </Control>
          )}
          {!isHost && (
            <Control
              label="Client’s side only: the colourist’s side does not hear you"
              keyName="Y"
              pressed={sending.side}
              onClick={acts.side}
              testId="side-toggle"
            >
              <SideIcon />
            </Control>
          )}
        </>
      )}
      {(view.peers.length > 0 || view.self.camera !== null) && (
        <Plain
          label={isStripShown ? "Hide the filmstrip" : "Show the filmstrip"}
          pressed={isStripShown}
          onClick={acts.tiles}
          testId="tiles-toggle"
        >
          <TilesIcon />
        </Plain>
      )}
      {isHost && (
        <Plain label="Mute everybody else" onClick={acts.muteAll} testId="call-mute-all">
          <MuteAllIcon />
        </Plain>
      )}
      {!isObserver && (
        <Plain label="Use a phone as talk button" onClick={acts.phone} testId="talk-link-open" isForPointer>
          <PhoneIcon />
        </Plain>
      )}
      {acts.mini !== null && !isObserver && (
        <Plain label="Talk button in a small window" onClick={acts.mini} testId="mini-open" isForPointer>
          <MiniIcon />
        </Plain>
      )}
      <Plain label="Sound and devices" onClick={acts.settings} testId="call-settings-open">
        <SettingsIcon />
      </Plain>
      <button
        type="button"
        className="cs-control cs-call__leave"
        onClick={acts.leave}
        data-testid="call-leave"
        aria-label="Leave call"
        title="Leave call. The picture goes on"
      >
        <LeaveCallIcon />
        <span className="cs-call__leave-word" aria-hidden="true">
          Leave call
        </span>
      </button>
    </Bar>
  );
}

function OutOfCall({
  view,
  isObserver,
  onJoin,
}: {
  view: CallView;
  isObserver: boolean;
  onJoin: () => void;
}) {
  const isFull = view.ended === "full";
  const words = isObserver ? "Listen in" : view.ended === "elsewhere" ? "Join here" : "Join the call";
  return (
    <Bar isLive={false} isSide={false}>
      {view.is === "joining" ? (
        <span className="cs-call__words">Joining the call…</span>
      ) : (
        <>
          {isFull && <span className="cs-call__words">Call full</span>}
          {!isFull && (
            <button
              type="button"
              className="cs-control cs-call__join"
              onClick={onJoin}
              data-testid="call-join"
            >
              <CallIcon />
              <span>{words}</span>
            </button>
          )}
        </>
      )}
    </Bar>
  );
}

/** Latch by a click, momentary by holding; in a suite the one that is held is the large one. */
function MicControls({ mic, isSide }: { mic: Mic; isSide: boolean }) {
  const hold = mic.isLive && mic.isHeld ? "Release to stop" : "Hold to talk";
  const isOn = mic.isSuite ? mic.isLatched : mic.isLive;
  const word = mic.isSuite ? "Stay on" : isSide ? "Talk to client’s side" : "Talk";
  return (
    <>
      {mic.isSuite && (
        <HoldButton
          className="cs-control cs-call__hold"
          isDown={mic.isHeld}
          onHold={mic.holdPointer}
          testId="talk-hold"
        >
          <MicIcon isOn />
          <span>{isSide ? `${hold}, to client’s side` : hold}</span>
        </HoldButton>
      )}
      <button
        type="button"
        className="cs-control cs-call__mic"
        aria-label={isSide && mic.isSuite ? `${word}, to client’s side` : word}
        aria-pressed={isOn}
        aria-keyshortcuts="T"
        aria-busy={mic.isOpening}
        title={
          mic.isSuite ? "Microphone stays on or off (T)" : "Microphone on and off (T). Or hold the space bar"
        }
        onClick={mic.toggle}
        data-testid="mic-toggle"
      >
        <MicIcon isOn={isOn} />
        <span className="cs-call__word" aria-hidden="true">
          {word}
        </span>
      </button>
    </>
  );
}

function Bar({ isLive, isSide, children }: { isLive: boolean; isSide: boolean; children: ReactNode }) {
  return (
    <section
      className="cs-pill cs-call"
      aria-label="Call"
      data-testid="call-bar"
      data-live={isLive}
      data-side={isSide}
    >
      {children}
    </section>
  );
}

/** A control without a key. */
function Plain({
  label,
  pressed,
  onClick,
  testId,
  isForPointer = false,
  children,
}: {
  label: string;
  pressed?: boolean;
  onClick: () => void;
  testId: string;
  /** Left out on a phone. */
  isForPointer?: boolean;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={`cs-control${isForPointer ? " cs-controls__pointer" : ""}`}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={onClick}
      data-testid={testId}
    >
      {children}
    </button>
  );
}
