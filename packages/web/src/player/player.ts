import type { PlaybackTicket, Playout } from "@colourstream/contract";
import { browserClock } from "../live/clock.js";
import type { Fade } from "./fade.js";
import { type Measured, measureSession } from "./measure.js";
import type { Offered } from "./offer.js";
import { CannotPlay, failingOf } from "./refused.js";
import {
  createViewer,
  type PlaybackSession,
  type SessionEvents,
  type Viewer,
  type ViewerState,
} from "./viewer.js";
import type { Way, WayChoice } from "./ways.js";
import { nothingLearnt, openWebRtc } from "./webrtc.js";

/** What the browser did not allow without a tap. Muted pictures are only held back in iOS's Low Power Mode. */
export type Blocked = { readonly picture: boolean; readonly sound: boolean };

/** How loud, from 0 to 1, and whether at all. */
export type Loudness = { readonly isMuted: boolean; readonly volume: number };

/** The picture that is on screen, and the way it came. */
export type Shown = { readonly video: HTMLVideoElement; readonly way: Way };

/** The page's elements and what it is told. */
export type PlayerPorts = {
  /** Two, one over the other: the next session gets its first frame behind the picture that is still shown. */
  readonly videos: readonly [HTMLVideoElement, HTMLVideoElement];
  /** WebRTC's sound has an element of its own: its pictures stay muted and may always start by themselves. */
  readonly sound: HTMLAudioElement;
  readonly choice: WayChoice;
  readonly playout: Playout;
  /** An offer made before the room was entered, for the first session; null when there is none. */
  readonly takeOffer: () => Offered | null;
  readonly makeTicket: (way: Way, signal: AbortSignal) => Promise<PlaybackTicket>;
  readonly clockOffsetMs: () => number | null;
  readonly onState: (state: ViewerState) => void;
  readonly onMeasured: (measured: Measured | null) => void;
  readonly onBlocked: (blocked: Blocked) => void;
  /** This element is now the picture; null: there is none any more. */
  readonly onShown: (shown: Shown | null) => void;
};

/** The viewer with its elements. */
export type Player = Viewer & {
  /** Plays what was blocked; to be called from a tap or a key. */
  unblock(): void;
  setLoudness(loudness: Loudness): void;
  /** Lets the programme step back while somebody talks: its loudness is multiplied by this, from 0 to 1. */
  setGain(gain: number): void;
  /** How pictures are to be held from now on: by WebRTC, another session takes over. */
  setPlayout(playout: Playout): void;
  /** Plays the sound so much later than it comes, where `canDelaySound`: 0 as soon as the browser can. */
  setSoundDelay(ms: number): void;
  /** Stops without a word to the server, which has ended every session in the room. */
  roomClosed(): void;
};

/** A session that plays into an element. */
type Playing = Shown & {
  /** WebRTC's; HLS has its sound in the picture's element. */
  readonly sound: MediaStream | null;
  readonly receiver: RTCRtpReceiver | null;
  end(tellServer: boolean): void;
};

type Opening = {
  readonly way: Way;
  readonly video: HTMLVideoElement;
  readonly events: SessionEvents;
  readonly abort: AbortController;
  readonly onSecond: (measured: Measured) => void;
};

/** Whether WebRTC's sound can be held back (W3C webrtc-extensions §9); of HLS it cannot. */
export const canDelaySound = "RTCRtpReceiver" in window && "jitterBufferTarget" in RTCRtpReceiver.prototype;

/** Loaded when it is first needed: most pictures come by WebRTC. */
const hlsProgram = () => Promise.all([import("./hls.js"), import("./measure-hls.js")]);

/** Joins the state machine with WebRTC, HLS and the page's elements. */
export function createPlayer(ports: PlayerPorts): Player {
  const playings = new Map<PlaybackSession, Playing>();
  let shown: Playing | null = null;
  let isRoomClosed = false;
  let blocked: Blocked = { picture: false, sound: false };
  let loudness: Loudness = { isMuted: false, volume: 1 };
  let needsTap = false; // for the sound of an HLS picture
  let gain = 1;
  let delayMs = 0;
  let fade: Fade | "loading" | null = null;
  let playout = ports.playout;
  const learnt = nothingLearnt();

  function block(change: Partial<Blocked>) {
    blocked = { ...blocked, ...change };
    ports.onBlocked(blocked);
  }

  /** The browser's refusals to play are states of the page; being overtaken by a newer source is not news. */
  function play(element: HTMLMediaElement, what: keyof Blocked) {
    element.play().then(
      () => block({ [what]: false }),
      (error: unknown) => {
        if (!(error instanceof DOMException)) throw error;
        if (error.name === "NotAllowedError") block({ [what]: true });
        // A source that cannot be played says so by itself (NotSupportedError, with `error` on the element).
        else if (error.name !== "AbortError" && error.name !== "NotSupportedError") throw error;
      },
    );
  }

  /** Sound comes from one element only: that of the picture on screen, or the one beside it. */
  function applyLoudness() {
    const isMuted = loudness.isMuted || gain === 0;
    const volume = loudness.volume * gain;
    ports.sound.volume = volume;
    // iOS lets no page set it: there the sound goes another way as soon as it is to be less than whole.
    if (ports.sound.volume !== volume && fade === null) void loadFade();
    const isFaded =
      fade !== null && fade !== "loading" && fade.play(shown?.sound ?? null, isMuted ? 0 : volume);
    ports.sound.muted = isMuted || isFaded;
    for (const video of ports.videos) {
      const isSource = shown !== null && shown.video === video && shown.way === "hls";
      video.volume = volume;
      video.muted = !isSource || isMuted || needsTap;
    }
  }

  async function loadFade() {
    fade = "loading";
    const { createFade } = await import("./fade.js");
    fade = createFade(applyLoudness);
    applyLoudness();
  }

  function applyDelay({ receiver }: Playing) {
    if (canDelaySound && receiver !== null) receiver.jitterBufferTarget = delayMs === 0 ? null : delayMs;
  }

  /** A browser that wants a tap before it makes a sound stops the picture instead, when it is no longer muted. */
  function onPause(event: Event) {
    const video = event.target as HTMLVideoElement;
    if (shown?.way !== "hls" || shown.video !== video || video.muted || video.ended) return;
    needsTap = true;
    applyLoudness();
    block({ sound: true });
    play(video, "picture");
  }
  for (const video of ports.videos) video.addEventListener("pause", onPause);

  /** A ticket for this rendition; an engine that does not have it gives another, which is not what was wanted. */
  async function makeTicket(way: Way, signal: AbortSignal) {
    const ticket = await ports.makeTicket(way, signal);
    if (way === "universal" && ticket.rendition !== way) throw new CannotPlay("there is no such rendition");
    return ticket;
  }

  async function openByWebRtc({ way, video, events, abort, onSecond }: Opening): Promise<Playing> {
    const session = await openWebRtc({
      makeTicket: (signal) => makeTicket(way, signal),
      events,
      abort,
      early: ports.takeOffer(),
      playout,
      learnt,
    });
    const stopMeasuring = measureSession({
      peer: session.peer,
      video,
      clockOffsetMs: ports.clockOffsetMs,
      onFrame: events.frame,
      onBytes: events.bytes,
      onSecond,
    });
    video.srcObject = session.video;
    return {
      video,
      way,
      sound: session.sound,
      receiver: session.peer.getReceivers().find(({ track }) => track.kind === "audio") ?? null,
      end(tellServer) {
        stopMeasuring();
        session.close(tellServer);
        if (video.srcObject === session.video) video.srcObject = null;
      },
    };
  }

  async function openLlHls({ way, video, events, abort, onSecond }: Opening): Promise<Playing> {
    const [{ openHls }, { measureHls }] = await hlsProgram();
    const { playback, close } = await openHls({
      video,
      makeTicket: (signal) => makeTicket(way, signal),
      events,
      abort,
    });
    const { clockOffsetMs } = ports;
    const stopMeasuring = measureHls({ video, playback, clockOffsetMs, onFrame: events.frame, onSecond });
    return {
      video,
      way,
      sound: null,
      receiver: null,
      end(tellServer) {
        stopMeasuring();
        video.muted = true;
        close(tellServer);
      },
    };
  }

  function open(events: SessionEvents, way: Way): PlaybackSession {
    const abort = new AbortController();
    const video = ports.videos[0] === shown?.video ? ports.videos[1] : ports.videos[0];
    let playing: Playing | null = null;
    let isClosed = false;

    async function begin() {
      const onSecond = (measured: Measured) => {
        if (shown === playing) ports.onMeasured(measured);
      };
      const opened = await (way === "hls" ? openLlHls : openByWebRtc)({
        way,
        video,
        events,
        abort,
        onSecond,
      });
      if (isClosed) {
        opened.end(!isRoomClosed);
        return;
      }
      playing = opened;
      playings.set(session, opened);
      applyDelay(opened);
      play(video, "picture");
    }

    const session: PlaybackSession = {
      close() {
        if (isClosed) return;
        isClosed = true;
        abort.abort(new Error("the viewer left"));
        playing?.end(!isRoomClosed);
        playings.delete(session);
      },
    };
    begin().catch((error: unknown) => {
      if (isClosed) return;
      events.dead(error instanceof Error ? error.message : String(error), failingOf(error));
    });
    return session;
  }

  const viewer = createViewer({
    clock: browserClock,
    random: Math.random,
    choice: ports.choice,
    open,
    onState(state) {
      if (state.is !== "live") ports.onMeasured(null);
      if (state.is === "waiting" || state.is === "unplayable" || state.is === "ended") {
        shown = null;
        ports.onShown(null);
      }
      ports.onState(state);
    },
    onShow(session) {
      const playing = playings.get(session);
      if (playing === undefined) return;
      shown = playing;
      ports.onMeasured(null);
      ports.onShown({ video: playing.video, way: playing.way });
      ports.sound.srcObject = playing.sound;
      applyLoudness();
      if (playing.sound !== null) play(ports.sound, "sound");
      else if (!needsTap) block({ sound: false });
    },
  });

  function stop() {
    viewer.stop();
    ports.sound.srcObject = null;
    if (fade !== "loading") fade?.close();
    for (const video of ports.videos) video.removeEventListener("pause", onPause);
  }

  return {
    ...viewer,
    stop,
    roomClosed() {
      isRoomClosed = true;
      stop();
    },
    setLoudness(next) {
      loudness = next;
      applyLoudness();
    },
    setGain(next) {
      gain = next;
      applyLoudness();
    },
    networkChanged() {
      learnt.needsTcp = false;
      viewer.networkChanged();
    },
    setPlayout(next) {
      if (next === playout) return;
      playout = next;
      if (shown?.way !== "hls") viewer.renew();
    },
    setSoundDelay(ms) {
      delayMs = ms;
      for (const playing of playings.values()) applyDelay(playing);
    },
    unblock() {
      needsTap = false;
      applyLoudness();
      for (const { video } of playings.values()) play(video, "picture");
      if (shown?.way === "hls") block({ sound: false });
      else play(ports.sound, "sound");
    },
  };
}
