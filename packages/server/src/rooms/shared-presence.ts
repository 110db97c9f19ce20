import type { Person } from "@colourstream/contract";
import type { Bus, Said } from "../bus/bus.js";
import { createMirror } from "../bus/mirror.js";
import type { Presence, PresenceNews } from "./presence.js";

const VIEWS_EVERY_MS = 2_000; // as often as the pages are told
/** A hand that a host took down at another process than its owner's. */
type HandTold = { readonly roomId: string; readonly id: string; readonly isUp: boolean };

/**
 * Presence over all server processes: each keeps its own pages and tells the others of its people; what is read is all
 * of them. Somebody with pages at two processes is one person.
 */
export function createSharedPresence(own: Presence, bus: Bus): Presence {
  const mirror = createMirror<Person>(bus, "presence");
  const listeners: ((news: PresenceNews) => void)[] = [];
  const viewsToTell = new Set<string>(); // while it is not empty, a timer is under way

  const tell = (key: string, is: PresenceNews["is"]): void => {
    const [roomId, id] = partsOf(key);
    for (const listener of listeners) listener({ roomId, id, is });
  };
  const find = (roomId: string, id: string): Person | null => {
    const here = own.find(roomId, id);
    const found = [...(here === null ? [] : [here]), ...mirror.of(keyOf(roomId, id))];
    return found.length === 0 ? null : found.reduce(asOne);
  };
  const show = (key: string): void => {
    const person = own.find(...partsOf(key));
    if (person !== null) mirror.set(key, person);
  };

  const showViews = (): void => {
    for (const key of viewsToTell) show(key);
    viewsToTell.clear();
  };

  own.onNews(({ roomId, id, is }) => {
    const key = keyOf(roomId, id);
    if (is === "gone") {
      mirror.delete(key);
      tell(key, mirror.of(key).length > 0 ? "other" : "gone");
      return;
    }
    if (is === "views") {
      if (viewsToTell.size === 0) setTimeout(showViews, VIEWS_EVERY_MS).unref();
      viewsToTell.add(key);
    } else {
      show(key);
    }
    tell(key, is);
  });
  mirror.onChange(({ key, now, before }) => {
    const isElsewhere = find(...partsOf(key)) !== null;
    if (now === null) tell(key, isElsewhere ? "other" : "gone");
    else tell(key, before !== null && isSameButViewing(before, now) ? "views" : "other");
  });
  bus.hear("hand", (what) => {
    const { roomId, id, isUp } = what as HandTold; // only our own processes speak here
    own.hand(roomId, id, isUp);
  });

  return {
    ...own,
    list: (roomId) => {
      const ids = new Set(own.list(roomId).map(({ id }) => id));
      for (const [key] of mirror.others()) {
        const [room, id] = partsOf(key);
        if (room === roomId) ids.add(id);
      }
      return [...ids].flatMap((id) => find(roomId, id) ?? []).sort((one, other) => one.since - other.since);
    },
    find,
    hand: (roomId, id, isUp) => {
      own.hand(roomId, id, isUp);
      if (mirror.of(keyOf(roomId, id)).length === 0) return;
      const told: HandTold = { roomId, id, isUp };
      bus.say("hand", told as Said);
    },
    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}

// Neither id has a space in it: both are base64url.
const keyOf = (roomId: string, id: string): string => `${roomId} ${id}`;
function partsOf(key: string): [string, string] {
  const [roomId = "", id = ""] = key.split(" ");
  return [roomId, id];
}

/** One person with pages at two processes: here since the first, and whatever is up or on at either. */
function asOne(one: Person, other: Person): Person {
  return {
    ...one,
    since: Math.min(one.since, other.since),
    viewing: one.viewing ?? other.viewing,
    handAt: one.handAt ?? other.handAt,
    call: one.call ?? other.call,
  };
}

function isSameButViewing({ viewing: _, ...before }: Person, { viewing: __, ...now }: Person): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
