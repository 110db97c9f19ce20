const two = (n: number) => String(n).padStart(2, "0");

/** ms since 1970 as a date input holds it, on this browser's clock: "2026-11-22". */
export function dayInput(ms: number): string {
  const at = new Date(ms);
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** ms since 1970 as a datetime-local input holds it, on this browser's clock: "2026-11-22T10:30". */
export function momentInput(ms: number): string {
  const at = new Date(ms);
  return `${dayInput(ms)}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/**
 * What stands in a date or datetime-local input, in ms since 1970; null while it is not complete. A day alone is its
 * first moment here, not in Greenwich, which is where `Date.parse` would put it (ECMA-262 §21.4.1.32).
 */
export function fromInput(text: string): number | null {
  if (text === "") return null;
  const ms = Date.parse(text.includes("T") ? text : `${text}T00:00`);
  return Number.isNaN(ms) ? null : ms;
}

/** "22 Nov 2026, 10:30": a moment as people write it, on this browser's clock. */
export function momentWords(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** "22 Nov 2026, 10:30:05": a moment in a log. */
export function logMomentWords(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** "22 Nov 2026". */
export function dayWords(ms: number): string {
  return new Date(ms).toLocaleDateString("en-GB", { dateStyle: "medium" });
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "just now", "12 minutes ago", "3 days ago", and from a month on the day itself. */
export function agoWords(ms: number, now: number): string {
  const since = now - ms;
  if (since < MINUTE_MS) return "just now";
  if (since < HOUR_MS) return `${count(Math.floor(since / MINUTE_MS), "minute")} ago`;
  if (since < DAY_MS) return `${count(Math.floor(since / HOUR_MS), "hour")} ago`;
  if (since < 30 * DAY_MS) return `${count(Math.floor(since / DAY_MS), "day")} ago`;
  return `on ${dayWords(ms)}`;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
