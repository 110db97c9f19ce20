import { attemptBudget } from "../net/attempt-budget.js";
import type { IngestDuties, PublishRefused } from "./ports.js";

/**
 * Strangers can make refusals as fast as they connect: studio and log hear of the first ten of each address a minute,
 * the rest is only in the debug log.
 */
const REPORTS_PER_MINUTE = 10;

/** Tells studio and log that a publisher was turned away; throttled by address. */
export function tellRefusals(
  duties: Pick<IngestDuties, "refused" | "log">,
  now: () => number,
): (event: PublishRefused) => void {
  const reports = attemptBudget(REPORTS_PER_MINUTE, 60_000, now);
  return (event) => {
    const { reason, detail } = event;
    const isNoise = reports.isSpent(event.from.address);
    duties.log[isNoise ? "debug" : "warn"](
      { address: event.from.address, reason, detail },
      `${event.from.protocol}: publisher refused`,
    );
    if (isNoise) return;
    reports.spend(event.from.address);
    duties.refused(event);
  };
}

/** A key as it may stand in a log: its first four characters. */
export function shortened(key: string): string {
  return `${key.slice(0, 4).replace(/[^\x20-\x7e]/g, "?")}…`;
}
