const MAX_IN_LINE = 256; // each takes a few milliseconds; more at once at one door than people there are

/** Too many stand in line. */
export class TurnsBusyError extends Error {}

/**
 * One after another: what is done under the same key never runs at once, so that what was checked is still so when it
 * is acted on. Whoever has a turn must not wait for another one of the same key.
 */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const lines = new Map<string, { last: Promise<unknown>; length: number }>();

  return async (key, work) => {
    const line = lines.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= MAX_IN_LINE) throw new TurnsBusyError(`more than ${MAX_IN_LINE} in line`);
    const before = line.last;
    let done = (): void => undefined;
    line.last = new Promise<void>((resolve) => {
      done = resolve;
    });
    line.length += 1;
    lines.set(key, line);
    try {
      await before; // never rejects: it tells only that the one before has finished
      return await work();
    } finally {
      done();
      line.length -= 1;
      if (line.length === 0) lines.delete(key);
    }
  };
}
