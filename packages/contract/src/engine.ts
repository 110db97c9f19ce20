import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";

const time = Type.Number({ description: "ms since 1970" });

/** One server of the media engine: the embedded one, or OvenMediaEngine's origin or one of its edges. */
export const EngineNode = Type.Object({
  name: Type.String(),
  role: Type.Union([Type.Literal("embedded"), Type.Literal("origin"), Type.Literal("edge")]),
  /** `failing`: it answers, with errors. `away`: it does not. */
  state: Type.Union([Type.Literal("ok"), Type.Literal("failing"), Type.Literal("away")]),
  /** Since when it is in that state. */
  since: time,
  /** What is wrong, in words; null: nothing. */
  problem: Nullable(Type.String()),
  version: Nullable(Type.String()),
  /** Where players reach it; null: at our own origin. */
  address: Nullable(Type.String()),
  viewers: Type.Integer(),
  bitsPerSecondIn: Nullable(Type.Number()),
  bitsPerSecondOut: Nullable(Type.Number()),
  /** How long the last question to it took. */
  answerMs: Nullable(Type.Number()),
});
export type EngineNode = Static<typeof EngineNode>;

/** A stream as the engine's servers count it. */
export const EngineStreamRow = Type.Object({
  node: Type.String(),
  vhost: Nullable(Type.String()),
  app: Nullable(Type.String()),
  /** The engine's own name of it; not the key. */
  name: Type.String(),
  /** Null: it belongs to no room of ours. */
  room: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  since: Nullable(time),
  source: Nullable(Type.String()),
  viewers: Type.Integer(),
  bitsPerSecondIn: Nullable(Type.Number()),
  totalBytesIn: Nullable(Type.Number()),
  totalBytesOut: Nullable(Type.Number()),
});
export type EngineStreamRow = Static<typeof EngineStreamRow>;

/** The media engine as the owner sees it. */
export const EngineView = Type.Object({
  kind: Type.Union([Type.Literal("embedded"), Type.Literal("ovenmediaengine")]),
  nodes: Type.Array(EngineNode),
  /** Virtual hosts and their applications, where the engine has any. */
  apps: Type.Array(
    Type.Object({
      node: Type.String(),
      vhost: Type.String(),
      app: Type.String(),
      /** Its output profiles, such as bypass. */
      profiles: Type.Array(Type.String()),
    }),
  ),
  streams: Type.Array(EngineStreamRow),
  /** How admission is answered: asked since the start, refused, and the slowest answer of the last minute. */
  admission: Nullable(
    Type.Object({
      asked: Type.Integer(),
      refused: Type.Integer(),
      forged: Type.Integer({ description: "Questions whose signature was wrong" }),
      slowestMs: Nullable(Type.Number()),
    }),
  ),
});
export type EngineView = Static<typeof EngineView>;

/** The media engine's servers, applications and streams: the owner's affair. */
export const engineRoutes = {
  readEngine: route({
    method: "GET",
    path: "/engine",
    access: "owner",
    summary: "The media engine's servers and how they are, its applications, streams and figures",
    response: EngineView,
    status: 200,
  }),
} as const;
