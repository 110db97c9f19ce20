import type { Talk, TalkPress } from "@colourstream/contract";
import { ApiProblem } from "../../api/call.js";
import type { Clock } from "../../live/clock.js";

/** How long the microphone stays open after the last word of this phone: a lost "up" closes it so late. */
export const HELD_FOR_MS = 3_000;
const ASK_EVERY_MS = 1_000;
/** After a press the page on the computer needs a moment to open or close its microphone: it is asked until it has. */
const ASK_SOON_MS = 200;
const SETTLES_WITHIN_MS = 2_500;
const ASK_WITHIN_MS = 2_000;
const SAID_FOR_MS = 4_000;

/** How it is with the button. */
export type TalkView = {
  readonly is: "beginning" | "on" | "ended";
  /** As it was told last; null: nothing yet. */
  readonly talk: Talk | null;
  /** The server does not answer. */
  readonly isAway: boolean;
  readonly isHeld: boolean;
  readonly staysOn: boolean;
  /** What is open was opened by this phone: it closes with the next answers, if it is not held. */
  readonly isOurs: boolean;
  /** It is held and nothing has opened: the computer's page asks for the microphone, or is asleep. */
  readonly isSlow: boolean;
  /** It was held, and was closed at the computer, by a host, or because the connection was away. */
  readonly wasClosed: boolean;
  readonly mutedAll: "no" | "asking" | "done" | "failed";
};

/** Before the first answer. */
export const NOT_BEGUN: TalkView = {
  is: "beginning",
  talk: null,
  isAway: false,
  isHeld: false,
  staysOn: false,
  isOurs: false,
  isSlow: false,
  wasClosed: false,
  mutedAll: "no",
};

/** A talk button away from the page whose microphone it opens. No React. */
export type TalkButton = {
  view(): TalkView;
  subscribe(listener: () => void): () => void;
  hold(isDown: boolean): void;
  stayOn(isOn: boolean): void;
  /** Closes it, whatever has opened it. */
  mute(): void;
  muteAll(): void;
  /** The page is looked at, or not: then it holds nothing and asks for nothing. */
  show(isVisible: boolean): void;
  close(): void;
};

/** What it needs: a way to ask, that gives up when it is told to, and a clock. */
export type TalkPorts = {
  ask(press: TalkPress, forMs: number, signal: AbortSignal): Promise<Talk>;
  readonly clock: Clock;
};

/** The link opens nothing (any more), or is none. */
const ENDED: readonly string[] = ["talk_link_wrong", "invalid_request"];

type Owed = "up" | "mute" | null;

/**
 * One question at a time. While the button is held it says so each second, and the server lets the microphone close by
 * itself when it hears nothing more. "down" is said until it is heard once; then only "hold", which opens nothing that
 * was closed at the other end meanwhile.
 */
export function createTalkButton({ ask, clock }: TalkPorts): TalkButton {
  const listeners = new Set<() => void>();
  let view = NOT_BEGUN;
  let owed: Owed = null;
  /** Of what is held now: whether the server knows, and whether it was seen open. */
  let press: { isHeard: boolean; wasLive: boolean } | null = null;
  let isVisible = true;
  let isOver = false;
  let asking: { readonly said: TalkPress; readonly abort: AbortController; isHurried: boolean } | null = null;
  let settlesUntil = 0;
  let cancelNext: (() => void) | null = null;
  let cancelSaid: (() => void) | null = null;

  const change = (patch: Partial<TalkView>) => {
    view = { ...view, ...patch };
    for (const listener of [...listeners]) listener();
  };

  const wanted = (): TalkPress | null => {
    if (view.mutedAll === "asking") return "mute-all";
    if (press !== null) return press.isHeard ? "hold" : "down";
    if (owed !== null) return owed;
    return isVisible ? "look" : null;
  };

  const letGo = (patch: Partial<TalkView> = {}) => {
    press = null;
    change({ isHeld: false, staysOn: false, isSlow: false, ...patch });
  };

  /** Says what is new at once, but after what was said before: an "up" must not overtake its "down". */
  const hurry = () => {
    if (asking === null) next(0);
    if (asking?.said !== "look") return;
    asking.isHurried = true;
    asking.abort.abort();
  };

  const next = (inMs: number) => {
    cancelNext?.();
    cancelNext = isOver || view.is === "ended" ? null : clock.after(inMs, () => void run());
  };

  const run = async () => {
    cancelNext = null;
    const said = wanted();
    if (said === null || asking !== null) return;
    const mine = { said, abort: new AbortController(), isHurried: false };
    asking = mine;
    const spoken = press;
    const cancel = clock.after(ASK_WITHIN_MS, () => mine.abort.abort());
    try {
      answered(await ask(said, HELD_FOR_MS, mine.abort.signal), said, spoken);
    } catch (error) {
      if (!mine.isHurried) failed(error, said);
    } finally {
      cancel();
      asking = null;
      next(pauseAfter(said));
    }
  };

  const pauseAfter = (said: TalkPress): number => {
    const now = wanted();
    if (view.isAway) return now === "look" || now === null ? ASK_EVERY_MS : ASK_SOON_MS;
    if (now !== said && now !== "look" && now !== "hold") return 0;
    const isSettled = view.talk?.isLive === (press !== null);
    return isSettled || clock.now() >= settlesUntil ? ASK_EVERY_MS : ASK_SOON_MS;
  };

  const answered = (talk: Talk, said: TalkPress, spoken: typeof press) => {
    if (isOver) return;
    if (said === owed) owed = null;
    if (said === "down" && spoken !== null) spoken.isHeard = true;
    change({ is: "on", talk, isAway: false });
    if (said === "mute-all") tellMutedAll("done");
    if (press === null && (!talk.isLive || clock.now() >= settlesUntil)) change({ isOurs: false });
    if (press === null || press !== spoken) return;
    if (talk.isLive) {
      press.wasLive = true;
      change({ isSlow: false });
    } else if (!talk.isInCall || !talk.mayTalk) letGo();
    else if (press.wasLive) {
      letGo({ wasClosed: true });
      owed = "up"; // the page there waits for it: what it closed by force is spent until it was let go
    } else change({ isSlow: clock.now() >= settlesUntil });
  };

  const failed = (error: unknown, said: TalkPress) => {
    if (isOver) return;
    if (error instanceof ApiProblem && ENDED.includes(error.code)) {
      letGo({ is: "ended", talk: null });
      return;
    }
    if (said === "mute-all") tellMutedAll("failed");
    const isRefused = error instanceof ApiProblem && error.status === 403;
    if (!isRefused) change({ isAway: true }); // the server's bad moment, or the network's: it is asked again
  };

  const tellMutedAll = (mutedAll: "done" | "failed") => {
    cancelSaid?.();
    change({ mutedAll });
    cancelSaid = clock.after(SAID_FOR_MS, () => change({ mutedAll: "no" }));
  };

  const begin = (patch: Partial<TalkView>) => {
    if (press === null) press = { isHeard: false, wasLive: false };
    settlesUntil = clock.now() + SETTLES_WITHIN_MS;
    owed = null;
    change({ isOurs: true, wasClosed: false, isSlow: false, ...patch });
    hurry();
  };
  const end = (how: "up" | "mute") => {
    const wasDown = press !== null;
    letGo();
    if (how === "mute" || wasDown) owed = how;
    settlesUntil = clock.now() + SETTLES_WITHIN_MS;
    hurry();
  };

  next(0);
  return {
    view: () => view,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hold: (isDown) => {
      if (view.is !== "on" || isDown === view.isHeld) return;
      if (isDown) begin({ isHeld: true });
      else if (view.staysOn) change({ isHeld: false });
      else end("up");
    },
    stayOn: (isOn) => {
      if (view.is !== "on" || isOn === view.staysOn) return;
      if (isOn) begin({ staysOn: true });
      else end("up");
    },
    mute: () => end("mute"),
    muteAll: () => {
      cancelSaid?.();
      change({ mutedAll: "asking" });
      hurry();
    },
    show: (isNowVisible) => {
      isVisible = isNowVisible;
      if (!isVisible && press !== null) end("up");
      else hurry();
    },
    close: () => {
      isOver = true;
      cancelNext?.();
      cancelSaid?.();
      asking?.abort.abort();
      listeners.clear();
    },
  };
}
