import type { ReviewRoom, ServerMessage, StreamStatus } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api } from "../../api/call.js";
import type { EarlyOffer } from "../../player/early-offer.js";
import { gentleWords } from "../../signal/stream-words.js";
import { useTitle } from "../../ui/use-title.js";
import { useRealtime } from "../use-realtime.js";
import { Banner } from "./banner.js";
import type { ClosedReason } from "./closed-card.js";
import { Controls } from "./controls.js";
import { KeyboardHelp } from "./keyboard-help.js";
import { SignalPanel } from "./signal-panel.js";
import { useFullScreen } from "./use-full-screen.js";
import { useIdle } from "./use-idle.js";
import { useKeys } from "./use-keys.js";
import { usePicture } from "./use-picture.js";
import { usePlayer } from "./use-player.js";
import { useWakeLock } from "./use-wake-lock.js";
import { WaitingScreen } from "./waiting-screen.js";

type RoomProps = {
  review: ReviewRoom;
  /** Made at the door; null for who is let in without one. */
  earlyOffer: EarlyOffer | null;
  onClosed: (reason: ClosedReason) => void;
  onRenamed: (name: string) => void;
  onRefused: () => void;
};

/** The review room: the picture, a neutral surround, and controls that step back. */
export function Room({ review, earlyOffer, onClosed, onRenamed, onRefused }: RoomProps) {
  useTitle(review.name);
  const [stream, setStream] = useState<StreamStatus | null>(review.stream);
  const [isPanelOpen, setPanelOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);

  const { link, realtime } = useRealtime({ type: "watch.room", roomId: review.id }, hear);
  function hear(message: ServerMessage) {
    if (message.type === "refused") onRefused();
    if (!("roomId" in message) || message.roomId !== review.id) return;
    if (message.type === "room.stream") setStream(message.stream);
    else if (message.type === "room.renamed") onRenamed(message.name);
    else if (message.type === "room.closed") {
      player.roomClosed();
      onClosed(message.reason);
    }
  }

  const player = usePlayer({
    roomId: review.id,
    stream,
    earlyOffer,
    clockOffsetMs: () => realtime.current?.clock()?.offsetMs ?? null,
    onRefused,
  });
  const picture = usePicture(player);
  const { viewer, measured, sound, hasPicture } = player;
  const fullScreen = useFullScreen(frame, player);
  const isIdle = useIdle(frame, hasPicture && !isHelpOpen);
  useWakeLock(viewer.is === "live");
  const togglePanel = () => setPanelOpen((open) => !open);
  useKeys({
    f: fullScreen.toggle,
    "1": picture.toggle,
    m: sound.toggle,
    i: togglePanel,
    "?": () => setHelpOpen(true),
    ...picture.arrows,
  });

  const leave = useMutation({
    mutationFn: () => api("leaveRoom", { params: { roomId: review.id } }),
    onSettled: () => onClosed("left"), // without a server there is nobody to leave: the page lets go all the same
  });

  return (
    <div className="cs-room" ref={frame} data-idle={isIdle} data-testid="room">
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
      <Banner viewer={viewer} hasPicture={hasPicture} stream={stream} link={link} />

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
          <button type="button" className="cs-control" onClick={() => leave.mutate()}>
            Leave
          </button>
        </div>
      </header>
      <Controls
        sound={sound}
        soundState={stream?.sound ?? null}
        scale={picture.scale}
        onScale={picture.toggle}
        isFullScreen={fullScreen.isOn}
        canFullScreen={fullScreen.isPossible}
        onFullScreen={fullScreen.toggle}
        isPanelOpen={isPanelOpen}
        onPanel={togglePanel}
        onHelp={() => setHelpOpen(true)}
        hasPicture={hasPicture}
      />
      {isPanelOpen && (
        <SignalPanel
          stream={stream}
          measured={measured}
          shownAt={picture.percent}
          gentle={gentleWords(stream?.warnings ?? [])}
          onClose={togglePanel}
        />
      )}
      <KeyboardHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
