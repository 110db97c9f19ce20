import { type Static, Type } from "typebox";
import { route } from "./route.js";

/** Whether the parts answer: for a person's glance and a supervisor's probe. */
export const Health = Type.Object({
  version: Type.String(),
  database: Type.Union([Type.Literal("ok"), Type.Literal("away")]),
  engine: Type.Union([Type.Literal("ok"), Type.Literal("away")]),
});
export type Health = Static<typeof Health>;

/** The one address that a probe asks: open to all, so it tells no more than up or away. */
export const healthRoutes = {
  readHealth: route({
    method: "GET",
    path: "/health",
    access: "public",
    summary: "Whether database and media engine answer",
    response: Health,
    status: 200,
  }),
} as const;
