const COALESCE_MS = 100; // a meeting begins with everybody at once

/** Asks for something to be done for a room, a little later. */
export type Coalesced = (roomId: string) => void;

/**
 * Does the work for a room once for all that is asked within 100 ms, and never twice at a time, so that what it tells
 * is told in order. It keeps no more than one timer for each room.
 */
export function coalesce(
  work: (roomId: string) => Promise<void>,
  onFailure: (error: unknown) => void,
): Coalesced {
  const underWay = new Map<string, "waits" | "works" | "again">();

  const soon = (roomId: string): void => {
    underWay.set(roomId, "waits");
    setTimeout(() => void run(roomId), COALESCE_MS).unref();
  };
  const run = async (roomId: string): Promise<void> => {
    underWay.set(roomId, "works");
    await work(roomId).catch(onFailure);
    const isAskedAgain = underWay.get(roomId) === "again";
    underWay.delete(roomId);
    if (isAskedAgain) soon(roomId);
  };

  return (roomId) => {
    const state = underWay.get(roomId);
    if (state === undefined) soon(roomId);
    else if (state === "works") underWay.set(roomId, "again");
  };
}
