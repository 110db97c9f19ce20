import type { ClosedReason, ServerMessage } from "@colourstream/contract";
import type { LiveSession } from "../auth/sessions.js";
import { mayRun } from "../domain/permission.js";
import type { Member } from "../rooms/presence.js";
import type { StoredRoom } from "../store/rooms.js";
import type { StoredUser } from "../store/users.js";
import type { Connection } from "./connection.js";

const GOING_AWAY = 1001; // RFC 6455 §7.4.1

/** What a socket has chosen to hear. */
export type Watch =
  | { readonly is: "nothing" }
  | { readonly is: "studio"; readonly session: LiveSession; readonly user: StoredUser }
  | InRoom<"room">
  | InRoom<"waiting">;

/** In a room, or waiting for it. */
type InRoom<Is extends "room" | "waiting"> = {
  readonly is: Is;
  readonly roomId: string;
  readonly session: LiveSession;
  readonly member: Member;
  /** Tells that this page is gone. */
  readonly leave: () => void;
};

/** An open socket. */
export type Watcher = {
  readonly connection: Connection;
  readonly address: string;
  /** Where its page was opened: the links that it is told begin so. */
  readonly origin: string | null;
  watch: Watch;
};

/** One whose page is in a room, let in. */
export type RoomWatcher = Watcher & { readonly watch: InRoom<"room"> };

/** The open sockets, by what they hear. */
export type Watchers = {
  readonly all: ReadonlySet<Watcher>;
  add(watcher: Watcher): void;
  remove(watcher: Watcher): void;
  /** From now on it hears this, and what it heard before no more. */
  set(watcher: Watcher, watch: Watch): void;
  /** Those who were let into the room. */
  inRoom(roomId: string): RoomWatcher[];
  /** Those in the studio who run the room. */
  inStudio(room: StoredRoom): Watcher[];
  /** Those who are told who is in the room: its hosts in it, and the studio. */
  hostsOf(room: StoredRoom): Watcher[];
  /** Tells why the room is closed to it, where it is in one, and closes the socket. */
  end(watcher: Watcher, why: ClosedReason): void;
};

export function createWatchers(): Watchers {
  const all = new Set<Watcher>();
  const set = (watcher: Watcher, watch: Watch): void => {
    const before = watcher.watch;
    watcher.watch = watch;
    // After the new one has begun: a page that asks for its room again has not gone in between.
    if ("leave" in before && !("leave" in watch && watch.leave === before.leave)) before.leave();
  };
  const inRoom = (roomId: string): RoomWatcher[] =>
    [...all].filter(
      (watcher): watcher is RoomWatcher => isInRoom(watcher) && watcher.watch.roomId === roomId,
    );
  const inStudio = (room: StoredRoom): Watcher[] =>
    [...all].filter(({ watch }) => watch.is === "studio" && mayRun(watch.user, room));

  return {
    all,
    add: (watcher) => {
      all.add(watcher);
    },
    remove: (watcher) => {
      all.delete(watcher);
      set(watcher, { is: "nothing" });
    },
    set,
    inRoom,
    inStudio,
    hostsOf: (room) => [...inRoom(room.id).filter(({ watch }) => watch.member.isHost), ...inStudio(room)],
    end: (watcher, why) => {
      const { watch } = watcher;
      if ("roomId" in watch)
        watcher.connection.send({ type: "room.closed", roomId: watch.roomId, reason: why });
      set(watcher, { is: "nothing" });
      watcher.connection.close(GOING_AWAY, why);
    },
  };
}

/** True for one who was let into a room. */
export function isInRoom(watcher: Watcher): watcher is RoomWatcher {
  return watcher.watch.is === "room";
}

/** Says it to each of them; it is written once for all. */
export function tell(to: Iterable<Watcher>, said: ServerMessage): void {
  let text: Uint8Array | null = null;
  for (const { connection } of to) {
    text ??= Buffer.from(JSON.stringify(said));
    connection.sendText(text);
  }
}
