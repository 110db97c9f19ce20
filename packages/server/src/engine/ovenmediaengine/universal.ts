import type { RoomDirectory } from "../../rooms/directory.js";
import type { OmeConfig } from "./ome-config.js";
import type { NodeState } from "./poll.js";
import type { OmeRest } from "./rest.js";

const AGAIN_MS = 10_000; // a pull that did not come to be is not asked for at every poll
const MOST_ASKED = 1_000;

/** Keeps the rendition for every browser running where rooms want it. */
export type UniversalRenditions = {
  /** After each poll of the origin. */
  tend(origin: NodeState): Promise<void>;
  /** Whether the room's rendition is there. */
  has(streamName: string): boolean;
};

/** What they need. */
export type UniversalOptions = {
  readonly config: Pick<OmeConfig, "app" | "universalApp" | "ovtUrl">;
  readonly rooms: Pick<RoomDirectory, "byStream">;
  readonly rest: Pick<OmeRest, "pull" | "endStream">;
  /** One process does it for all. */
  readonly isFirst: () => boolean;
  readonly clock: () => number;
};

/**
 * While a room that wants it is live, its stream is pulled by OVT into an application whose profile makes H.264 8-bit of
 * it. The untouched stream is in another application and is not touched.
 */
export function createUniversalRenditions(options: UniversalOptions): UniversalRenditions {
  const { config, rooms, rest, clock } = options;
  const { app, universalApp } = config;
  const asked = new Map<string, number>();
  let running = new Set<string>();

  const pull = async (into: string, name: string): Promise<void> => {
    const before = asked.get(name) ?? Number.NEGATIVE_INFINITY;
    if (clock() - before < AGAIN_MS) return;
    if (asked.size >= MOST_ASKED) asked.clear();
    asked.set(name, clock());
    await rest.pull(into, name, `${config.ovtUrl}/${app}/${name}`);
  };

  return {
    tend: async ({ report }) => {
      if (universalApp === null) return;
      const streams = report?.streams ?? [];
      running = new Set(streams.flatMap((stream) => (stream.app === universalApp ? [stream.name] : [])));
      if (report === null || !options.isFirst()) return;
      const live = streams.flatMap((stream) => (stream.app === app ? [stream.name] : []));
      const wanted = new Set(live.filter((name) => rooms.byStream(name)?.universal === true));
      for (const name of wanted) if (!running.has(name)) await pull(universalApp, name);
      for (const name of running) if (!wanted.has(name)) await rest.endStream(universalApp, name);
      for (const name of asked.keys()) if (!wanted.has(name)) asked.delete(name);
    },
    has: (name) => running.has(name),
  };
}
