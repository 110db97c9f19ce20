import type { Bus, Said, Topic } from "./bus.js";

/** What became of an entry at another process; `now` null: it has gone. */
export type MirrorChange<T> = { readonly key: string; readonly now: T | null; readonly before: T | null };

/** A table of which every process has its own part and sees those of the others. */
export type Mirror<T> = {
  /** An own entry; the others are told. */
  set(key: string, value: T): void;
  delete(key: string): void;
  own(): ReadonlyMap<string, T>;
  /** What the others have under a key. */
  of(key: string): T[];
  /** All that the others have. */
  others(): [string, T][];
  onChange(listener: (change: MirrorChange<T>) => void): void;
};

type Told =
  | { readonly is: "set"; readonly entries: readonly (readonly [string, Said])[] }
  | { readonly is: "delete"; readonly key: string }
  /** Somebody has come, or has missed something: everybody says what they have. */
  | { readonly is: "ask" }
  /** All of it follows, until `end`: what is not in it has gone. */
  | { readonly is: "begin" | "end" };

/** What is known of one other process; `seen`: in the telling of everything that is under way. */
type Part<T> = { readonly entries: Map<string, T>; seen: Set<string> | null };

const PIECE = 16; // entries in one message
const GRACE_MS = 3_000; // the pages of a process that has gone are at another one by then

/** `T` is JSON. Entries of a process that has gone stay for 3 s. */
export function createMirror<T>(bus: Bus, topic: Topic): Mirror<T> {
  const own = new Map<string, T>();
  const parts = new Map<string, Part<T>>(); // by process
  const leaving = new Map<string, NodeJS.Timeout>();
  const listeners: ((change: MirrorChange<T>) => void)[] = [];
  const say = (told: Told): void => bus.say(topic, told as unknown as Said);
  const tell = (change: MirrorChange<T>): void => {
    for (const listener of listeners) listener(change);
  };

  const sayAll = (): void => {
    say({ is: "begin" });
    const entries = [...own] as unknown as [string, Said][];
    for (let at = 0; at < entries.length; at += PIECE)
      say({ is: "set", entries: entries.slice(at, at + PIECE) });
    say({ is: "end" });
  };
  const remove = (part: Part<T>, key: string): void => {
    const before = part.entries.get(key);
    if (part.entries.delete(key)) tell({ key, now: null, before: before ?? null });
  };

  bus.hear(topic, (what, from) => {
    const told = what as unknown as Told; // only our own processes speak here
    const part = parts.get(from) ?? { entries: new Map<string, T>(), seen: null };
    parts.set(from, part);
    switch (told.is) {
      case "set":
        for (const [key, value] of told.entries as unknown as [string, T][]) {
          const before = part.entries.get(key) ?? null;
          part.entries.set(key, value);
          part.seen?.add(key);
          tell({ key, now: value, before });
        }
        return;
      case "delete":
        remove(part, told.key);
        return;
      case "ask":
        sayAll();
        return;
      case "begin":
        part.seen = new Set();
        return;
      case "end":
        for (const key of [...part.entries.keys()]) if (part.seen?.has(key) === false) remove(part, key);
        part.seen = null;
        return;
    }
  });
  bus.onOther((id, is) => {
    clearTimeout(leaving.get(id));
    leaving.delete(id);
    if (is === "here") {
      sayAll();
      return;
    }
    const dropAll = (): void => {
      const part = parts.get(id);
      parts.delete(id);
      leaving.delete(id);
      for (const key of [...(part?.entries.keys() ?? [])]) if (part !== undefined) remove(part, key);
    };
    leaving.set(id, setTimeout(dropAll, GRACE_MS).unref());
  });
  bus.onGap(() => {
    say({ is: "ask" });
    sayAll();
  });

  return {
    set: (key, value) => {
      own.set(key, value);
      say({ is: "set", entries: [[key, value as unknown as Said]] });
    },
    delete: (key) => {
      if (own.delete(key)) say({ is: "delete", key });
    },
    own: () => own,
    of: (key) => [...parts.values()].flatMap(({ entries }) => entries.get(key) ?? []),
    others: () => [...parts.values()].flatMap(({ entries }) => [...entries]),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}
