import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";
import { RoomParams, SeatRole } from "./seat.js";

/** Somebody in a room, or waiting for it, as its hosts see them. */
export const Participant = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: SeatRole,
  /** The name on the invitation they came by; null: by the room's link and password. */
  invitation: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  state: Type.Union([Type.Literal("waiting"), Type.Literal("admitted")]),
  /** Whether a page of theirs is open now. */
  isHere: Type.Boolean(),
  joinedAt: Type.Number({ description: "ms since 1970" }),
});
export type Participant = Static<typeof Participant>;

const ParticipantParams = Type.Object({
  ...RoomParams.properties,
  participantId: Type.String({ minLength: 1, maxLength: 64 }),
});

/** The people in a room: its hosts let in, turn away and send out. */
export const participantRoutes = {
  listParticipants: route({
    method: "GET",
    path: "/rooms/:roomId/participants",
    access: "host",
    scope: "people:read",
    summary: "Who is in the room and who waits",
    params: RoomParams,
    response: Type.Object({ participants: Type.Array(Participant) }),
    status: 200,
  }),
  admitParticipant: route({
    method: "POST",
    path: "/rooms/:roomId/participants/:participantId/admit",
    access: "host",
    scope: "people:write",
    summary: "Lets somebody in who waits",
    params: ParticipantParams,
    status: 204,
  }),
  refuseParticipant: route({
    method: "POST",
    path: "/rooms/:roomId/participants/:participantId/refuse",
    access: "host",
    scope: "people:write",
    summary: "Turns somebody away who waits",
    params: ParticipantParams,
    status: 204,
  }),
  removeParticipant: route({
    method: "DELETE",
    path: "/rooms/:roomId/participants/:participantId",
    access: "host",
    scope: "people:write",
    summary:
      "Sends somebody out: picture and socket are cut within a second. Their invitation can end with it",
    params: ParticipantParams,
    query: Type.Object({
      revokeInvitation: Type.Optional(Type.Boolean()),
      /** For good: their browser is not let in again, by password or invitation, until the ban is lifted. */
      ban: Type.Optional(Type.Boolean()),
    }),
    status: 204,
  }),
  lockRoom: route({
    method: "POST",
    path: "/rooms/:roomId/lock",
    access: "host",
    scope: "people:write",
    summary: "Locks the room, so that nobody new comes in, or opens it again",
    params: RoomParams,
    body: Type.Object({ locked: Type.Boolean() }, { additionalProperties: false }),
    status: 204,
  }),
} as const;
