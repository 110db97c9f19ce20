import type { EngineNode, EngineStreamRow, EngineView } from "@colourstream/contract";

const ROLES: Readonly<Record<EngineNode["role"], string>> = {
  embedded: "Built in",
  origin: "Origin: takes encoders in",
  edge: "Edge: helps to give out",
};

/** What a server of the engine does. */
export function roleWords(role: EngineNode["role"]): string {
  return ROLES[role];
}

const STATES: Readonly<Record<EngineNode["state"], string>> = {
  ok: "Works",
  failing: "Answers with errors",
  away: "Does not answer",
};

/** How a server of the engine is. */
export function stateWords(state: EngineNode["state"]): string {
  return STATES[state];
}

/** "4 ms", "1.2 s"; "–" when it has not been asked yet. */
export function answerWords(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** What the whole engine is, in a sentence. */
export function engineWords({ kind, nodes }: Pick<EngineView, "kind" | "nodes">): string {
  if (kind === "embedded") {
    return "Pictures go through the built-in media engine, which runs beside this server and passes them on untouched.";
  }
  const edges = nodes.filter(({ role }) => role === "edge").length;
  if (edges === 0) return "Pictures go through one OvenMediaEngine. It has no edges to help it.";
  return `Pictures go through OvenMediaEngine: an origin and ${edges} ${edges === 1 ? "edge" : "edges"}. Each hop costs a frame, so viewers are put on the origin until it has enough of them.`;
}

/** What is wrong with the engine as a whole, for the banner; null: nothing. */
export function troubleWords(nodes: EngineView["nodes"]): string | null {
  if (nodes.some(({ role, state }) => role !== "edge" && state === "away")) {
    return "The server that takes encoders in does not answer";
  }
  const bad = nodes.filter(({ state }) => state !== "ok");
  if (bad.length === 0) return null;
  return bad.length === 1
    ? `${bad[0]?.name} has a problem`
    : `${bad.length} of ${nodes.length} servers have a problem`;
}

const SOURCES: Readonly<Record<string, string>> = {
  "test-signal": "Test signal",
  webrtc: "WHIP",
  ovt: "Another server",
};

/** What a stream comes by, as its engine calls it. */
export function fromWords(source: string | null): string {
  if (source === null) return "–";
  const name = source.toLowerCase();
  return SOURCES[name] ?? name.toUpperCase();
}

/** Where a stream is within its server: "default / app". */
export function placeWords({ vhost, app }: Pick<EngineStreamRow, "vhost" | "app">): string | null {
  return [vhost, app].filter((part) => part !== null).join(" / ") || null;
}
