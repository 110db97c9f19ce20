import type { EngineView } from "@colourstream/contract";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { OmeConfig } from "./ome-config.js";
import type { NodeState, PolledStream } from "./poll.js";
import { sinceOf } from "./status.js";
import { watching } from "./streams.js";

/** What the owner sees of the servers: from their last polls, so that a page that asks often asks nobody else. */
export function omeView(
  nodes: readonly NodeState[],
  { vhost }: Pick<OmeConfig, "vhost">,
  publicUrl: string | null,
  rooms: Pick<RoomDirectory, "byStream">,
  admission: EngineView["admission"],
): EngineView {
  const streamRow = (
    node: string,
    { app, name, facts, figures }: PolledStream,
  ): EngineView["streams"][number] => {
    const room = rooms.byStream(name);
    return {
      node,
      vhost,
      app,
      name,
      room: room === null ? null : { id: room.id, name: room.name },
      since: sinceOf(facts.input.createdTime) || null,
      source: facts.input.sourceType,
      viewers: watching(figures.connections),
      bitsPerSecondIn: figures.avgThroughputIn,
      totalBytesIn: figures.totalBytesIn,
      totalBytesOut: figures.totalBytesOut,
    };
  };
  return {
    kind: "ovenmediaengine",
    nodes: nodes.map(({ node, role, state, since, problem, version, answerMs, report }) => ({
      name: node.name,
      role,
      state,
      since,
      problem,
      version,
      address: node.publicUrl ?? publicUrl,
      viewers: watching(report?.figures.connections ?? {}),
      bitsPerSecondIn: report?.figures.avgThroughputIn ?? null,
      bitsPerSecondOut: report?.figures.avgThroughputOut ?? null,
      answerMs,
    })),
    apps: nodes.flatMap(({ node, report }) =>
      (report?.apps ?? []).map(({ app, profiles }) => ({
        node: node.name,
        vhost,
        app,
        profiles: [...profiles],
      })),
    ),
    streams: nodes.flatMap(({ node, report }) =>
      (report?.streams ?? []).map((one) => streamRow(node.name, one)),
    ),
    admission,
  };
}
