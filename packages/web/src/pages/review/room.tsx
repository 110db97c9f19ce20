import type { Participant, ReviewRoom } from "@colourstream/contract";
import { lazy, type RefObject, Suspense, useCallback, useEffect, useRef, useState } from "react";
import type { Line } from "../../live/line.js";
import type { Presence } from "../../live/presence.js";
import type { Link } from "../../live/realtime.js";
import type { EarlyOffer } from "../../player/early-offer.js";
import { useTitle } from "../../ui/use-title.js";
import { Banner } from "./banner.js";
import { loadFittings } from "./load-fittings.js";
import type { RoomView } from "./panel/view.js";
import { rememberedView, rememberView } from "./remembered.js";
import { useFullScreen } from "./use-full-screen.js";
import { useIdle } from "./use-idle.js";
import { useKeys } from "./use-keys.js";
import { usePicture } from "./use-picture.js";
import { usePlayer } from "./use-player.js";
import { useWakeLock } from "./use-wake-lock.js";
import { useWatermark } from "./use-watermark.js";
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

const Fittings = lazy(loadFittings);

/**
 * The review room: the picture and a neutral surround. What else is in the room comes after the picture, into the
 * places that the layout has for it: the stage, the strip of the call's pictures, the panel and the controls.
 */
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
  const { id: roomId, stream } = review;
  const [view, setView] = useState<RoomView>(() => rememberedView(roomId));
  const [strip, setStrip] = useState<HTMLElement | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const changeView = useCallback(
    (change: (before: RoomView) => RoomView, isChosen: boolean) =>
      setView((before) => {
        const next = change(before);
        rememberView(roomId, next, isChosen);
        return next;
      }),
    [roomId],
  );

  const { playout, universal } = review;
  const player = usePlayer({
    roomId,
    stream,
    playout,
    universal,
    earlyOffer,
    clockOffsetMs,
    onRefused,
  });
  const { viewer, sound, hasPicture, roomClosed } = player;
  useEffect(() => {
    silence.current = roomClosed;
    return () => {
      silence.current = null;
    };
  }, [silence, roomClosed]);
  const picture = usePicture(player);
  useWatermark(
    picture.stage,
    review.watermark && hasPicture ? review.participant.name : null,
    picture.visible,
  );
  const fullScreen = useFullScreen(frame, player, review.watermark);
  const isIdle = useIdle(frame, hasPicture);
  useWakeLock(viewer.is === "live");
  useKeys({ f: fullScreen.toggle, "1": picture.toggle, m: sound.toggle, ...picture.arrows });

  return (
    <div
      className="cs-room"
      ref={frame}
      data-idle={isIdle}
      data-filled={fullScreen.isFilled}
      data-layout={fullScreen.isFilled ? "picture" : view.layout}
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
      <div className="cs-strip" ref={setStrip} />
      <Suspense>
        <Fittings
          review={review}
          people={people}
          presence={presence}
          line={line}
          player={player}
          picture={picture}
          fullScreen={fullScreen}
          frame={frame}
          strip={view.layout === "picture" || fullScreen.isFilled ? null : strip}
          view={view}
          onView={changeView}
        />
      </Suspense>
    </div>
  );
}
