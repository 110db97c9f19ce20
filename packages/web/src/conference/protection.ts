import type { Clock } from "../live/clock.js";
import type { Measured } from "../player/measure.js";

/**
 * What the programme's picture needs of the line it shares with the call. 0: nothing, 1: smaller cameras and no
 * screen, 2: voices alone.
 */
export type Protection = 0 | 1 | 2;

/** What of a second's measurement tells that the line is too full. */
export type Second = Pick<Measured, "lossPercent" | "freezes" | "dropped" | "framesPerSecond">;

/** Decides once a second. */
export type ProtectionWatch = {
  /** `canHelp`: somebody sends a camera or a screen, so that there is something to do without. */
  onSecond(second: Second, canHelp: boolean): Protection;
};

const SOME_LOSS_PERCENT = 2; // resending still mends it, at the price of a later picture
const MUCH_LOSS_PERCENT = 5;
const CLEAN_LOSS_PERCENT = 1;
const DROPPED_SHARE = 0.1;
const FREEZES_WITHIN_MS = 10_000;
const NO_BETTER_FOR_MS = 5_000;
const CLEAN_FOR_MS = 20_000;
const CLEAN_FOR_AT_MOST_MS = 160_000;
const CAME_BACK_TOO_SOON_MS = 30_000;

/** Goes up at once and down slowly; where going down brought the trouble back, more slowly each time. */
export function createProtection(clock: Pick<Clock, "now">): ProtectionWatch {
  let level: Protection = 0;
  let since = clock.now();
  let cleanSince = clock.now();
  let cleanForMs = CLEAN_FOR_MS;
  let loweredAt = Number.NEGATIVE_INFINITY;
  let freezesAt: number[] = [];
  let before: Second | null = null;

  function become(next: Protection) {
    level = next;
    since = clock.now();
    cleanSince = since;
  }

  return {
    onSecond(second, canHelp) {
      const now = clock.now();
      const froze = grown(before?.freezes, second.freezes);
      const dropped = grown(before?.dropped, second.dropped);
      before = second;
      freezesAt = freezesAt.filter((at) => now - at < FREEZES_WITHIN_MS);
      if (froze > 0) freezesAt.push(...Array<number>(Math.min(froze, 2)).fill(now));
      const loss = second.lossPercent ?? 0;
      const isBad =
        loss >= SOME_LOSS_PERCENT ||
        froze > 0 ||
        dropped > DROPPED_SHARE * (dropped + (second.framesPerSecond ?? 0));
      const isVeryBad = loss >= MUCH_LOSS_PERCENT || freezesAt.length >= 2;
      if (isBad || loss >= CLEAN_LOSS_PERCENT) cleanSince = now;

      if (isBad && canHelp && level < 2) {
        const isNoBetter = level === 1 && now - since >= NO_BETTER_FOR_MS;
        if (level === 0 && now - loweredAt < CAME_BACK_TOO_SOON_MS) {
          cleanForMs = Math.min(CLEAN_FOR_AT_MOST_MS, cleanForMs * 2);
        }
        if (isVeryBad || isNoBetter) become(2);
        else if (level === 0) become(1);
      } else if (level > 0 && now - cleanSince >= cleanForMs) {
        become(level === 2 ? 1 : 0);
        loweredAt = now;
      } else if (level === 0 && now - cleanSince >= CLEAN_FOR_AT_MOST_MS) {
        cleanForMs = CLEAN_FOR_MS;
      }
      return level;
    },
  };
}

/** A counter that has become smaller belongs to another session. */
function grown(before: number | undefined, now: number): number {
  return before === undefined || now < before ? 0 : now - before;
}
