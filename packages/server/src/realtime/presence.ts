import type { ClientMessage, Person, ServerMessage } from "@colourstream/contract";
import type { MonotonicClock } from "../auth/attempts.js";
import type { Product } from "../http/context.js";
import { type RoomWatcher, tell, type Watcher, type Watchers } from "./watchers.js";

const SOON_MS = 100; // a meeting begins with everybody at once
const LATER_MS = 2_000; // how people watch changes all the time, and nobody acts on it within the second
const VIEWING_EVERY_MS = 1_500; // a page tells every 2 s; the network makes some of them come closer together

/** What pages say of themselves, and who is told that they are there. */
export type PresenceLine = {
  /** To one who has just come into the room: who is there. From then on it is told what changes. */
  greet(watcher: RoomWatcher): void;
  hear(watcher: RoomWatcher, said: Extract<ClientMessage, { type: `presence.${string}` }>): void;
};

/** What the line needs. */
export type PresenceLineOptions = {
  readonly product: Pick<Product, "presence">;
  readonly watchers: Pick<Watchers, "inRoom">;
  readonly clock: MonotonicClock;
};

/** A change that is still to be told: its place in the order of all changes, and whether it may wait longer. */
type Change = { readonly number: number; readonly mayWait: boolean };
type Untold = { readonly changes: Map<string, Change>; soon: boolean; later: boolean };

/**
 * Gathers a moment's changes, so that eight who join at once are told in one message. Somebody who was greeted
 * meanwhile is told only what has happened since.
 */
export function createPresenceLine({ product, watchers, clock }: PresenceLineOptions): PresenceLine {
  const { presence } = product;
  const untold = new Map<string, Untold>(); // the rooms in which something changed in the last 2 s
  const greetedAt = new WeakMap<Watcher, number>();
  const viewedAt = new WeakMap<Watcher, number>();
  let number = 0;

  /** Takes out what is to be told now, in its order. */
  const takeDue = (roomId: string, which: "soon" | "later"): [string, number][] => {
    const room = untold.get(roomId);
    if (room === undefined) return [];
    room[which] = false;
    const due = [...room.changes].filter(([, { mayWait }]) => which === "later" || !mayWait);
    for (const [id] of due) room.changes.delete(id);
    if (!room.soon && !room.later) untold.delete(roomId);
    return due.map(([id, change]): [string, number] => [id, change.number]).sort(([, a], [, b]) => a - b);
  };

  const messageOf = (roomId: string, ids: readonly string[]): ServerMessage => {
    const found = ids.map((id) => [id, presence.find(roomId, id)] as const);
    const people = found.flatMap(([, person]): Person[] => (person === null ? [] : [person]));
    const gone = found.flatMap(([id, person]) => (person === null ? [id] : []));
    return { type: "room.presence", roomId, you: null, isAll: false, people, gone };
  };

  const flush = (roomId: string, which: "soon" | "later"): void => {
    const due = takeDue(roomId, which);
    const first = due[0]?.[1];
    if (first === undefined) return;
    // Nearly everybody is told all of it; those who were greeted in between are a group for each such moment.
    const groups = new Map<number, Watcher[]>();
    for (const watcher of watchers.inRoom(roomId)) {
      const heardUpTo = Math.max(greetedAt.get(watcher) ?? 0, first - 1);
      const group = groups.get(heardUpTo);
      if (group === undefined) groups.set(heardUpTo, [watcher]);
      else group.push(watcher);
    }
    for (const [heardUpTo, group] of groups) {
      const ids = due.flatMap(([id, at]) => (at > heardUpTo ? [id] : []));
      if (ids.length > 0) tell(group, messageOf(roomId, ids));
    }
  };

  const flushIn = (roomId: string, room: Untold, which: "soon" | "later"): void => {
    if (room[which]) return;
    room[which] = true;
    setTimeout(() => flush(roomId, which), which === "soon" ? SOON_MS : LATER_MS).unref();
  };

  presence.onNews(({ roomId, id, is }) => {
    number += 1;
    const room = untold.get(roomId) ?? { changes: new Map<string, Change>(), soon: false, later: false };
    untold.set(roomId, room);
    const mayWait = is === "views" && (room.changes.get(id)?.mayWait ?? true);
    room.changes.set(id, { number, mayWait });
    flushIn(roomId, room, mayWait ? "later" : "soon");
  });

  return {
    greet: (watcher) => {
      const { roomId, member } = watcher.watch;
      greetedAt.set(watcher, number);
      const people = presence.list(roomId);
      const { connection } = watcher;
      connection.send({ type: "room.presence", roomId, you: member.id, isAll: true, people, gone: [] });
    },
    hear: (watcher, said) => {
      const { roomId, member } = watcher.watch;
      if (said.type === "presence.hand") {
        presence.hand(roomId, member.id, said.isUp);
        return;
      }
      // That the picture has gone is never dropped: nothing would be said after it.
      const isEarly = clock() - (viewedAt.get(watcher) ?? Number.NEGATIVE_INFINITY) < VIEWING_EVERY_MS;
      if (said.viewing !== null && isEarly) return;
      viewedAt.set(watcher, clock());
      presence.viewing(roomId, member.id, said.viewing);
    },
  };
}
