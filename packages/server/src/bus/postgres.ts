import { type BusLine, type BusLineNews, MAX_NOTICE_BYTES } from "../store/bus-line.js";
import type { Bus, Said, Topic } from "./bus.js";
import { type Notice, parseNotice, parseSaying, type Saying } from "./notice.js";
import { createRoll } from "./roll.js";

const MAX_SAID_BYTES = 64 * 1024;
const MAX_WAITING = 4_096; // sayings that are to go out: seconds of a busy studio
const MAX_HEARD = 8_192; // notices that are to be told: while a long one is fetched, or the product is put together
const BEAT_MS = 1_000;
const ANSWER_MS = 2_000; // a beat without an answer for so long: the connection is dead
const FIRST_FOR_MS = 3_000; // how long an answer is good for; the lock is taken away from a silent one after 5 s
const BACK_OFF_MS = [100, 200, 400, 800, 1_600, 2_000] as const;
const OLD_TEXTS_EVERY_BEATS = 60;
const ECHO_WITHIN_BEATS = 3;
const CLOSE_MS = 1_000;

const NO_ECHO =
  "the server processes cannot hear each other: notifications do not come back. DATABASE_URL must lead to PostgreSQL itself, not to a pooler that shares connections between transactions";

/** A bus over PostgreSQL's LISTEN and NOTIFY. */
export type PostgresBus = Bus & {
  /** The first try to connect; what is heard from then on is kept until `begin`. Goes on trying when it fails. */
  connect(): Promise<void>;
  /** Whoever is to hear has said so: from now on they are told. */
  begin(): void;
};

/** What it needs. `open` connects; `clock` is monotonic, ms. */
export type PostgresBusOptions = {
  readonly self: string;
  readonly open: (news: BusLineNews) => Promise<BusLine>;
  readonly clock: () => number;
  /** False: it never is the first, such as a command that is done in a second. */
  readonly mayBeFirst: boolean;
  warn(message: string, error: unknown): void;
};

type State =
  | { readonly is: "away"; readonly timer: NodeJS.Timeout | null }
  | { readonly is: "connecting" }
  | Open
  | { readonly is: "closed" };

type Open = {
  readonly is: "open";
  readonly line: BusLine;
  /** When the beat was sent that has no answer yet. */
  askedAt: number | null;
  /** When the last beat was sent that was answered. */
  answeredAt: number;
  hasLock: boolean;
  beats: number;
  /** Whether our own notices come back to us, as they do where listening works. */
  hasEcho: boolean;
  isSending: boolean;
};

type Outgoing = { readonly seq: number; readonly text: string; readonly bytes: number };

export function createPostgresBus(options: PostgresBusOptions): PostgresBus {
  const { self, clock, warn } = options;
  const listeners = new Map<Topic, ((what: Said, from: string) => void)[]>();
  const onGap: (() => void)[] = [];
  const onFirst: ((isFirst: boolean) => void)[] = [];
  const counts = { said: 0, heard: 0, dropped: 0, gaps: 0, reconnects: 0 };

  let state: State = { is: "away", timer: null };
  let tries = 0;
  let hasWarned = false;
  let hasBeenOpen = false;
  let isTriedOnce = false;
  let seq = 0;
  let waiting: Outgoing[] = [];
  let isFlushing = false;
  let toldFirst = false;
  let hasBegun = false;
  let isGapDue = false;
  const heard: Notice[] = [];
  let isTelling = false;

  const roll = createRoll({
    clock,
    missed: () => gap(),
    warn: (id) => warn("a server process beyond the most there can be is not heard", { id }),
  });

  const isOpen = (line: Open): boolean => state === line;
  const isFirst = (): boolean =>
    hasBegun && state.is === "open" && state.hasLock && clock() - state.answeredAt < FIRST_FOR_MS;
  const tellFirst = (): void => {
    if (isFirst() === toldFirst) return;
    toldFirst = !toldFirst;
    for (const listener of onFirst) listener(toldFirst);
  };

  /** Once for all that was missed in this turn of the loop. */
  const gap = (): void => {
    if (isGapDue) return;
    isGapDue = true;
    counts.gaps += 1;
    setImmediate(tellGap);
  };
  const tellGap = (): void => {
    if (!hasBegun || !isGapDue || state.is === "closed") return;
    isGapDue = false;
    if (state.is !== "open") return; // there will be one when it is open again
    for (const listener of onGap) listener();
  };

  const tell = ([topic, what]: Saying, from: string): void => {
    counts.heard += 1;
    for (const listener of listeners.get(topic) ?? []) listener(what, from);
  };

  /** One after another: what was too long for a notice is fetched before the next one is told. */
  const tellAll = async (): Promise<void> => {
    if (isTelling || !hasBegun) return;
    isTelling = true;
    for (let notice = heard.shift(); notice !== undefined && state.is !== "closed"; notice = heard.shift()) {
      const sayings = notice.is === "kept" ? await fetched(notice.id) : null;
      const { from, seq: at } = notice;
      switch (notice.is) {
        case "said":
          if (roll.hear(from, at, notice.said.length)) for (const saying of notice.said) tell(saying, from);
          else counts.dropped += notice.said.length;
          break;
        case "kept":
          if (!roll.hear(from, at, 1)) counts.dropped += 1;
          else if (sayings === null) gap();
          else tell(sayings, from);
          break;
        case "hello":
          roll.hello(from, at);
          if (state.is === "open") void beat(state);
          break;
        case "here":
          roll.here(from, at);
          break;
        case "bye":
          roll.bye(from);
          break;
      }
    }
    isTelling = false;
  };

  const fetched = async (id: string): Promise<Saying | null> => {
    if (state.is !== "open") return null;
    try {
      const text = await state.line.readLong(id);
      return text === null ? null : parseSaying(text);
    } catch {
      return null; // the connection went: the gap that comes with its return covers it
    }
  };

  const onNotice = (text: string): void => {
    const notice = parseNotice(text);
    if (notice === null) {
      counts.dropped += 1;
      return;
    }
    if (notice.from === self) {
      if (state.is === "open") state.hasEcho = true;
      return;
    }
    if (heard.length >= MAX_HEARD) {
      counts.dropped += heard.length;
      heard.length = 0;
      gap();
    }
    heard.push(notice);
    void tellAll();
  };

  const flushSoon = (): void => {
    if (isFlushing) return;
    isFlushing = true;
    setImmediate(() => {
      isFlushing = false;
      if (state.is === "open" && !state.isSending) void flush(state);
    });
  };

  /** All that is waiting, as many as fit in one notice at a time, one notice after another. */
  const flush = async (line: Open): Promise<void> => {
    line.isSending = true;
    try {
      while (waiting.length > 0 && isOpen(line)) await sendSome(line.line);
    } catch (error) {
      lose(line, error);
    }
    line.isSending = false;
  };

  const sendSome = async (line: BusLine): Promise<void> => {
    const head = (first: Outgoing): string =>
      `{"is":"said","from":${JSON.stringify(self)},"seq":${first.seq},"said":[`;
    const [first, ...rest] = waiting;
    if (first === undefined) return;
    let bytes = head(first).length + first.bytes + 2;
    if (bytes > MAX_NOTICE_BYTES) {
      waiting = rest;
      const before = `{"is":"kept","from":${JSON.stringify(self)},"seq":${first.seq},"id":"`;
      await line.notifyLong(first.text, { before, after: '"}' });
      return;
    }
    let count = 1;
    for (const { bytes: more } of rest) {
      bytes += more + 1;
      if (bytes > MAX_NOTICE_BYTES) break;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    await line.notify(`${head(first)}${batch.map(({ text }) => text).join(",")}]}`);
  };

  /** With how much has gone out before it: what waits comes after it. */
  const sign = (is: "hello" | "here" | "bye"): string => {
    const notice: Notice = { is, from: self, seq: (waiting[0]?.seq ?? seq + 1) - 1 };
    return JSON.stringify(notice);
  };

  const beat = async (line: Open, is: "hello" | "here" = "here"): Promise<void> => {
    if (line.askedAt !== null) return;
    const askedAt = clock();
    line.askedAt = askedAt;
    line.beats += 1;
    try {
      await line.line.notify(sign(is));
      if (line.beats === ECHO_WITHIN_BEATS && !line.hasEcho) warn(NO_ECHO, null);
      if (options.mayBeFirst && !line.hasLock) {
        line.hasLock = await line.line.tryFirst();
        if (!line.hasLock) await line.line.endSilentFirst();
      }
      if (isFirst() && line.beats % OLD_TEXTS_EVERY_BEATS === 0) await line.line.removeOldTexts();
    } catch (error) {
      lose(line, error);
      return;
    }
    if (!isOpen(line)) return;
    tellFirst(); // one that was not sure of itself for a while was not the first
    line.askedAt = null;
    line.answeredAt = askedAt;
    tellFirst();
  };

  /** After what has come in meanwhile was read: a process that was held up must not take the others for dead. */
  const everyBeat = setInterval(() => setImmediate(onBeat), BEAT_MS);
  everyBeat.unref();
  const onBeat = (): void => {
    if (state.is === "closed") return;
    tellFirst();
    for (const id of roll.silent()) roll.lost(id);
    if (state.is !== "open") return;
    const { askedAt } = state;
    if (askedAt !== null && clock() - askedAt > ANSWER_MS)
      lose(state, new Error(`the database did not answer within ${ANSWER_MS} ms`));
    else void beat(state);
  };

  const lose = (line: Open, error: unknown): void => {
    if (!isOpen(line)) return;
    line.line.end();
    waiting = [];
    retry(error);
    tellFirst();
  };

  const retry = (error: unknown): void => {
    if (!hasWarned) warn("the server processes cannot hear each other: the database is away", error);
    hasWarned = true;
    const wait = BACK_OFF_MS[Math.min(tries, BACK_OFF_MS.length - 1)] ?? 0;
    tries += 1;
    const timer = setTimeout(() => void connect(), wait);
    timer.unref();
    state = { is: "away", timer };
  };

  const connect = async (): Promise<void> => {
    if (state.is !== "away") return;
    state = { is: "connecting" };
    let opened: Open | null = null;
    try {
      const line = await options.open({
        onNotice,
        onLost: (error) => {
          if (opened !== null) lose(opened, error);
        },
      });
      if (isClosed()) {
        line.end();
        return;
      }
      const now = clock();
      opened = {
        ...{ is: "open", line, askedAt: null, answeredAt: now },
        ...{ hasLock: false, beats: 0, hasEcho: false, isSending: false },
      };
    } catch (error) {
      if (!isClosed()) retry(error);
      isTriedOnce = true;
      return;
    }
    state = opened;
    if (hasBeenOpen) counts.reconnects += 1;
    if (hasBeenOpen || isTriedOnce) {
      roll.forgetCounts();
      gap();
    }
    hasBeenOpen = true;
    isTriedOnce = true;
    await beat(opened, "hello");
    if (!isOpen(opened)) return;
    tries = 0;
    if (hasWarned) warn("the server processes hear each other again", null);
    hasWarned = false;
    flushSoon();
  };
  const isClosed = (): boolean => state.is === "closed";

  return {
    self,
    connect,
    begin: () => {
      hasBegun = true;
      setImmediate(tellGap);
      tellFirst();
      void tellAll();
    },
    others: roll.others,
    say: (topic, what) => {
      const text = JSON.stringify([topic, what]);
      const bytes = Buffer.byteLength(text);
      if (bytes > MAX_SAID_BYTES)
        throw new Error(
          `${bytes} bytes about ${topic} cannot be said at once; ${MAX_SAID_BYTES} are the most`,
        );
      if (state.is === "closed") return;
      seq += 1; // also for what is lost: the others see from the next one that something is missing
      if (state.is !== "open") {
        counts.dropped += 1;
        return;
      }
      counts.said += 1;
      waiting.push({ seq, text, bytes });
      if (waiting.length > MAX_WAITING) {
        waiting.shift();
        counts.dropped += 1;
      }
      flushSoon();
    },
    hear: (topic, listener) => {
      listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
    },
    onOther: roll.onOther,
    onGap: (listener) => {
      onGap.push(listener);
    },
    isFirst,
    onFirst: (listener) => {
      onFirst.push(listener);
    },
    counts: () => counts,
    close: async () => {
      const last = state;
      if (last.is === "away" && last.timer !== null) clearTimeout(last.timer);
      clearInterval(everyBeat);
      if (last.is === "open") {
        const goodbye = (async () => {
          while (waiting.length > 0) await sendSome(last.line);
          await last.line.notify(sign("bye"));
        })().catch(() => undefined); // the others notice that it is silent
        await Promise.race([goodbye, new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
        last.line.end();
      }
      state = { is: "closed" };
      tellFirst();
    },
  };
}
