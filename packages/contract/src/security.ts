import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";

const time = Type.Number({ description: "ms since 1970" });

/** An address, or a net of them, that gets no answer. */
export const Block = Type.Object({
  id: Type.String(),
  address: Type.String({ description: "Such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48" }),
  reason: Type.String(),
  /** `limits`: set by itself after too many refused attempts. */
  by: Type.Union([Type.Literal("limits"), Type.Literal("owner")]),
  createdAt: time,
  expiresAt: Nullable(time),
});
export type Block = Static<typeof Block>;

/** Refused attempts of one kind from one address in the last 24 hours. */
export const Attempt = Type.Object({
  address: Type.String(),
  action: Type.String({ description: "Of the audit log, such as room.join-refused" }),
  count: Type.Integer(),
  lastAt: time,
  isBlocked: Type.Boolean(),
});
export type Attempt = Static<typeof Attempt>;

/** One line of the audit log. */
export const AuditEvent = Type.Object({
  id: Type.String(),
  at: time,
  action: Type.String({ description: "Such as room.created" }),
  actor: Nullable(
    Type.Object({
      id: Type.String(),
      name: Nullable(Type.String({ description: "Null when they have gone since" })),
    }),
  ),
  room: Nullable(Type.Object({ id: Type.String(), name: Nullable(Type.String()) })),
  address: Nullable(Type.String({ description: "“operator” for the machine's own command line" })),
  detail: Nullable(Type.String()),
});
export type AuditEvent = Static<typeof AuditEvent>;

const filter = {
  action: Type.Optional(
    Type.String({ maxLength: 64, description: "An action, or its first part such as room" }),
  ),
  actorId: Type.Optional(Type.String({ maxLength: 64 })),
  roomId: Type.Optional(Type.String({ maxLength: 64 })),
  address: Type.Optional(Type.String({ maxLength: 64 })),
  from: Type.Optional(time),
  to: Type.Optional(time),
} as const;

/** Who is kept out, who tried, who did what: the owner's affair. */
export const securityRoutes = {
  listBlocks: route({
    method: "GET",
    path: "/blocks",
    access: "owner",
    summary: "The blocked addresses",
    response: Type.Object({ blocks: Type.Array(Block) }),
    status: 200,
  }),
  addBlock: route({
    method: "POST",
    path: "/blocks",
    access: "owner",
    summary: "Blocks an address or a net; never the one that asks, and never this machine",
    body: Type.Object(
      {
        address: Type.String({ minLength: 2, maxLength: 64 }),
        reason: Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" }),
        expiresAt: Nullable(time),
      },
      { additionalProperties: false },
    ),
    response: Block,
    status: 201,
  }),
  removeBlock: route({
    method: "DELETE",
    path: "/blocks/:blockId",
    access: "owner",
    summary: "Lets an address in again",
    params: Type.Object({ blockId: Type.String({ minLength: 1, maxLength: 64 }) }),
    status: 204,
  }),
  listAttempts: route({
    method: "GET",
    path: "/attempts",
    access: "owner",
    summary: "Refused attempts of the last 24 hours by address and kind, most first",
    response: Type.Object({ attempts: Type.Array(Attempt) }),
    status: 200,
  }),
  listAudit: route({
    method: "GET",
    path: "/audit",
    access: "owner",
    scope: "audit:read",
    summary: "The audit log, newest first, a page at a time",
    query: Type.Object(
      {
        ...filter,
        before: Type.Optional(Type.String({ maxLength: 64, description: "The `next` of the page before" })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ events: Type.Array(AuditEvent), next: Nullable(Type.String()) }),
    status: 200,
  }),
  exportAudit: route({
    method: "GET",
    path: "/audit.csv",
    access: "owner",
    scope: "audit:read",
    summary: "The audit log as a table (RFC 4180), at most 100,000 lines",
    query: Type.Object(filter, { additionalProperties: false }),
    produces: "text/csv",
    response: Type.String(),
    status: 200,
  }),
} as const;
