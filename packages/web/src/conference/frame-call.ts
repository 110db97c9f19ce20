import type { CallEnd, ServerMessage } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import type { Line } from "../live/line.js";

/** The call at MiroTalk, as a page shows it. */
export type FrameCallView =
  | { readonly is: "out"; readonly ended: CallEnd | null }
  | { readonly is: "joining" }
  /** It begins when a host is in it. */
  | { readonly is: "waiting" }
  /** `url`: MiroTalk's page, for a frame. It opens the call to whoever has it. */
  | { readonly is: "in"; readonly url: string };

/** The room's call where it is MiroTalk's: which page of it stands in the frame now. No React. */
export type FrameCall = {
  view(): FrameCallView;
  subscribe(listener: () => void): () => void;
  join(): void;
  leave(): void;
  close(): void;
};

const JOIN_AGAIN_MS = 8_000; // no answer came
const AWAY_AGAIN_MS = [2_000, 4_000, 8_000, 16_000, 30_000] as const;

/** Is out at first. */
export function createFrameCall({ line, clock }: { readonly line: Line; readonly clock: Clock }): FrameCall {
  const listeners = new Set<() => void>();
  let view: FrameCallView = { is: "out", ended: null };
  /** How often in a row MiroTalk did not answer; the next try comes by itself. */
  let awayCount = 0;
  let cancel: (() => void) | null = null;

  function isNow(next: FrameCallView) {
    view = next;
    for (const listener of [...listeners]) listener();
  }

  /** Is or wants to be in the call. */
  const wants = () => view.is !== "out" || awayCount > 0;

  function after(ms: number, what: () => void) {
    cancel?.();
    cancel = clock.after(ms, what);
  }

  function sayJoin() {
    line.say({ type: "call.join", resume: null });
    after(JOIN_AGAIN_MS, () => {
      if (view.is === "joining" || awayCount > 0) sayJoin();
    });
  }

  function ended(reason: CallEnd) {
    cancel?.();
    isNow({ is: "out", ended: reason });
    if (reason !== "away") {
      awayCount = 0;
      return;
    }
    after(AWAY_AGAIN_MS[awayCount] ?? AWAY_AGAIN_MS[AWAY_AGAIN_MS.length - 1] ?? 0, sayJoin);
    awayCount += 1;
  }

  function hear(message: ServerMessage) {
    if (!wants()) return;
    switch (message.type) {
      case "call.frame":
        cancel?.();
        awayCount = 0;
        // The page is the same one: to load it anew would end what it has.
        if (view.is !== "in" || !isSameMeeting(view.url, message.url)) isNow({ is: "in", url: message.url });
        return;
      case "call.waiting":
        cancel?.();
        awayCount = 0;
        isNow({ is: "waiting" });
        return;
      case "call.ended":
        ended(message.reason);
    }
  }

  function leave() {
    if (!wants()) return;
    cancel?.();
    awayCount = 0;
    line.say({ type: "call.leave" });
    isNow({ is: "out", ended: "left" });
  }

  const stopHearing = line.on(hear);
  const stopWatching = line.onLink((isUp) => {
    if (isUp && wants()) sayJoin();
  });

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    join() {
      if (view.is !== "out") return;
      awayCount = 0;
      isNow({ is: "joining" });
      sayJoin();
    },
    leave,
    close() {
      leave();
      stopHearing();
      stopWatching();
      listeners.clear();
    },
  };
}

/** Two addresses of one meeting: only the token is another. */
function isSameMeeting(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  return a.origin === b.origin && a.searchParams.get("room") === b.searchParams.get("room");
}
