import { Type } from "typebox";
import { Check } from "typebox/value";
import type { Bus } from "../../bus/bus.js";

const ALLOWED_MS = 60_000;
const MOST = 1_000;
const Heard = Type.Object({ roomId: Type.String({ maxLength: 64 }) });

/** Rooms whose next encoder may take the place of the one that is live, in all processes. */
export type TakeOvers = {
  allow(roomId: string): void;
  isAllowed(roomId: string): boolean;
  /** It was made use of: the one after it may not. */
  used(roomId: string): void;
};

export function createTakeOvers({
  bus,
  clock,
}: {
  readonly bus: Pick<Bus, "say" | "hear">;
  readonly clock: () => number;
}): TakeOvers {
  const until = new Map<string, number>();
  const note = (roomId: string): void => {
    if (until.size >= MOST) until.clear();
    until.set(roomId, clock() + ALLOWED_MS);
  };
  bus.hear("take-over", (said) => {
    if (Check(Heard, said)) note(said.roomId);
  });
  return {
    allow: (roomId) => {
      note(roomId);
      bus.say("take-over", { roomId });
    },
    isAllowed: (roomId) => (until.get(roomId) ?? Number.NEGATIVE_INFINITY) > clock(),
    used: (roomId) => {
      until.delete(roomId);
    },
  };
}
