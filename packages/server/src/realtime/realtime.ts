import type { ClientMessage, ClosedReason, ServerMessage } from "@colourstream/contract";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { LiveSession } from "../auth/sessions.js";
import type { AccessCheck } from "../http/access.js";
import type { Product } from "../http/context.js";
import { ApiError } from "../http/errors.js";
import { originOf } from "../http/host.js";
import { type Connection, guardConnection, SOCKET_OPTIONS } from "./connection.js";

const MAX_SOCKETS = 2_000;
const MAX_PER_ADDRESS = 200; // an office behind one address
const EXPIRY_EVERY_MS = 10_000;
const GOING_AWAY = 1001;
const SERVICE_RESTART = 1012;

/** What the sockets are told, and who may have one. */
export type Realtime = {
  readonly socketOptions: typeof SOCKET_OPTIONS;
  /** Refuses an upgrade by somebody who is signed in nowhere. Origin was checked before. */
  admit(request: FastifyRequest): Promise<void>;
  take(socket: WebSocket, request: FastifyRequest): void;
  onError(error: Error, socket: WebSocket): void;
  /** Tells every browser to come back: the server restarts. */
  closeAll(): void;
};

type Watch = { readonly roomId: string | null; readonly session: LiveSession };
type Watcher = {
  readonly connection: Connection;
  readonly address: string;
  /** Where its page was opened: the links that it is told begin so. */
  readonly origin: string | null;
  watch: Watch | null;
};

export function createRealtime(options: { product: Product; access: AccessCheck; log: Logger }): Realtime {
  const { product, access, log } = options;
  const { directory, rooms, engine, sessions, wallClock } = product;
  const watchers = new Set<Watcher>();

  const inRoom = (roomId: string): Watcher[] => [...watchers].filter(({ watch }) => watch?.roomId === roomId);
  const tell = (to: Iterable<Watcher>, said: ServerMessage): void => {
    for (const { connection } of to) connection.send(said);
  };
  const tellStudio = (roomId: string): void => {
    const studio = [...watchers].filter(({ watch }) => watch !== null && watch.roomId === null);
    const room = directory.byId(roomId);
    if (room === null) return;
    for (const { connection, origin } of studio)
      connection.send({ type: "studio.room", room: rooms.view(room, origin) });
  };
  const closeRoom = (to: readonly Watcher[], roomId: string, reason: ClosedReason): void => {
    tell(to, { type: "room.closed", roomId, reason });
    for (const watcher of to) {
      watcher.watch = null;
      watcher.connection.close(GOING_AWAY, reason);
    }
  };

  engine.on((news) => {
    if (news.is !== "changed") return;
    tell(inRoom(news.roomId), {
      type: "room.stream",
      roomId: news.roomId,
      stream: engine.stream(news.roomId),
    });
    tellStudio(news.roomId);
  });

  rooms.onNews((news) => {
    if (news.is === "deleted") {
      closeRoom(inRoom(news.roomId), news.roomId, "deleted");
      const studio = [...watchers].filter(({ watch }) => watch !== null && watch.roomId === null);
      tell(studio, { type: "studio.roomDeleted", roomId: news.roomId });
      return;
    }
    const { id: roomId, name, archivedAt } = news.room;
    if (archivedAt !== null) closeRoom(inRoom(roomId), roomId, "archived");
    else if (news.is === "renamed") tell(inRoom(roomId), { type: "room.renamed", roomId, name });
    tellStudio(roomId);
  });

  const endWatch = (watcher: Watcher, why: ClosedReason): void => {
    const roomId = watcher.watch?.roomId ?? null;
    if (roomId !== null) closeRoom([watcher], roomId, why);
    else watcher.connection.close(GOING_AWAY, why);
  };
  sessions.onEnded(({ id, why }) => {
    for (const watcher of watchers) if (watcher.watch?.session.id === id) endWatch(watcher, why);
  });
  setInterval(() => {
    for (const watcher of watchers) {
      if (watcher.watch !== null && watcher.watch.session.expiresAt <= wallClock())
        endWatch(watcher, "session-ended");
    }
  }, EXPIRY_EVERY_MS).unref();

  const hear = async (watcher: Watcher, request: FastifyRequest, said: ClientMessage): Promise<void> => {
    const { connection } = watcher;
    switch (said.type) {
      case "clock":
        connection.send({ type: "clock", clientAt: said.clientAt, serverAt: wallClock() });
        return;
      case "watch.studio": {
        const login = await access.login(request);
        if (login === null) {
          connection.send({ type: "refused", error: "sign_in_needed", message: "Sign in first." });
          return;
        }
        watcher.watch = { roomId: null, session: login.session };
        for (const room of directory.all()) {
          if (room.archivedAt === null)
            connection.send({ type: "studio.room", room: rooms.view(room, watcher.origin) });
        }
        return;
      }
      case "watch.room": {
        const { roomId } = said;
        const seat = await access.seat(request, roomId);
        if (seat === null) {
          connection.send({
            type: "refused",
            error: "not_found",
            message: "There is nothing here, or it is not yours to see.",
          });
          return;
        }
        watcher.watch = { roomId, session: seat.session };
        connection.send({ type: "room.stream", roomId, stream: engine.stream(roomId) });
        return;
      }
    }
  };

  return {
    socketOptions: SOCKET_OPTIONS,
    admit: async (request) => {
      const ofAddress = [...watchers].filter(({ address }) => address === request.ip).length;
      if (watchers.size >= MAX_SOCKETS || ofAddress >= MAX_PER_ADDRESS)
        throw new ApiError("too_many_attempts");
      if (!(await access.isAnyone(request))) throw new ApiError("sign_in_needed");
    },
    take: (socket, request) => {
      const onFailure = (error: unknown): void => {
        log.error({ err: error }, "a realtime message failed");
        watcher.connection.close(1011, "internal");
      };
      const connection = guardConnection(socket, (said) => hear(watcher, request, said), onFailure);
      const watcher: Watcher = { connection, address: request.ip, origin: originOf(request), watch: null };
      watchers.add(watcher);
      socket.on("close", () => watchers.delete(watcher));
    },
    onError: (error, socket) => {
      log.error({ err: error }, "a realtime connection failed");
      socket.terminate();
    },
    closeAll: () => {
      for (const { connection } of watchers) connection.close(SERVICE_RESTART, "the server is restarting");
    },
  };
}
