import type { roomRoutes } from "@colourstream/contract";
import { mayRun } from "../domain/permission.js";
import { isOpen, problemOfTime } from "../domain/room.js";
import type { StoredRoom } from "../store/rooms.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import { originOf } from "./host.js";
import type { HandlersOf } from "./implement.js";

type StudioRoutes = Omit<
  typeof roomRoutes,
  "joinRoom" | "readSeat" | "readReview" | "leaveRoom" | "makeTicket"
>;

/** Rooms as the studio keeps them. */
export function roomHandlers(product: Product): HandlersOf<StudioRoutes> {
  const { directory, rooms, engine, journal, wallClock } = product;

  const needRoom = (roomId: string): StoredRoom => {
    const room = directory.byId(roomId);
    if (room === null) throw new ApiError("not_found");
    return room;
  };
  const needOpenRoom = (roomId: string): StoredRoom => {
    const room = needRoom(roomId);
    if (!isOpen(room, wallClock())) throw new ApiError("room_archived");
    return room;
  };

  const needFuture = (expiresAt: number | null | undefined): void => {
    const problem = expiresAt == null ? null : problemOfTime(expiresAt, wallClock());
    if (problem !== null) throw new ApiError("invalid_request", { message: `expiresAt: ${problem}` });
  };

  return {
    listRooms: async ({ query, who: { user }, request }) => ({
      rooms: directory
        .all()
        .filter((room) => mayRun(user, room))
        .filter((room) => (room.archivedAt !== null) === (query.archived ?? false))
        .map((room) => rooms.view(room, originOf(request))),
    }),

    createRoom: async ({ body, who: { user }, actor, request }) => {
      needFuture(body.expiresAt);
      const room = await rooms.create(body, user.role === "owner" ? null : user.id);
      await journal.note("room.created", actor, { roomId: room.id, detail: room.name });
      return rooms.view(room, originOf(request));
    },

    readRoom: async ({ params, request }) => rooms.view(needRoom(params.roomId), originOf(request)),

    changeRoom: async ({ params, body, actor, request }) => {
      needFuture(body.expiresAt);
      const room = await rooms.change(params.roomId, body);
      if (room === null) throw new ApiError("not_found");
      await journal.note("room.changed", actor, { roomId: room.id, detail: Object.keys(body).join(", ") });
      return rooms.view(room, originOf(request));
    },

    deleteRoom: async ({ params, actor }) => {
      if (!(await rooms.remove(params.roomId))) throw new ApiError("not_found");
      await journal.note("room.deleted", actor, { roomId: params.roomId });
      return undefined;
    },

    endMeeting: async ({ params, actor }) => {
      if ((await rooms.endMeeting(params.roomId)) === null) throw new ApiError("not_found");
      await journal.note("meeting.ended", actor, { roomId: params.roomId });
      return undefined;
    },

    readIngest: async ({ params, actor, request }) => {
      const room = needRoom(params.roomId);
      await journal.note("key.revealed", actor, { roomId: room.id });
      return { urls: engine.ingestUrls(rooms.ingestAccess(room), originOf(request)) };
    },

    rotateKey: async ({ params, actor, request }) => {
      if ((await rooms.rotateKey(params.roomId)) === null) throw new ApiError("not_found");
      await journal.note("key.rotated", actor, { roomId: params.roomId });
      return { urls: engine.ingestUrls(rooms.ingestAccess(needRoom(params.roomId)), originOf(request)) };
    },

    shareFromBrowser: async ({ params, actor }) => {
      const room = needOpenRoom(params.roomId);
      const ticket = engine.publishTicket(room.id);
      await journal.note("share.started", actor, { roomId: room.id });
      return ticket;
    },

    switchEncoder: async ({ params, actor }) => {
      const room = needOpenRoom(params.roomId);
      await engine.allowTakeOver(room.id);
      await journal.note("encoder.switched", actor, { roomId: room.id });
      return undefined;
    },

    startTestSignal: async ({ params, actor }) => {
      const room = needOpenRoom(params.roomId);
      if ((await engine.startTestSignal(room.id)) === "already-live") throw new ApiError("already_live");
      await journal.note("test-signal.started", actor, { roomId: room.id });
      return undefined;
    },

    stopTestSignal: async ({ params, actor }) => {
      const room = needRoom(params.roomId);
      await engine.stopTestSignal(room.id);
      await journal.note("test-signal.stopped", actor, { roomId: room.id });
      return undefined;
    },
  };
}
