import { isDeepStrictEqual } from "node:util";
import type { ClosedReason, ServerMessage } from "@colourstream/contract";
import { mayHost, mayRun } from "../domain/permission.js";
import type { Product } from "../http/context.js";
import type { StoredRoom } from "../store/rooms.js";
import { coalesce } from "./coalesce.js";
import { type RoomWatcher, tell, type Watcher, type Watchers } from "./watchers.js";

const SERVICE_RESTART = 1012; // the browser comes back and asks anew

/** What those who have just begun to watch are told, and what they are told from then on. */
export type News = {
  /** To one who is in the room: its switches, its stream, and to a host who is there. */
  greetInRoom(watcher: Watcher, roomId: string): void;
  /** To one in the studio: the rooms that they run, and who is in those that somebody is in. */
  greetInStudio(watcher: Watcher): void;
};

/** Joins what happens in the product with those who watch. */
export function createNews(options: {
  readonly product: Pick<Product, "directory" | "rooms" | "engine" | "sessions" | "people" | "recordings">;
  readonly watchers: Watchers;
  /** Makes one who waited one who is in the room. */
  readonly letIn: (watcher: Watcher, watch: RoomWatcher["watch"]) => void;
  readonly onFailure: (error: unknown) => void;
}): News {
  const { watchers, letIn, onFailure } = options;
  const { directory, rooms, engine, sessions, people, recordings } = options.product;

  const tellStudio = (room: StoredRoom): void => {
    for (const { connection, origin } of watchers.inStudio(room))
      connection.send({ type: "studio.room", room: rooms.view(room, origin) });
  };
  const optionsOf = (room: StoredRoom): ServerMessage & { type: "room.options" } => ({
    type: "room.options",
    roomId: room.id,
    watermark: room.watermark,
    lockedAt: room.lockedAt?.getTime() ?? null,
    playout: room.playout,
    universal: rooms.hasUniversal(room),
  });
  const streamOf = (roomId: string): ServerMessage => ({
    type: "room.stream",
    roomId,
    stream: engine.stream(roomId),
  });

  const tellPeople = coalesce(async (roomId) => {
    const room = directory.byId(roomId);
    if (room === null || watchers.hostsOf(room).length === 0) return;
    tellStudio(room); // it has the numbers
    const participants = await people.list(roomId);
    // Looked up again: whoever stopped hosting meanwhile is not told.
    tell(watchers.hostsOf(room), { type: "room.people", roomId, participants });
  }, onFailure);

  engine.on((news) => {
    if (news.is !== "changed") return;
    tell(watchers.inRoom(news.roomId), streamOf(news.roomId));
    const room = directory.byId(news.roomId);
    if (room !== null) tellStudio(room);
  });

  const closeToAll = (roomId: string, why: ClosedReason): void => {
    for (const watcher of watchers.all)
      if ("roomId" in watcher.watch && watcher.watch.roomId === roomId) watchers.end(watcher, why);
  };
  rooms.onNews((news) => {
    const { room } = news;
    const roomId = room.id;
    switch (news.is) {
      case "created":
        tellStudio(room);
        return;
      case "deleted":
        closeToAll(roomId, "deleted");
        tell(watchers.inStudio(room), { type: "studio.roomDeleted", roomId });
        return;
      case "closed":
        closeToAll(roomId, news.why);
        tellStudio(room);
        return;
      case "changed": {
        const { before } = news;
        const inRoom = watchers.inRoom(roomId);
        if (room.name !== before.name) tell(inRoom, { type: "room.renamed", roomId, name: room.name });
        if (!isDeepStrictEqual(optionsOf(room), optionsOf(before))) tell(inRoom, optionsOf(room));
        tellStudio(room);
        tellPeople(roomId); // seats may have ended with the change
        return;
      }
    }
  });
  people.onNews(tellPeople);
  recordings.onNews(({ recording }) => {
    const room = directory.byId(recording.roomId);
    if (room !== null) tellStudio(room);
  });

  const greetInRoom = (watcher: Watcher, roomId: string): void => {
    const room = directory.byId(roomId);
    if (room === null) return;
    tell([watcher], optionsOf(room));
    tell([watcher], streamOf(roomId));
    if (watcher.watch.is === "room" && watcher.watch.member.isHost) tellPeople(roomId);
  };

  sessions.onEnded(({ id, why }) => {
    for (const watcher of watchers.all)
      if ("session" in watcher.watch && watcher.watch.session.id === id) watchers.end(watcher, why);
  });
  sessions.onAdmitted(({ id, roomId }) => {
    for (const watcher of watchers.all) {
      const { watch } = watcher;
      if (watch.is !== "waiting" || watch.session.id !== id) continue;
      const { holder } = watch.session;
      const isHost = holder.kind === "participant" && mayHost({ role: holder.role, isIn: true });
      tell([watcher], { type: "seat.admitted", roomId });
      letIn(watcher, { ...watch, is: "room", member: { ...watch.member, isHost } });
      greetInRoom(watcher, roomId);
    }
  });
  sessions.onRoleChanged(({ id, roomId, role, isIn }) => {
    const isHost = mayHost({ role, isIn });
    for (const watcher of watchers.all) {
      const { watch } = watcher;
      if (!("roomId" in watch) || watch.session.id !== id) continue;
      const holder = {
        ...watch.session.holder,
        ...(watch.session.holder.kind === "participant" && { role }),
      };
      const session = { ...watch.session, holder };
      watchers.set(watcher, { ...watch, session, member: { ...watch.member, role, isHost } });
      if (watch.is === "room") tell([watcher], { type: "seat.role", roomId, role, isHost });
    }
    tellPeople(roomId); // to the new host too, and to the earlier one no more
  });
  // Another name or role: what their pages may hear is found out anew.
  sessions.onUserChanged((userId) => {
    for (const { watch, connection } of watchers.all) {
      if (!("session" in watch) || watch.session.holder.kind !== "user") continue;
      if (watch.session.holder.user.id === userId)
        connection.close(SERVICE_RESTART, "the account has changed");
    }
  });

  return {
    greetInRoom,
    greetInStudio: (watcher) => {
      const { watch, origin } = watcher;
      if (watch.is !== "studio") return;
      for (const room of directory.all()) {
        if (room.archivedAt !== null || !mayRun(watch.user, room)) continue;
        tell([watcher], { type: "studio.room", room: rooms.view(room, origin) });
        const { here, waiting } = people.counts(room.id);
        if (here + waiting > 0) tellPeople(room.id);
      }
    },
  };
}
