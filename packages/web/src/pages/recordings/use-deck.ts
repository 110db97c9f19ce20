import { useEffect, useRef, useState } from "react";
import { shuttle, stepFrom } from "./timecode.js";

/** Why there is no picture. */
export type DeckProblem = "cannot-play" | "away";

/** A recording's picture under one's hands: where it is, which way it goes, and what can be done. */
export type Deck = {
  readonly seconds: number;
  readonly duration: number;
  /** 0: it stands. 1: as recorded. Below 0: backwards. */
  readonly speed: number;
  readonly isMuted: boolean;
  readonly volume: number;
  readonly problem: DeckProblem | null;
  seek(seconds: number): void;
  step(frames: number): void;
  toggle(): void;
  faster(direction: -1 | 1): void;
  stand(): void;
  setMuted(isMuted: boolean): void;
  setVolume(volume: number): void;
};

const STEP_RATE = 25; // frames per second to step by when the file does not say its own

/** Plays a `<video>` like a deck: frame by frame, both ways, at several speeds. */
export function useDeck(video: HTMLVideoElement | null, rate: number | null, hasPicture: boolean): Deck {
  const [seconds, setSeconds] = useState(0);
  const [duration, setDuration] = useState(0);
  const [speed, setSpeed] = useState(0);
  const [sound, setSound] = useState({ isMuted: false, volume: 1 });
  const [problem, setProblem] = useState<DeckProblem | null>(null);
  const wanted = useRef(0); // the speed that was asked for, also while the element has not begun to move

  const go = (next: number) => {
    wanted.current = next;
    setSpeed(next);
  };

  useEffect(() => {
    if (video === null) return;
    const show = () => setSeconds(video.currentTime);
    const length = () => {
      if (Number.isFinite(video.duration)) setDuration(video.duration);
      // A browser without the picture's decoder plays the sound alone.
      if (hasPicture && video.videoWidth === 0) setProblem("cannot-play");
    };
    const heard = () => setSound({ isMuted: video.muted, volume: video.volume });
    const ended = () => {
      wanted.current = 0;
      setSpeed(0);
      show();
    };
    const failed = () =>
      setProblem(video.error?.code === MediaError.MEDIA_ERR_NETWORK ? "away" : "cannot-play");
    const events = [
      ["timeupdate", show],
      ["seeking", show],
      ["loadedmetadata", length],
      ["durationchange", length],
      ["volumechange", heard],
      ["ended", ended],
      ["error", failed],
    ] as const;
    for (const [name, act] of events) video.addEventListener(name, act);
    if (video.error !== null) failed();
    else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) length();
    heard();
    return () => {
      for (const [name, act] of events) video.removeEventListener(name, act);
    };
  }, [video, hasPicture]);

  useEffect(() => {
    if (video === null || speed === 0) return;
    let frame = 0;
    let from = { at: performance.now(), seconds: video.currentTime };
    const look = () => {
      frame = requestAnimationFrame(look);
      if (speed > 0) return setSeconds(video.currentTime);
      // No browser plays backwards: it is shown where it would be, as often as it can get there.
      if (video.seeking) return;
      const next = from.seconds + (speed * (performance.now() - from.at)) / 1_000;
      video.currentTime = Math.max(0, next);
      if (next <= 0) {
        wanted.current = 0;
        setSpeed(0);
      }
    };
    if (speed > 0) {
      video.playbackRate = speed;
      video.play().catch(() => {
        // Refused or interrupted by a pause: it stands, and the button says so.
        if (wanted.current === speed && video.paused) setSpeed(0);
      });
    } else {
      video.pause();
      from = { at: performance.now(), seconds: video.currentTime };
    }
    look();
    return () => {
      cancelAnimationFrame(frame);
      video.pause();
    };
  }, [video, speed]);

  const atEnd = () => video !== null && video.currentTime >= video.duration - 0.001;
  const seek = (to: number) => {
    if (video === null) return;
    video.currentTime = Math.min(Math.max(0, to), Number.isFinite(video.duration) ? video.duration : to);
    setSeconds(video.currentTime);
  };
  return {
    seconds,
    duration,
    speed,
    ...sound,
    problem,
    seek,
    step(frames) {
      if (video === null) return;
      go(0);
      seek(stepFrom(video.currentTime, frames, rate ?? STEP_RATE, video.duration || 0));
    },
    toggle() {
      if (wanted.current === 0 && atEnd()) seek(0);
      go(wanted.current === 0 ? 1 : 0);
    },
    faster(direction) {
      if (direction === 1 && atEnd()) return;
      go(shuttle(wanted.current, direction));
    },
    stand: () => go(0),
    setMuted(isMuted) {
      if (video !== null) video.muted = isMuted;
    },
    setVolume(volume) {
      if (video === null) return;
      video.volume = volume;
      video.muted = volume === 0;
    },
  };
}
