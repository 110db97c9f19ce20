import type { PlaybackTicket } from "@colourstream/contract";
import { browserClock } from "../live/clock.js";
import { type Measured, measureSession } from "./measure.js";
import type { Offered } from "./offer.js";
import {
  createViewer,
  type PlaybackSession,
  type SessionEvents,
  type Viewer,
  type ViewerState,
} from "./viewer.js";
import { openWhep, type WhepSession } from "./whep.js";

/** What the browser did not allow without a tap. Muted pictures are only held back in iOS's Low Power Mode. */
export type Blocked = { readonly picture: boolean; readonly sound: boolean };

/** The page's elements and what it is told. */
export type PlayerPorts = {
  /** Two, one over the other: the next session gets its first frame behind the picture that is still shown. */
  readonly videos: readonly [HTMLVideoElement, HTMLVideoElement];
  /** Sound has an element of its own: the pictures stay muted and may always start by themselves. */
  readonly sound: HTMLAudioElement;
  /** An offer made before the room was entered, for the first session; null when there is none. */
  readonly takeOffer: () => Offered | null;
  readonly makeTicket: (signal: AbortSignal) => Promise<PlaybackTicket>;
  readonly clockOffsetMs: () => number | null;
  readonly onState: (state: ViewerState) => void;
  readonly onMeasured: (measured: Measured | null) => void;
  readonly onBlocked: (blocked: Blocked) => void;
  /** This element is now the picture; null: there is none any more. */
  readonly onShown: (video: HTMLVideoElement | null) => void;
};

/** The viewer with its elements. */
export type Player = Viewer & {
  /** Plays what was blocked; to be called from a tap or a key. */
  unblock(): void;
  /** Stops without a word to the server, which has ended every session in the room. */
  roomClosed(): void;
};

/** Joins the state machine with WHEP and the page's elements. */
export function createPlayer(ports: PlayerPorts): Player {
  const media = new Map<PlaybackSession, { video: HTMLVideoElement; whep: WhepSession }>();
  let shown: HTMLVideoElement | null = null;
  let isRoomClosed = false;
  let blocked: Blocked = { picture: false, sound: false };

  function block(change: Partial<Blocked>) {
    blocked = { ...blocked, ...change };
    ports.onBlocked(blocked);
  }

  /** The browser's refusals to play are states of the page; being overtaken by a newer source is not news. */
  function play(element: HTMLMediaElement, what: keyof Blocked) {
    element.play().then(
      () => block({ [what]: false }),
      (error: unknown) => {
        if (error instanceof DOMException && error.name === "NotAllowedError") block({ [what]: true });
        else if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      },
    );
  }

  function open(events: SessionEvents): PlaybackSession {
    const abort = new AbortController();
    const video = ports.videos[0] === shown ? ports.videos[1] : ports.videos[0];
    let whep: WhepSession | null = null;
    let stopMeasuring = () => {};

    async function begin() {
      whep = await openWhep({ makeTicket: ports.makeTicket, events, abort, early: ports.takeOffer() });
      media.set(session, { video, whep });
      stopMeasuring = measureSession({
        peer: whep.peer,
        video,
        clockOffsetMs: ports.clockOffsetMs,
        onFrame: events.frame,
        onBytes: events.bytes,
        onSecond: (measured) => {
          if (shown === video) ports.onMeasured(measured);
        },
      });
      video.srcObject = whep.video;
      play(video, "picture");
    }

    const session: PlaybackSession = {
      close() {
        abort.abort(new Error("the viewer left"));
        stopMeasuring();
        whep?.close(!isRoomClosed);
        media.delete(session);
        if (video.srcObject === whep?.video) video.srcObject = null;
      },
    };
    begin().catch((error: unknown) => {
      if (abort.signal.aborted && abort.signal.reason !== error) return;
      events.dead(error instanceof Error ? error.message : String(error));
    });
    return session;
  }

  const viewer = createViewer({
    clock: browserClock,
    random: Math.random,
    open,
    onState(state) {
      if (state.is !== "live") ports.onMeasured(null);
      if (state.is === "waiting" || state.is === "ended") {
        shown = null;
        ports.onShown(null);
      }
      ports.onState(state);
    },
    onShow(session) {
      const playing = media.get(session);
      if (playing === undefined) return;
      shown = playing.video;
      ports.onShown(playing.video);
      ports.sound.srcObject = playing.whep.sound;
      play(ports.sound, "sound");
    },
  });

  function stop() {
    viewer.stop();
    ports.sound.srcObject = null;
  }

  return {
    ...viewer,
    stop,
    roomClosed() {
      isRoomClosed = true;
      stop();
    },
    unblock() {
      for (const video of ports.videos) if (video.srcObject !== null) play(video, "picture");
      play(ports.sound, "sound");
    },
  };
}
