import type { Bus, Said, Topic } from "../bus/bus.js";

/** Processes in one: each with its bus, for tests of what goes from one to the other. */
export type BusLines = {
  /** In the order of the names; the first that is connected is the first process. */
  readonly buses: readonly Bus[];
  /** This one's connection to the database is away. */
  cut(id: string): void;
  /** It is back: this one has a gap, and so have the others where it said something meanwhile. */
  heal(id: string): void;
  /** This one was killed: the others hear that it has gone. */
  kill(id: string): void;
  /** Resolves when all that was said has been heard. */
  quiet(): Promise<void>;
};

type Line = {
  is: "connected" | "cut" | "ended";
  wasFirst: boolean;
  hasLost: boolean;
  readonly id: string;
  readonly heard: Map<Topic, ((what: Said, from: string) => void)[]>;
  readonly onOther: ((id: string, is: "here" | "gone") => void)[];
  readonly onGap: (() => void)[];
  readonly onFirst: ((isFirst: boolean) => void)[];
};

/** Buses that are joined: asynchronous, in order, and what they carry is JSON, as over the database. */
export function joinBuses(...ids: readonly string[]): BusLines {
  const lines = ids.map(
    (id): Line => ({
      is: "connected",
      wasFirst: id === ids[0],
      hasLost: false,
      id,
      heard: new Map(),
      onOther: [],
      onGap: [],
      onFirst: [],
    }),
  );
  const later: (() => void)[] = [];
  let isTurning = false;

  const turn = (): void => {
    later.shift()?.();
    isTurning = later.length > 0;
    if (isTurning) setImmediate(turn);
  };
  const inOrder = (work: () => void): void => {
    later.push(work);
    if (!isTurning) setImmediate(turn);
    isTurning = true;
  };

  const first = (): Line | undefined => lines.find(({ is }) => is === "connected");
  const tellFirst = (): void => {
    for (const line of lines) {
      const isFirst = line === first();
      if (line.is === "ended" || line.wasFirst === isFirst) continue;
      line.wasFirst = isFirst;
      for (const listener of line.onFirst) listener(isFirst);
    }
  };
  const tellOther = (about: Line, is: "here" | "gone"): void => {
    for (const line of lines) {
      if (line === about || line.is !== "connected") continue;
      for (const listener of line.onOther) listener(about.id, is);
      if (about.is === "connected") for (const listener of about.onOther) listener(line.id, is);
    }
  };
  const tellGap = (line: Line): void => {
    for (const listener of line.onGap) listener();
  };
  const lineOf = (id: string): Line => {
    const line = lines.find((one) => one.id === id);
    if (line === undefined) throw new Error(`there is no bus ${id}`);
    return line;
  };

  const say = (line: Line, topic: Topic, what: Said): void => {
    if (line.is === "ended") return;
    if (line.is === "cut") {
      line.hasLost = true;
      return;
    }
    const text = JSON.stringify(what);
    inOrder(() => {
      for (const other of lines) {
        if (other === line || other.is !== "connected") continue;
        for (const listener of other.heard.get(topic) ?? []) listener(JSON.parse(text) as Said, line.id);
      }
    });
  };

  const end = (line: Line, isClean: boolean): void => {
    if (line.is === "ended") return;
    line.is = "ended";
    inOrder(() => {
      tellOther(line, "gone");
      if (!isClean) for (const other of lines) if (other.is === "connected") tellGap(other);
      tellFirst();
    });
  };

  const buses = lines.map(
    (line): Bus => ({
      self: line.id,
      others: () =>
        line.is !== "connected"
          ? []
          : lines.filter((other) => other !== line && other.is === "connected").map(({ id }) => id),
      say: (topic, what) => say(line, topic, what),
      hear: (topic, listener) => {
        line.heard.set(topic, [...(line.heard.get(topic) ?? []), listener]);
      },
      onOther: (listener) => {
        line.onOther.push(listener);
      },
      onGap: (listener) => {
        line.onGap.push(listener);
      },
      isFirst: () => line === first(),
      onFirst: (listener) => {
        line.onFirst.push(listener);
      },
      counts: () => ({ said: 0, heard: 0, dropped: 0, gaps: 0, reconnects: 0 }),
      close: async () => end(line, true),
    }),
  );

  return {
    buses,
    cut: (id) => {
      const line = lineOf(id);
      line.is = "cut";
      inOrder(() => {
        tellOther(line, "gone");
        for (const other of lines)
          if (other !== line && other.is === "connected")
            for (const listener of line.onOther) listener(other.id, "gone");
        tellFirst();
      });
    },
    heal: (id) => {
      const line = lineOf(id);
      inOrder(() => {
        line.is = "connected";
        tellOther(line, "here");
        for (const one of lines) if (one === line || (line.hasLost && one.is === "connected")) tellGap(one);
        line.hasLost = false;
        tellFirst();
      });
    },
    kill: (id) => end(lineOf(id), false),
    quiet: async () => {
      while (isTurning) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
