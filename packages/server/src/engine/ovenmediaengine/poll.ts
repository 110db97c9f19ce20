import type { Figures, RecordState, StreamFacts } from "./answers.js";
import type { OmeNode } from "./ome-config.js";
import { OmeError, type OmeRest, unlessMissing } from "./rest.js";

const EVERY_MS = 2_000;
const SOON_MS = 400; // after an admission: its stream comes within a second or two
const SOON_FOR_MS = 4_000;
const AGAIN_MS = 1_000; // after a failure
const AT_ONCE = 6;
/** So many polls that fail one after another, and what was known of a server counts no more: at most 7 s. */
const FAILURES_TO_FORGET = 2;
const SLOW_FACTS_MS = 30_000; // version, applications and profiles change with a restart only
const MOST_STREAMS = 500;

/** A stream as one server has it. */
export type PolledStream = {
  readonly app: string;
  readonly name: string;
  readonly facts: StreamFacts;
  readonly figures: Figures;
};

/** What one server said of itself, all within one poll. */
export type NodeReport = {
  readonly streams: readonly PolledStream[];
  readonly figures: Figures;
  readonly records: readonly RecordState[];
  readonly apps: readonly { readonly app: string; readonly profiles: readonly string[] }[];
};

/** How a server is. */
export type NodeState = {
  readonly node: OmeNode;
  readonly role: "origin" | "edge";
  readonly state: "ok" | "failing" | "away";
  /** Wall clock. */
  readonly since: number;
  readonly problem: string | null;
  readonly version: string | null;
  readonly answerMs: number | null;
  /** Null: it has not answered yet, or not for so long that what it said counts no more. */
  readonly report: NodeReport | null;
};

/** Asks one server again and again, never two polls at once. */
export type NodePoll = {
  readonly rest: OmeRest;
  now(): NodeState;
  /** Resolves after the first poll, whatever came of it. */
  start(): Promise<void>;
  /** Something is about to change: for a few seconds it is asked more often. */
  soon(): void;
  stop(): void;
};

/** What a poll needs. `told` is called after each one. */
export type NodePollOptions = {
  readonly node: OmeNode;
  readonly role: "origin" | "edge";
  readonly rest: OmeRest;
  /** Those whose streams are ours. */
  readonly apps: readonly string[];
  readonly clock: () => number;
  readonly wallClock: () => number;
  told(state: NodeState): void;
};

export function createNodePoll(options: NodePollOptions): NodePoll {
  const { node, role, rest, clock, wallClock } = options;
  let state: NodeState = {
    node,
    role,
    state: "away",
    since: wallClock(),
    problem: "It has not been asked yet.",
    version: null,
    answerMs: null,
    report: null,
  };
  let slow: { readonly version: string; readonly apps: NodeReport["apps"]; readonly atMs: number } | null =
    null;
  let failures = 0;
  let soonUntilMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | null = null;
  let isStopped = false;

  const readSlow = async (): Promise<NonNullable<typeof slow>> => {
    if (slow !== null && clock() - slow.atMs < SLOW_FACTS_MS) return slow;
    const version = await rest.version();
    const names = await rest.apps();
    const apps = await inTurns(names, async (app) => {
      const known = await rest.app(app).catch(unlessMissing(null));
      const profiles = known?.outputProfiles?.outputProfile?.map(({ name }) => name) ?? [];
      return { app, profiles };
    });
    return { version, apps, atMs: clock() };
  };

  const readStreams = async (): Promise<PolledStream[]> => {
    const lists = await inTurns(options.apps, async (app) => {
      const names = await rest.streams(app).catch(unlessMissing<string[]>([])); // an edge makes it with its first stream
      return names.map((name) => ({ app, name }));
    });
    const all = lists.flat().slice(0, MOST_STREAMS);
    const read = await inTurns(all, async ({ app, name }): Promise<PolledStream | null> => {
      // It can go between the list and the question.
      const facts = await rest.stream(app, name).catch(unlessMissing(null));
      const figures = facts === null ? null : await rest.figuresOf(app, name).catch(unlessMissing(null));
      return facts === null || figures === null ? null : { app, name, facts, figures };
    });
    return read.filter((stream) => stream !== null);
  };

  const sinceAs = (next: NodeState["state"]): number => (state.state === next ? state.since : wallClock());

  const poll = async (): Promise<void> => {
    try {
      const beganMs = clock();
      const figures = await rest.figures();
      const answerMs = clock() - beganMs;
      slow = await readSlow();
      const streams = await readStreams();
      const own = options.apps[0];
      const records =
        role === "edge" || own === undefined ? [] : await rest.records(own).catch(unlessMissing([]));
      failures = 0;
      const report = { streams, figures, records, apps: slow.apps };
      const { version } = slow;
      state = { ...state, state: "ok", since: sinceAs("ok"), problem: null, version, answerMs, report };
    } catch (error) {
      if (!(error instanceof OmeError)) throw error;
      failures += 1;
      const kind = error.trouble === "away" ? "away" : "failing";
      const report = failures >= FAILURES_TO_FORGET ? null : state.report;
      if (report === null) slow = null;
      state = { ...state, state: kind, since: sinceAs(kind), problem: error.message, report };
    }
  };

  const run = async (): Promise<void> => {
    await poll();
    if (isStopped) return;
    options.told(state);
    const isSoon = clock() < soonUntilMs;
    plan(state.state !== "ok" ? AGAIN_MS : isSoon ? SOON_MS : EVERY_MS);
  };
  const plan = (inMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(begin, inMs).unref();
  };
  const begin = (): void => {
    underWay = run().finally(() => {
      underWay = null;
    });
  };

  return {
    rest,
    now: () => state,
    start: async () => {
      begin();
      await underWay;
    },
    soon: () => {
      soonUntilMs = clock() + SOON_FOR_MS;
      if (underWay === null && !isStopped) plan(SOON_MS);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** A few at a time. */
async function inTurns<A, B>(all: readonly A[], each: (one: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    done.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(each))));
  return done;
}
