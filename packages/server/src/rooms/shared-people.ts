import type { Bus } from "../bus/bus.js";
import { createMirror } from "../bus/mirror.js";
import type { People, PeopleHere } from "./people.js";

/** Who is in the rooms over all server processes: the seats are the database's, the open pages each process's own. */
export function createSharedPeople(own: PeopleHere, bus: Bus): People {
  /** By room: the seats with a page open at that process, and whether they are in. */
  const mirror = createMirror<Readonly<Record<string, boolean>>>(bus, "people");
  const listeners: ((roomId: string) => void)[] = [];
  const tell = (roomId: string): void => {
    for (const listener of listeners) listener(roomId);
  };

  own.onNews((roomId) => {
    // Also when nobody came or went: a seat that was taken or ended is news to whoever looks at the room elsewhere.
    const pages = own.pages(roomId);
    mirror.set(roomId, Object.fromEntries(pages));
    if (pages.length === 0) mirror.delete(roomId);
    tell(roomId);
  });
  mirror.onChange(({ key }) => tell(key));

  const pages = (roomId: string): Map<string, boolean> =>
    new Map([...mirror.of(roomId).flatMap((seats) => Object.entries(seats)), ...own.pages(roomId)]);

  return {
    arrive: own.arrive,
    changed: own.changed,
    list: async (roomId) => {
      const here = pages(roomId);
      return (await own.list(roomId)).map((seat) => ({ ...seat, isHere: here.has(seat.id) }));
    },
    counts: (roomId) => {
      const all = [...pages(roomId).values()];
      const inside = all.filter((isIn) => isIn).length;
      return { here: inside, waiting: all.length - inside };
    },
    isHere: (roomId, sessionId) => pages(roomId).has(sessionId),
    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}
