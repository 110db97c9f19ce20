import type { StreamStatus } from "@colourstream/contract";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { EngineNews, EngineTake } from "../engine.js";
import type { StreamFacts } from "./answers.js";
import type { NodeState } from "./poll.js";
import { addressOf, protocolOf, sinceOf, statusOf, takeOf } from "./status.js";

/** Polls in which nothing came: two are 2 to 4 s. */
const STALLED_AFTER_MS = 1_500;

/** How OvenMediaEngine names those that watch. */
const WATCHING = ["webrtc", "llhls", "hlsv3"] as const;

type Live = {
  readonly take: string;
  readonly facts: StreamFacts;
  readonly bytesIn: number;
  /** When bytes were last seen to have come. */
  readonly grewMs: number;
  /** When it was last looked at. */
  readonly seenMs: number;
};

/** The origin's streams as its last polls told of them: which rooms are live, and since when. */
export type OmeStreams = {
  /** What the origin says now; tells what came and went. */
  take(origin: NodeState): void;
  status(roomId: string): StreamStatus | null;
  /** The take it is in now; null: it is not live. */
  takeOf(streamName: string): string | null;
  /** Since when nothing has come of it, ms; null: it is not live. */
  silentMs(streamName: string): number | null;
  /** Who publishes it, as OvenMediaEngine says; null: it does not. */
  publisherAt(streamName: string): string | null;
  liveNames(): string[];
};

/** What they need. */
export type OmeStreamsOptions = {
  readonly app: string;
  readonly rooms: Pick<RoomDirectory, "byId" | "byStream">;
  readonly clock: () => number;
  /** All servers, for counting who watches. */
  readonly nodes: () => readonly NodeState[];
  /** The publisher's name as it gave it. */
  readonly encoderOf: (streamName: string) => string | null;
  tell(news: EngineNews): void;
};

export function createOmeStreams(options: OmeStreamsOptions): OmeStreams {
  const { app, rooms, clock, tell } = options;
  let live = new Map<string, Live>();
  /** Null: nothing has been heard of the origin, or no more. */
  let isKnown = false;

  const changed = (streamName: string): void => {
    const room = rooms.byStream(streamName);
    if (room !== null) tell({ is: "changed", roomId: room.id });
  };
  const began = (name: string, { take, facts }: Live): void => {
    const room = rooms.byStream(name);
    if (room !== null) tell({ is: "take-began", take: takeFrom(room.id, name, take, facts) });
  };
  const takeFrom = (roomId: string, name: string, id: string, { input }: StreamFacts): EngineTake => ({
    id,
    roomId,
    sinceAt: sinceOf(input.createdTime),
    protocol: protocolOf(input.sourceType),
    encoder: options.encoderOf(name),
  });

  const read = ({ report }: NodeState): Map<string, Live> => {
    const now = clock();
    const next = new Map<string, Live>();
    for (const { app: of, name, facts, figures } of report?.streams ?? []) {
      if (of !== app) continue;
      const take = takeOf(name, facts);
      const before = live.get(name);
      const bytesIn = figures.totalBytesIn;
      const hasGrown = before?.take !== take || before.bytesIn !== bytesIn;
      next.set(name, { take, facts, bytesIn, grewMs: hasGrown ? now : before.grewMs, seenMs: now });
    }
    return next;
  };

  return {
    take: (origin) => {
      if (origin.report === null) {
        const names = [...live.keys()];
        live = new Map();
        isKnown = false;
        for (const name of names) changed(name);
        return;
      }
      if (origin.state !== "ok") return; // what was known stays for one more poll
      const before = live;
      live = read(origin);
      for (const [name, { take }] of before)
        if (isKnown && live.get(name)?.take !== take)
          tell({ is: "take-ended", takeId: take, reason: live.has(name) ? "replaced" : "ended" });
      for (const [name, now] of live) if (!isKnown || before.get(name)?.take !== now.take) began(name, now);
      if (!isKnown) tell({ is: "takes", running: [...live.values()].map(({ take }) => take) });
      isKnown = true;
      for (const name of new Set([...before.keys(), ...live.keys()])) changed(name);
    },
    status: (roomId) => {
      const name = rooms.byId(roomId)?.streamName;
      const stream = name === undefined ? undefined : live.get(name);
      if (name === undefined || stream === undefined) return null;
      const { take, facts, grewMs, seenMs } = stream;
      const viewers = viewersOf(options.nodes(), name);
      const isStalled = seenMs - grewMs > STALLED_AFTER_MS;
      return statusOf(facts, { take, viewers, isStalled, encoder: options.encoderOf(name) });
    },
    takeOf: (name) => live.get(name)?.take ?? null,
    silentMs: (name) => {
      const stream = live.get(name);
      return stream === undefined ? null : stream.seenMs - stream.grewMs;
    },
    publisherAt: (name) => {
      const stream = live.get(name);
      return stream === undefined ? null : addressOf(stream.facts);
    },
    liveNames: () => [...live.keys()],
  };
}

/** On all servers and in both applications; an edge that pulls, a recording and a push are nobody. */
export function viewersOf(nodes: readonly NodeState[], streamName: string): number {
  let viewers = 0;
  for (const { report } of nodes)
    for (const { name, figures } of report?.streams ?? [])
      if (name === streamName) viewers += watching(figures.connections);
  return viewers;
}

/** Those of a server's or a stream's connections that are people. */
export function watching(connections: Readonly<Record<string, number>>): number {
  return WATCHING.reduce((sum, kind) => sum + Math.max(0, connections[kind] ?? 0), 0);
}
