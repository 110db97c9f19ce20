const GONE_MS = 3_000;
const REMEMBERED_MS = 60_000; // one that was only held up: what it says next follows what it said last
const MOST = 64;

/** Who the others are, and how far each of them has been heard. */
export type Roll = {
  others(): string[];
  /** So many sayings from `seq` on. False: they cannot be counted, or were heard already. */
  hear(id: string, seq: number, count: number): boolean;
  /** It has just connected, having said so many before. */
  hello(id: string, seq: number): void;
  /** It is still there, having said so many. */
  here(id: string, seq: number): void;
  bye(id: string): void;
  /** Those that have not been heard for 3 s. */
  silent(): string[];
  /** It is taken for dead: what it did last it may not have told. */
  lost(id: string): void;
  /** Our own connection was away: they are where they are when they are heard again. */
  forgetCounts(): void;
  onOther(listener: (id: string, is: "here" | "gone") => void): void;
};

type Other = { seq: number | null; heardAt: number; isHere: boolean };

/** What it needs. `missed`: something was said that was not heard. */
export type RollOptions = {
  readonly clock: () => number;
  missed(): void;
  warn(id: string): void;
};

export function createRoll({ clock, missed, warn }: RollOptions): Roll {
  const known = new Map<string, Other>();
  const listeners: ((id: string, is: "here" | "gone") => void)[] = [];
  const tell = (id: string, is: "here" | "gone"): void => {
    for (const listener of listeners) listener(id, is);
  };

  /** Null: there are too many. */
  const seen = (id: string): Other | null => {
    let other = known.get(id);
    if (other === undefined) {
      for (const [old, { isHere, heardAt }] of known)
        if (!isHere && clock() - heardAt > REMEMBERED_MS) known.delete(old);
      if (known.size >= MOST) {
        warn(id);
        return null;
      }
      other = { seq: null, heardAt: 0, isHere: false };
      known.set(id, other);
    }
    other.heardAt = clock();
    if (!other.isHere) {
      other.isHere = true;
      tell(id, "here");
    }
    return other;
  };

  const gone = (id: string): void => {
    const other = known.get(id);
    if (other?.isHere !== true) return;
    other.isHere = false;
    tell(id, "gone");
  };

  /** They have said so many: were all of them heard? */
  const upTo = (other: Other, seq: number): void => {
    if (other.seq !== null && seq > other.seq) missed();
    other.seq = seq;
  };

  return {
    others: () => [...known].filter(([, { isHere }]) => isHere).map(([id]) => id),
    hear: (id, seq, count) => {
      const other = seen(id);
      if (other === null) return false;
      if (other.seq !== null && seq <= other.seq) return false;
      upTo(other, seq - 1);
      other.seq = seq + count - 1;
      return true;
    },
    hello: (id, seq) => {
      const isNew = !known.has(id);
      const other = seen(id);
      if (other === null) return;
      if (isNew && seq > 0) missed(); // it worked before it could be heard
      upTo(other, seq);
    },
    here: (id, seq) => {
      const other = seen(id);
      if (other !== null) upTo(other, seq);
    },
    bye: (id) => {
      gone(id);
      known.delete(id);
    },
    silent: () =>
      [...known].filter(([, { isHere, heardAt }]) => isHere && clock() - heardAt > GONE_MS).map(([id]) => id),
    lost: (id) => {
      gone(id);
      missed();
    },
    forgetCounts: () => {
      for (const other of known.values()) other.seq = null;
    },
    onOther: (listener) => {
      listeners.push(listener);
    },
  };
}
