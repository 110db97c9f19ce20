import type { ErrorCode, Joined, ReviewRoom, Seat as SeatView } from "@colourstream/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { LiveSession } from "../auth/sessions.js";
import { mayHost } from "../domain/permission.js";
import type { Actor } from "../journal.js";
import type { Taken, Visitor } from "../rooms/door.js";
import { hashSecret, randomSecret } from "../secrets.js";
import type { SeatRefusal } from "../store/sessions.js";
import type { Seat } from "./access.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { deviceOf } from "./device.js";
import { ApiError } from "./errors.js";

/** A seat as the one in it sees it. */
export function seatView({
  room,
  participant,
  state,
}: Pick<Seat, "room" | "participant" | "state">): SeatView {
  return { room: { id: room.id, name: room.name }, participant, state };
}

/** A room as somebody who was let in sees it. */
export function reviewView(
  { engine, rooms, conference }: Pick<Product, "engine" | "rooms" | "conference">,
  { room, participant, isHost }: Pick<Seat, "room" | "participant" | "isHost">,
): ReviewRoom {
  return {
    id: room.id,
    name: room.name,
    participant,
    isHost,
    watermark: room.watermark,
    lockedAt: room.lockedAt?.getTime() ?? null,
    playout: room.playout,
    universal: rooms.hasUniversal(room),
    callKind: conference.kind,
    stream: engine.stream(room.id),
  };
}

/** The seat that this browser's cookie is for; null: none that still counts. */
export async function earlierSeat(
  { sessions }: Pick<Product, "sessions">,
  cookies: Cookies,
  request: FastifyRequest,
  roomId: string,
): Promise<LiveSession | null> {
  const token = cookies.seat(request, roomId);
  const found = token === null ? null : await sessions.find(token, request.ip);
  return found?.holder.kind === "participant" && found.holder.roomId === roomId ? found : null;
}

/** Who asks, with what they came by: `closed` is what they are told when that does not open the room. */
export type AtTheDoor = Pick<Visitor, "roomId" | "name" | "role" | "way"> & {
  readonly closed: ErrorCode;
  readonly earlier: LiveSession | null;
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

/** Takes a seat, notes it, gives the browser its cookie. Throws the refusal. */
export async function takeSeat(product: Product, cookies: Cookies, visitor: AtTheDoor): Promise<Joined> {
  const { door, journal } = product;
  const { roomId, name, role, way, earlier, actor, request, reply } = visitor;
  const secret = cookies.person(request) ?? randomSecret(32);
  const personId = personIdOf(roomId, secret);
  const taken = await door.enter({ roomId, personId, name, role, way, earlier, device: deviceOf(request) });
  if (typeof taken === "string") {
    await journal.note("room.join-refused", actor, { roomId, detail: `${name}: ${taken}` });
    throw new ApiError(codeOf(taken, visitor.closed));
  }
  const { session, token, state, room } = taken;
  const detail = state === "waiting" ? `${name}, waits` : name;
  await journal.note("room.joined", { ...actor, actorId: session.id }, { roomId, detail });
  cookies.setPerson(reply, secret, product.wallClock());
  cookies.setSeat(request, reply, room.id, token, session.expiresAt);
  return joined(product, taken, { id: session.id, name, role });
}

/** 128 bits that name a browser in one room and tell nothing of it in another. */
function personIdOf(roomId: string, secret: string): string {
  return Buffer.from(hashSecret(`${roomId}:${secret}`))
    .toString("base64url")
    .slice(0, 22);
}

function joined(product: Product, { room, state }: Taken, participant: Seat["participant"]): Joined {
  const isIn = state === "admitted";
  const isHost = mayHost({ role: participant.role, isIn });
  return {
    seat: seatView({ room, participant, state }),
    review: isIn ? reviewView(product, { room, participant, isHost }) : null,
  };
}

function codeOf(refusal: SeatRefusal, closed: ErrorCode): ErrorCode {
  switch (refusal) {
    case "banned":
      return "sent_out";
    case "locked":
      return "room_locked";
    case "full":
      return "room_full";
    case "closed":
      return closed;
  }
}
