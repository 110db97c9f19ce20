import { type ClientMessage, ERRORS, type ServerMessage } from "@colourstream/contract";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { rereadAfterGaps } from "../bus/reread.js";
import type { AccessCheck } from "../http/access.js";
import type { Product } from "../http/context.js";
import { ApiError } from "../http/errors.js";
import { originOf } from "../http/host.js";
import { createCallLine } from "./call.js";
import { createChatLine } from "./chat.js";
import { guardConnection, SOCKET_OPTIONS } from "./connection.js";
import { createNews } from "./news.js";
import { createPresenceLine } from "./presence.js";
import { createWatchers, isInRoom, type RoomWatcher, type Watcher } from "./watchers.js";

type InRoomMessage = Exclude<ClientMessage, { type: "watch.room" | "watch.studio" | "clock" }>;

const MAX_SOCKETS = 2_000;
const MAX_PER_ADDRESS = 200; // an office behind one address
const EXPIRY_EVERY_MS = 10_000;
const POLICY_VIOLATION = 1008; // RFC 6455 §7.4.1
const INTERNAL_ERROR = 1011;
const SERVICE_RESTART = 1012;
const NOT_FOUND: ServerMessage = { type: "refused", error: "not_found", message: ERRORS.not_found[1] };

/** What the sockets are told, and who may have one. */
export type Realtime = {
  readonly socketOptions: typeof SOCKET_OPTIONS;
  /** Refuses an upgrade by somebody who is signed in nowhere. Origin was checked before. */
  admit(request: FastifyRequest): Promise<void>;
  take(socket: WebSocket, request: FastifyRequest): void;
  onError(error: Error, socket: WebSocket): void;
  /** How many are open. */
  sockets(): number;
  /** Tells every browser to come back: the server restarts. */
  closeAll(): void;
};

export function createRealtime(options: { product: Product; access: AccessCheck; log: Logger }): Realtime {
  const { product, access, log } = options;
  const { people, presence, blocks, engine, wallClock } = product;
  const watchers = createWatchers();
  const presenceLine = createPresenceLine({ product, watchers, clock: () => performance.now() });
  const chatLine = createChatLine({
    product,
    watchers,
    onFailure: ({ connection }, error) => {
      log.error({ err: error }, "a chat message failed");
      connection.close(INTERNAL_ERROR, "internal");
    },
  });
  const callLine = createCallLine({ product });

  /** From now on the page is one of those in the room. */
  const letIn = (watcher: Watcher, watch: RoomWatcher["watch"]): void => {
    const gone = presence.arrive(watch.roomId, watch.member);
    const leave = (): void => {
      watch.leave();
      gone();
    };
    watchers.set(watcher, { ...watch, leave });
    if (isInRoom(watcher)) presenceLine.greet(watcher);
  };
  const news = createNews({
    product,
    watchers,
    letIn,
    onFailure: (error) => log.warn({ err: error }, "hosts were not told who is in a room"),
  });

  setInterval(() => {
    for (const watcher of watchers.all) {
      if ("session" in watcher.watch && watcher.watch.session.expiresAt <= wallClock())
        watchers.end(watcher, "session-ended");
    }
  }, EXPIRY_EVERY_MS).unref();

  // A page here may be somebody's whose session ended while this process could not hear of it.
  rereadAfterGaps(
    product.bus,
    () => {
      const held = [...watchers.all].flatMap(({ watch }) => ("session" in watch ? [watch.session] : []));
      return product.sessions.recheck(held);
    },
    (error) => log.warn({ err: error }, "the sessions of open pages were not looked up again"),
  );

  const onCutFailure = (error: unknown): void =>
    log.warn({ err: error }, "a viewer at a blocked address was not cut");
  blocks.onBlocked((isTheirs) => {
    for (const { address, connection, watch } of watchers.all) {
      if (!isTheirs(address)) continue;
      connection.close(POLICY_VIOLATION, "this address is blocked");
      // The picture too: an engine that was taken over from an earlier server does not know where its viewers are.
      if ("roomId" in watch) engine.disconnect({ participantId: watch.session.id }).catch(onCutFailure);
    }
  });
  const watchRoom = async (watcher: Watcher, request: FastifyRequest, roomId: string): Promise<void> => {
    const seat = await access.seat(request, roomId);
    if (!watchers.all.has(watcher)) return; // gone while it was looked up
    if (seat === null) {
      watcher.connection.send(NOT_FOUND);
      return;
    }
    const { session, isHost, state, participant, personId } = seat;
    const isIn = state === "admitted";
    const isSeat = session.holder.kind === "participant";
    const leave = isSeat ? people.arrive({ roomId, sessionId: session.id, isIn }) : () => undefined;
    const member = { ...participant, personId, isHost };
    callLine.gone(watcher); // it asks for its place again
    if (isIn) {
      letIn(watcher, { is: "room", roomId, session, member, leave });
      news.greetInRoom(watcher, roomId);
    } else {
      watchers.set(watcher, { is: "waiting", roomId, session, member, leave });
      watcher.connection.send({ type: "seat.waiting", roomId });
    }
  };
  /** What only somebody in a room can say, and says to that room: whatever else it names, it goes nowhere else. */
  const hearInRoom = async (watcher: Watcher, said: InRoomMessage): Promise<void> => {
    if (!isInRoom(watcher)) {
      watcher.connection.send(NOT_FOUND);
      return;
    }
    switch (said.type) {
      case "presence.viewing":
      case "presence.hand":
        presenceLine.hear(watcher, said);
        return;
      case "history.watch":
      case "chat.send":
      case "chat.edit":
      case "chat.delete":
        chatLine.hear(watcher, said);
        return;
      default:
        callLine.hear(watcher, said);
    }
  };

  const hear = async (watcher: Watcher, request: FastifyRequest, said: ClientMessage): Promise<void> => {
    const { connection } = watcher;
    switch (said.type) {
      case "clock":
        connection.send({ type: "clock", clientAt: said.clientAt, serverAt: wallClock() });
        return;
      case "watch.studio": {
        const login = await access.login(request);
        if (!watchers.all.has(watcher)) return;
        if (login === null) {
          connection.send({ type: "refused", error: "sign_in_needed", message: ERRORS.sign_in_needed[1] });
          return;
        }
        callLine.gone(watcher);
        watchers.set(watcher, { is: "studio", session: login.session, user: login.user });
        news.greetInStudio(watcher);
        return;
      }
      case "watch.room":
        await watchRoom(watcher, request, said.roomId);
        return;
      default:
        await hearInRoom(watcher, said);
    }
  };

  return {
    socketOptions: SOCKET_OPTIONS,
    admit: async (request) => {
      const ofAddress = [...watchers.all].filter(({ address }) => address === request.ip).length;
      if (watchers.all.size >= MAX_SOCKETS || ofAddress >= MAX_PER_ADDRESS)
        throw new ApiError("too_many_attempts");
      if (!(await access.isAnyone(request))) throw new ApiError("sign_in_needed");
    },
    take: (socket, request) => {
      const onFailure = (error: unknown): void => {
        log.error({ err: error }, "a realtime message failed");
        watcher.connection.close(INTERNAL_ERROR, "internal");
      };
      const connection = guardConnection(socket, (said) => hear(watcher, request, said), onFailure);
      const watcher: Watcher = {
        connection,
        address: request.ip,
        origin: originOf(request),
        watch: { is: "nothing" },
      };
      watchers.add(watcher);
      socket.on("close", () => {
        callLine.gone(watcher);
        watchers.remove(watcher);
      });
    },
    onError: (error, socket) => {
      log.error({ err: error }, "a realtime connection failed");
      socket.terminate();
    },
    sockets: () => watchers.all.size,
    closeAll: () => {
      for (const { connection } of watchers.all)
        connection.close(SERVICE_RESTART, "the server is restarting");
    },
  };
}
