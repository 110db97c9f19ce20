import type { ClientMessage, ServerMessage } from "@colourstream/contract";

/** The page's connection to its room, as the room's parts use it: chat, presence, the call. */
export type Line = {
  /** False while it is away: it was not said, and will not be. What the server does not hold must be said again. */
  say(message: ClientMessage): boolean;
  isUp(): boolean;
  /** Every message of the server's, in order. The answer ends it. */
  on(listener: (message: ServerMessage) => void): () => void;
  /** Up: the room is being watched (anew), and nothing that was said before counts any more. */
  onLink(listener: (isUp: boolean) => void): () => void;
};

/** A line with its two ends: what the room's parts get, and what the connection puts in. */
export type OpenLine = {
  readonly line: Line;
  hear(message: ServerMessage): void;
  linkIs(isUp: boolean): void;
};

/** Makes a line over whatever `say` sends on. */
export function openLine(say: (message: ClientMessage) => boolean): OpenLine {
  const hearers = new Set<(message: ServerMessage) => void>();
  const watchers = new Set<(isUp: boolean) => void>();
  let isUp = false;
  const add = <T>(to: Set<T>, one: T) => {
    to.add(one);
    return () => {
      to.delete(one);
    };
  };
  return {
    line: {
      say: (message) => isUp && say(message),
      isUp: () => isUp,
      on: (listener) => add(hearers, listener),
      onLink: (listener) => add(watchers, listener),
    },
    hear: (message) => {
      for (const hearer of [...hearers]) hearer(message);
    },
    linkIs: (next) => {
      if (next === isUp) return;
      isUp = next;
      for (const watcher of [...watchers]) watcher(isUp);
    },
  };
}
