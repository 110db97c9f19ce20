import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";
import { Joined, RoomParams, SeatRole } from "./seat.js";
import { PersonName } from "./session.js";

const time = Type.Number({ description: "ms since 1970" });
const secret = Type.String({ minLength: 1, maxLength: 128 });

/** Somebody's own way into a room, as the studio sees it. */
export const Invitation = Type.Object({
  id: Type.String(),
  name: Type.String({ description: "Who it is for" }),
  role: SeatRole,
  /** The secret is behind its #. */
  link: Type.String(),
  createdAt: time,
  expiresAt: Nullable(time),
  maxUses: Nullable(
    Type.Integer({ description: "On how many browsers it can be used; null: on any number" }),
  ),
  uses: Type.Integer(),
  lastUsedAt: Nullable(time),
  revokedAt: Nullable(time),
  /** When they meet, for the calendar file. */
  startsAt: Nullable(time),
  durationMinutes: Nullable(Type.Integer()),
  state: Type.Union([
    Type.Literal("open"),
    Type.Literal("used-up"),
    Type.Literal("expired"),
    Type.Literal("revoked"),
  ]),
});
export type Invitation = Static<typeof Invitation>;

const InvitationParams = Type.Object({
  ...RoomParams.properties,
  invitationId: Type.String({ minLength: 1, maxLength: 64 }),
});

/** Personal links: made and taken back in the studio, used at the door. */
export const invitationRoutes = {
  listInvitations: route({
    method: "GET",
    path: "/rooms/:roomId/invitations",
    access: "studio",
    scope: "people:read",
    summary: "The room's invitations, newest first",
    params: RoomParams,
    response: Type.Object({ invitations: Type.Array(Invitation) }),
    status: 200,
  }),
  createInvitation: route({
    method: "POST",
    path: "/rooms/:roomId/invitations",
    access: "studio",
    scope: "people:write",
    summary: "Makes a link for one person",
    params: RoomParams,
    body: Type.Object(
      {
        name: PersonName,
        role: SeatRole,
        expiresAt: Type.Optional(Nullable(time)),
        maxUses: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 100 }))),
        startsAt: Type.Optional(Nullable(time)),
        durationMinutes: Type.Optional(Nullable(Type.Integer({ minimum: 5, maximum: 1440 }))),
      },
      { additionalProperties: false },
    ),
    response: Invitation,
    status: 201,
  }),
  revokeInvitation: route({
    method: "DELETE",
    path: "/rooms/:roomId/invitations/:invitationId",
    access: "studio",
    scope: "people:write",
    summary: "Takes an invitation back; whoever came by it is sent out within a second",
    params: InvitationParams,
    status: 204,
  }),
  readInvitationCalendar: route({
    method: "GET",
    path: "/rooms/:roomId/invitations/:invitationId/calendar.ics",
    access: "studio",
    scope: "people:read",
    summary: "The meeting with its link, for a calendar (RFC 5545)",
    params: InvitationParams,
    produces: "text/calendar",
    response: Type.String(),
    status: 200,
  }),
  openInvitation: route({
    method: "POST",
    path: "/invitations/open",
    access: "public",
    summary: "What an invitation is for, without using it",
    body: Type.Object({ secret }, { additionalProperties: false }),
    response: Type.Object({
      roomId: Type.String(),
      roomName: Type.String(),
      from: Type.String({ description: "Whose room it is" }),
      name: Type.String({ description: "Who it is for" }),
      role: SeatRole,
      /** This browser came by it before: accepting it again does not count as another use. */
      isInUse: Type.Boolean(),
    }),
    status: 200,
  }),
  acceptInvitation: route({
    method: "POST",
    path: "/invitations/accept",
    access: "public",
    summary: "Exchanges an invitation for a seat in its room; sets the participant's cookie",
    body: Type.Object({ secret, name: PersonName }, { additionalProperties: false }),
    response: Joined,
    status: 201,
  }),
} as const;
