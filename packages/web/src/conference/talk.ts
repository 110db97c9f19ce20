import type { Clock } from "../live/clock.js";
import type { RemotePress } from "./call.js";

/** What holds a microphone open: the page's key, its button, a phone, a button of another program's. */
export type TalkSource = "key" | "pointer" | "phone" | "button";

/** What the microphone is to be, and why. */
export type TalkView = {
  /** Wanted open. Whether it is: `self.sending.mic` of the call. */
  readonly isOpen: boolean;
  readonly isLatched: boolean;
  readonly heldBy: readonly TalkSource[];
  /** In the suite, where loudspeakers play: leaving the microphone open is asked about first, see `latch`. */
  readonly asksToLatch: boolean;
};

/** What the talk logic needs. */
export type TalkPorts = {
  readonly clock: Clock;
  /** Resolves to whether the microphone is open now: false is a device that was refused. */
  readonly setMic: (isOn: boolean) => Promise<boolean>;
};

/** The microphone's will: open while anything holds it, or while it is latched. */
export type Talk = {
  view(): TalkView;
  subscribe(listener: () => void): () => void;
  /** `forMs`: by itself it ends then, unless it is held again before. */
  hold(source: TalkSource, forMs?: number): void;
  release(source: TalkSource): void;
  /** The page's own switch. In the suite opening it only asks. */
  toggle(): void;
  /** The answer to `asksToLatch`, and a switch that needs not ask. */
  latch(isOn: boolean): void;
  /** A button that is not on the page. */
  remote(press: RemotePress): void;
  /** Ends all: whatever holds it now must let go before it counts again. */
  mute(): void;
  /** Loudspeakers in the room: push to talk. */
  setSuite(isOn: boolean): void;
  /** The page lost the keyboard or went out of sight: it would never hear that the key was let go. */
  pageLeft(): void;
  /** What the call says of the microphone: one that closed by itself is not wanted open any more. */
  micIs(isOpen: boolean): void;
  close(): void;
};

type Hold = {
  /** Muted while it was held: it opens nothing until it was let go. */
  isSpent: boolean;
  readonly cancel: () => void;
};

const OF_THE_PAGE: readonly TalkSource[] = ["key", "pointer"];

/** Begins closed. */
export function createTalk({ clock, setMic }: TalkPorts): Talk {
  const holds = new Map<TalkSource, Hold>();
  const listeners = new Set<() => void>();
  let isLatched = false;
  let isSuite = false;
  let asksToLatch = false;
  let wasOpen = false;
  let wasMicOpen = false;
  let cached: TalkView | null = null;

  const heldBy = () => [...holds].filter(([, { isSpent }]) => !isSpent).map(([source]) => source);

  function changed() {
    const isOpen = isLatched || heldBy().length > 0;
    cached = { isOpen, isLatched, heldBy: heldBy(), asksToLatch };
    const isOther = isOpen !== wasOpen;
    wasOpen = isOpen;
    if (isOther) void ask(isOpen);
    for (const listener of [...listeners]) listener();
  }

  async function ask(isOpen: boolean) {
    const isMicOpen = await setMic(isOpen);
    if (isOpen && wasOpen && !isMicOpen) mute(); // refused: the switch must not stay on
  }

  function drop(source: TalkSource) {
    holds.get(source)?.cancel();
    holds.delete(source);
  }

  function mute() {
    isLatched = false;
    asksToLatch = false;
    for (const hold of holds.values()) hold.isSpent = true;
    changed();
  }

  function hold(source: TalkSource, forMs?: number) {
    const isSpent = holds.get(source)?.isSpent ?? false;
    drop(source);
    const cancel = forMs === undefined ? () => undefined : clock.after(forMs, () => release(source));
    holds.set(source, { isSpent, cancel });
    changed();
  }

  function release(source: TalkSource) {
    drop(source);
    changed();
  }

  function latch(isOn: boolean) {
    isLatched = isOn;
    asksToLatch = false;
    changed();
  }

  return {
    view() {
      cached ??= { isOpen: false, isLatched: false, heldBy: [], asksToLatch: false };
      return cached;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    hold,
    release,
    toggle() {
      if (isLatched || !isSuite) {
        latch(!isLatched);
        return;
      }
      asksToLatch = !asksToLatch;
      changed();
    },
    latch,
    remote({ press, forMs, by }) {
      const source = by === "phone" ? "phone" : "button";
      if (press === "down") hold(source, forMs);
      else if (press === "up") release(source);
      else if (press === "toggle") latch(!isLatched);
      else mute();
    },
    mute,
    setSuite(isOn) {
      isSuite = isOn;
      if (isOn) isLatched = false; // an open microphone beside loudspeakers is what the suite mode is against
      asksToLatch = false;
      changed();
    },
    pageLeft() {
      for (const source of OF_THE_PAGE) drop(source);
      changed();
    },
    micIs(isOpen) {
      const hasClosed = wasMicOpen && !isOpen;
      wasMicOpen = isOpen;
      if (hasClosed && wasOpen) mute();
    },
    close() {
      for (const source of [...holds.keys()]) drop(source);
      isLatched = false;
      changed();
      listeners.clear();
    },
  };
}
