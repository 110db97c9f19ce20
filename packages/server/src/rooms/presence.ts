import type { Person, SeatRole, Sending, Viewing } from "@colourstream/contract";
import { countPages, type Pages } from "./pages.js";

/** A page that has opened in a room, and whose it is. Owner and colourists count as those in it, by their login. */
export type Member = {
  /** The session's: a seat's or a login's. */
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly role: SeatRole;
  readonly isHost: boolean;
};

/** Somebody in a room is not as they were. `find` tells how they are now. */
export type PresenceNews = {
  readonly roomId: string;
  readonly id: string;
  /** `views`: nothing but how they watch, which changes every 2 s for everybody. `gone`: they are not here any more. */
  readonly is: "other" | "views" | "gone";
};

/**
 * Who is in the rooms now, how they watch, whose hand is up and who is in the call: in memory, gone with the process,
 * and told to everybody in the room. `People` beside it knows the seats, also those that wait.
 */
export type Presence = {
  /** In the order in which they came. */
  list(roomId: string): Person[];
  find(roomId: string, id: string): Person | null;
  /** Call the answer when this page has gone; the person has gone 3 s after their last one. */
  arrive(roomId: string, member: Member): () => void;
  viewing(roomId: string, id: string, viewing: Viewing | null): void;
  hand(roomId: string, id: string, isUp: boolean): void;
  /** Null: not in the call (any more). */
  call(roomId: string, id: string, sending: Sending | null): void;
  role(roomId: string, id: string, role: SeatRole, isHost: boolean): void;
  /** The seat or login has ended: they have gone at once, from wherever they were. */
  end(id: string): void;
  /** Told at once in the order of the changes; who tells it on gathers a moment's worth. */
  onNews(listener: (news: PresenceNews) => void): void;
};

type Entry = { person: Person; readonly pages: Pages };

export function createPresence({ wallClock }: { readonly wallClock: () => number }): Presence {
  // One for each person with a page open: bounded by the sockets, which are counted.
  const rooms = new Map<string, Map<string, Entry>>();
  const listeners: ((news: PresenceNews) => void)[] = [];

  const tell = (roomId: string, id: string, is: PresenceNews["is"]): void => {
    for (const listener of listeners) listener({ roomId, id, is });
  };
  const change = (roomId: string, id: string, changes: Partial<Person>): void => {
    const entry = rooms.get(roomId)?.get(id);
    if (entry === undefined) return; // went a moment ago
    entry.person = { ...entry.person, ...changes };
    tell(roomId, id, "viewing" in changes ? "views" : "other");
  };
  const drop = (roomId: string, id: string): void => {
    const room = rooms.get(roomId);
    const entry = room?.get(id);
    if (room === undefined || entry === undefined) return;
    entry.pages.end();
    room.delete(id);
    if (room.size === 0) rooms.delete(roomId);
    tell(roomId, id, "gone");
  };
  const find = (roomId: string, id: string): Person | null => rooms.get(roomId)?.get(id)?.person ?? null;

  const enter = (roomId: string, { id, personId, name, role, isHost }: Member): Entry => {
    const room = rooms.get(roomId) ?? new Map<string, Entry>();
    rooms.set(roomId, room);
    const before = room.get(id);
    if (before !== undefined) {
      const { person } = before;
      if (person.name !== name || person.role !== role || person.isHost !== isHost)
        change(roomId, id, { name, role, isHost });
      return before;
    }
    const own = { id, personId, name, role, isHost };
    const person = { ...own, since: wallClock(), viewing: null, handAt: null, call: null };
    const pages = countPages(() => {
      if (rooms.get(roomId)?.get(id) === entry) drop(roomId, id);
    });
    const entry: Entry = { person, pages };
    room.set(id, entry);
    tell(roomId, id, "other");
    return entry;
  };

  return {
    list: (roomId) => [...(rooms.get(roomId)?.values() ?? [])].map(({ person }) => person),
    find,
    arrive: (roomId, member) => enter(roomId, member).pages.open(),
    viewing: (roomId, id, viewing) => {
      if (viewing !== null || find(roomId, id)?.viewing !== null) change(roomId, id, { viewing });
    },
    hand: (roomId, id, isUp) => {
      const person = find(roomId, id);
      if (person !== null && (person.handAt !== null) !== isUp)
        change(roomId, id, { handAt: isUp ? wallClock() : null });
    },
    call: (roomId, id, call) => change(roomId, id, { call }),
    role: (roomId, id, role, isHost) => change(roomId, id, { role, isHost }),
    end: (id) => {
      for (const roomId of [...rooms.keys()]) drop(roomId, id);
    },
    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}
