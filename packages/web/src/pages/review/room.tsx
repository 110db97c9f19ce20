import type { Participant, ReviewRoom } from "@colourstream/contract";
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import type { Line } from "../../live/line.js";
import type { Presence } from "../../live/presence.js";
import type { Link } from "../../live/realtime.js";
import type { EarlyOffer } from "../../player/early-offer.js";
import { gentleWords } from "../../signal/viewer-words.js";
import { delayedWords } from "../../signal/way-words.js";
import { useTitle } from "../../ui/use-title.js";
import { inOrder } from "../role-words.js";
import { usePeopleActs } from "../use-people-acts.js";
import { Banner } from "./banner.js";
import { useChat } from "./chat/use-chat.js";
import { Controls } from "./controls.js";
import { KeyboardHelp } from "./keyboard-help.js";
import { useFullScreen } from "./use-full-screen.js";
import { useIdle } from "./use-idle.js";
import { useKeys } from "./use-keys.js";
import { usePicture } from "./use-picture.js";
import { usePlayer } from "./use-player.js";
import { useWakeLock } from "./use-wake-lock.js";
import { useWatermark } from "./use-watermark.js";
import { WaitingNotice } from "./waiting-notice.js";
import { WaitingScreen } from "./waiting-screen.js";

type RoomProps = {
  review: ReviewRoom;
  /** For a host, once told. */
  people: readonly Participant[] | null;
  presence: Presence;
  line: Line;
  /** Made at the door; null for who is let in without one. */
  earlyOffer: EarlyOffer | null;
  link: Link;
  clockOffsetMs: () => number | null;
  /** Where the room puts what silences its player before the page changes. */
  silence: RefObject<(() => void) | null>;
  onLeave: () => void;
  onRefused: () => void;
};

const CallLayer = lazy(() => import("./call/call-layer.js").then((file) => ({ default: file.CallLayer })));
const ChatPanel = lazy(() => import("./chat/chat-panel.js").then((file) => ({ default: file.ChatPanel })));
const loadSignalPanel = () => import("./signal-panel.js").then((file) => ({ default: file.SignalPanel }));
const loadPeoplePanel = () => import("./people-panel.js").then((file) => ({ default: file.PeoplePanel }));
const SignalPanel = lazy(loadSignalPanel);
const PeoplePanel = lazy(loadPeoplePanel);

/** The review room: the picture, a neutral surround, and controls that step back. */
export function Room({
  review,
  people,
  presence,
  line,
  earlyOffer,
  link,
  clockOffsetMs,
  silence,
  onLeave,
  onRefused,
}: RoomProps) {
  useTitle(review.name);
  const { stream } = review;
  const [panel, setPanel] = useState<"signal" | "people" | "chat" | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);

  const player = usePlayer({ roomId: review.id, stream, earlyOffer, clockOffsetMs, onRefused });
  const chat = useChat({ roomId: review.id, line, presence });
  const { roomClosed } = player;
  useEffect(() => {
    silence.current = roomClosed;
    return () => {
      silence.current = null;
    };
  }, [silence, roomClosed]);
  // The panels come after the door and the picture, and before somebody opens one.
  useEffect(() => {
    void loadSignalPanel();
    if (review.isHost) void loadPeoplePanel();
  }, [review.isHost]);
  const picture = usePicture(player);
  const { viewer, measured, sound, hasPicture } = player;
  useWatermark(
    picture.stage,
    review.watermark && hasPicture ? review.participant.name : null,
    picture.visible,
  );
  const fullScreen = useFullScreen(frame, player, review.watermark);
  const acts = usePeopleActs(review.id);
  const waiting = review.isHost ? inOrder(people ?? [], "waiting") : [];
  const isIdle = useIdle(frame, hasPicture && !isHelpOpen);
  useWakeLock(viewer.is === "live");
  const toggle = (which: typeof panel) => setPanel((open) => (open === which ? null : which));
  const closePanel = () => {
    document.getElementById(`${panel}-toggle`)?.focus(); // where the keyboard came from
    setPanel(null);
  };
  useKeys({
    f: fullScreen.toggle,
    "1": picture.toggle,
    m: sound.toggle,
    i: () => toggle("signal"),
    ...(review.isHost ? { p: () => toggle("people") } : {}),
    ...(panel === null ? {} : { escape: closePanel }),
    "?": () => setHelpOpen(true),
    ...picture.arrows,
  });

  return (
    <div
      className="cs-room"
      ref={frame}
      data-idle={isIdle}
      data-filled={fullScreen.isFilled}
      data-testid="room"
    >
      <main
        className="cs-stage"
        data-testid="stage"
        data-state={viewer.is}
        data-scale={picture.scale}
        ref={picture.stage}
        aria-label={`${review.name}: the picture`}
        onPointerDown={picture.onPointerDown}
        onDoubleClick={fullScreen.toggle}
      >
        <video ref={player.videoA} className="cs-stage__video" muted playsInline disablePictureInPicture />
        <video ref={player.videoB} className="cs-stage__video" muted playsInline disablePictureInPicture />
        {/* biome-ignore lint/a11y/useMediaCaption: a live picture of a grading suite has no captions to offer */}
        <audio ref={player.audio} data-testid="sound" />
      </main>

      {!hasPicture && <WaitingScreen name={review.name} viewer={viewer} stream={stream} />}
      <Banner viewer={viewer} way={player.way} stream={stream} link={link} />

      {(sound.isBlocked || player.isPictureBlocked) && (
        <button type="button" className="cs-tap" onClick={player.unblock} data-testid="tap-for-sound">
          {player.isPictureBlocked ? "Tap for picture" : "Tap for sound"}
        </button>
      )}

      <header className="cs-top">
        <div className="cs-pill">
          <h1 className="cs-top__name" data-testid="room-name">
            {review.name}
          </h1>
        </div>
        <div className="cs-pill">
          <button type="button" className="cs-control" onClick={onLeave}>
            Leave
          </button>
        </div>
      </header>
      <Controls
        sound={sound}
        delayed={player.way === "hls" ? delayedWords(measured?.latencyMs ?? null) : null}
        scale={picture.scale}
        onScale={picture.toggle}
        isFullScreen={fullScreen.isOn}
        canFullScreen={fullScreen.isPossible}
        onFullScreen={fullScreen.toggle}
        panel={panel}
        onPanel={toggle}
        isHost={review.isHost}
        waiting={waiting.length}
        onHelp={() => setHelpOpen(true)}
        hasPicture={hasPicture}
      />
      {review.isHost && panel !== "people" && (
        <WaitingNotice waiting={waiting} acts={acts} onSeeAll={() => setPanel("people")} />
      )}
      <Suspense>
        <CallLayer review={review} line={line} presence={presence} player={player} />
      </Suspense>
      <Suspense>
        {panel === "chat" && chat !== null && <ChatPanel review={review} presence={presence} chat={chat} />}
        {panel === "people" && (
          <PeoplePanel review={review} people={people} acts={acts} onClose={closePanel} />
        )}
        {panel === "signal" && (
          <SignalPanel
            stream={stream}
            measured={measured}
            shownAt={picture.percent}
            gentle={gentleWords(stream?.warnings ?? [], player.way)}
            way={player.way}
            suits={player.suits}
            choice={player.choice}
            onChoice={player.choose}
            onClose={closePanel}
          />
        )}
      </Suspense>
      <KeyboardHelp isHost={review.isHost} isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
