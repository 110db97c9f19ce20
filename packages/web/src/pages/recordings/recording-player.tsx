import {
  API_PREFIX,
  type Recording,
  recordingFilePath,
  recordingThumbnailPath,
} from "@colourstream/contract";
import { type RefObject, useEffect, useRef, useState } from "react";
import { Control } from "../../ui/control.js";
import { KeyDialog } from "../../ui/key-dialog.js";
import { SoundIcon } from "../review/icons.js";
import { useFullScreen } from "../review/use-full-screen.js";
import { useIdle } from "../review/use-idle.js";
import { useKeys } from "../review/use-keys.js";
import { ViewControls } from "../review/view-controls.js";
import { PlayIcon, StepIcon } from "./icons.js";
import { timecode } from "./timecode.js";
import { type Deck, useDeck } from "./use-deck.js";

const KEYS = [
  ["Space", "Play and stop"],
  ["J  K  L", "Backwards, stop, forwards. J or L again: faster"],
  ["← →", "One frame back or on. Also , and ."],
  ["Home End", "To the beginning or the end"],
  ["M", "Sound off and on"],
  ["F", "Full screen"],
  ["?", "This list"],
] as const;

/** Plays a recording in the page, frame by frame where one wants. */
export function RecordingPlayer({
  recording,
  version,
  rate,
  lastSeen,
}: {
  recording: Recording;
  /** Which state of the file: a browser keeps what it has of an address as long as the page is open. */
  version: string;
  rate: number | null;
  /** Where the player before this one was, in seconds: it goes on there. */
  lastSeen: RefObject<number>;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const deck = useDeck(video, rate, recording.video !== null);
  useEffect(() => {
    if (video === null) return;
    const goOn = () => {
      if (lastSeen.current > 0) video.currentTime = lastSeen.current;
    };
    const note = () => {
      lastSeen.current = video.currentTime;
    };
    video.addEventListener("loadedmetadata", goOn, { once: true });
    video.addEventListener("timeupdate", note);
    return () => {
      video.removeEventListener("loadedmetadata", goOn);
      video.removeEventListener("timeupdate", note);
    };
  }, [video, lastSeen]);
  const full = useFullScreen(frame, { picture: video }, false);
  const isIdle = useIdle(frame, full.isOn && deck.speed !== 0);
  useKeys({
    k: deck.stand,
    j: () => deck.faster(-1),
    l: () => deck.faster(1),
    ",": () => deck.step(-1),
    ".": () => deck.step(1),
    arrowleft: () => deck.step(-1),
    arrowright: () => deck.step(1),
    home: () => deck.seek(0),
    end: () => deck.seek(deck.duration),
    m: () => deck.setMuted(!deck.isMuted),
    f: full.toggle,
    "?": () => setHelpOpen(true),
  });
  useSpace(deck.toggle);
  return (
    <div className="cs-deck" ref={frame} data-idle={isIdle} data-testid="player" data-speed={deck.speed}>
      <div className="cs-deck__stage">
        {/* biome-ignore lint/a11y/useMediaCaption: nobody writes captions for a grading session */}
        <video
          ref={setVideo}
          className="cs-deck__video"
          src={`${API_PREFIX}${recordingFilePath(recording.id)}?${version}`}
          poster={recording.hasThumbnail ? API_PREFIX + recordingThumbnailPath(recording.id) : undefined}
          width={recording.video?.width ?? 16}
          height={recording.video?.height ?? 9}
          preload="auto"
          playsInline
          disableRemotePlayback
          onClick={deck.toggle}
        />
        {deck.problem !== null && <Problem recording={recording} deck={deck} />}
      </div>
      <div className="cs-deck__bar">
        <Position deck={deck} rate={rate} />
        <div className="cs-deck__row">
          <div className="cs-pill">
            <Control label="One frame back" keyName="," onClick={() => deck.step(-1)} testId="step-back">
              <StepIcon isForward={false} />
            </Control>
            <Control
              label={deck.speed === 0 ? "Play" : "Stop"}
              keyName="Space"
              onClick={deck.toggle}
              testId="play"
            >
              <PlayIcon isPlaying={deck.speed !== 0} />
            </Control>
            <Control label="One frame on" keyName="." onClick={() => deck.step(1)} testId="step-on">
              <StepIcon isForward />
            </Control>
            <p className="cs-deck__time">
              <span data-testid="timecode">{timecode(deck.seconds, rate)}</span>
              <span className="cs-deck__length"> / {timecode(deck.duration, rate)}</span>
            </p>
            {![0, 1].includes(deck.speed) && (
              <span className="cs-deck__speed" data-testid="speed">
                {deck.speed < 0 ? `−${-deck.speed}` : deck.speed}×
              </span>
            )}
          </div>
          <div className="cs-pill">
            <Control
              label={deck.isMuted ? "Sound on" : "Sound off"}
              keyName="M"
              onClick={() => deck.setMuted(!deck.isMuted)}
              testId="sound"
            >
              <SoundIcon isOn={!deck.isMuted} />
            </Control>
            <input
              className="cs-volume"
              type="range"
              min={0}
              max={1}
              step={0.02}
              aria-label="Volume"
              value={deck.isMuted ? 0 : deck.volume}
              onChange={(event) => deck.setVolume(event.target.valueAsNumber)}
            />
            <ViewControls onHelp={() => setHelpOpen(true)} fullScreen={full} />
          </div>
        </div>
      </div>
      <KeyDialog
        isOpen={isHelpOpen}
        groups={[{ name: null, keys: KEYS }]}
        onClose={() => setHelpOpen(false)}
      />
    </div>
  );
}

/** Drag to scrub; with the keyboard it goes by frames. */
function Position({ deck, rate }: { deck: Deck; rate: number | null }) {
  return (
    <input
      className="cs-deck__position"
      type="range"
      min={0}
      max={deck.duration}
      step={rate === null ? 0.04 : 1 / rate}
      value={Math.min(deck.seconds, deck.duration)}
      disabled={deck.duration === 0}
      aria-label="Position"
      aria-valuetext={`${timecode(deck.seconds, rate)} of ${timecode(deck.duration, rate)}`}
      onChange={(event) => {
        deck.stand();
        deck.seek(event.target.valueAsNumber);
      }}
      data-testid="position"
    />
  );
}

function Problem({ recording, deck }: { recording: Recording; deck: Deck }) {
  return (
    <p className="cs-deck__problem" role="alert" data-testid="cannot-play">
      {recording.state !== "ready"
        ? "It cannot be played here while it grows. It plays as soon as the recording has ended."
        : deck.problem === "away"
          ? "The file could not be loaded. Check the connection and reload this page."
          : `This browser cannot play ${recording.video?.codec ?? "this recording"}. Download it: editing programs and media players open it.`}
    </p>
  );
}

/** The space bar, where nothing under the focus takes it. */
function useSpace(act: () => void) {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target;
      if (event.key !== " " || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (
        at instanceof Element &&
        at.closest("button, a, select, textarea, summary, dialog, input:not([type=range])") !== null
      ) {
        return;
      }
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
