import type { OmeConfig } from "./ome-config.js";
import type { NodeState } from "./poll.js";
import { watching } from "./streams.js";

/** Tickets that polls do not count as viewers yet: a poll is 2 s, and a page takes a moment to connect. */
const COMING_MS = 4_000;
const MOST_COMING = 10_000;

/** Puts viewers on servers. */
export type NodeChoice = {
  /** Null: no server that could be watched on. `app`: only on servers that have it, beside the origin. */
  choose(app: string | null): NodeState | null;
};

/** What it chooses from. */
export type NodeChoiceOptions = {
  readonly config: Pick<OmeConfig, "originViewers" | "edgeViewers">;
  /** The origin first. */
  readonly nodes: () => readonly NodeState[];
  readonly clock: () => number;
};

/**
 * The origin first, as each hop costs a frame; when it has its viewers, the edge with the fewest of those that have
 * room; when none has, whichever is least full. One that does not answer is not chosen.
 */
export function createNodeChoice({ config, nodes, clock }: NodeChoiceOptions): NodeChoice {
  let coming: { readonly node: string; readonly atMs: number }[] = [];

  const loadOf = ({ node, report }: NodeState): number =>
    watching(report?.figures.connections ?? {}) + coming.filter((one) => one.node === node.name).length;
  const limitOf = ({ role }: NodeState): number =>
    Math.max(1, role === "origin" ? config.originViewers : config.edgeViewers);
  const least = (all: readonly NodeState[], by: (state: NodeState) => number): NodeState | null =>
    all.reduce<NodeState | null>((best, one) => (best === null || by(one) < by(best) ? one : best), null);

  const pick = (app: string | null): NodeState | null => {
    const origin = nodes().find(({ role }) => role === "origin");
    // Without the origin an edge has nothing new to show.
    if (origin === undefined || origin.report === null) return null;
    const edges = nodes().filter(
      ({ role, state, report }) =>
        role === "edge" &&
        state === "ok" &&
        (app === null || report?.apps.some((one) => one.app === app) === true),
    );
    if (loadOf(origin) < limitOf(origin)) return origin;
    const withRoom = edges.filter((edge) => loadOf(edge) < limitOf(edge));
    return least(withRoom, loadOf) ?? least([origin, ...edges], (state) => loadOf(state) / limitOf(state));
  };

  return {
    choose: (app) => {
      const now = clock();
      coming = coming.filter(({ atMs }) => atMs > now - COMING_MS).slice(-MOST_COMING);
      const chosen = pick(app);
      if (chosen !== null) coming.push({ node: chosen.node.name, atMs: now });
      return chosen;
    },
  };
}
