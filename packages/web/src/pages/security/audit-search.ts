import type { AuditFilter } from "../../api/queries.js";
import { fromInput } from "../../ui/local-time.js";

/** What the audit log's page is asked for, as its address keeps it: days as a date input has them. */
export type AuditSearch = {
  readonly action?: string;
  readonly actorId?: string;
  readonly roomId?: string;
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
};

const NAMES = ["action", "actorId", "roomId", "address", "from", "to"] as const;
const LONGEST = 64; // the contract's, for each of them

/** Takes from an address what belongs to the filter, and leaves out the rest. */
export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const given = NAMES.flatMap((name) => {
    const value = search[name];
    const text = typeof value === "number" ? String(value) : value; // the router reads 42 as a number
    return typeof text === "string" && text !== "" && text.length <= LONGEST ? [[name, text] as const] : [];
  });
  return Object.fromEntries(given);
}

/** The filter as the API takes it. `to` is the last day that counts: up to its end. */
export function toAuditFilter({ from, to, ...rest }: AuditSearch): AuditFilter {
  const first = fromInput(from ?? "");
  const last = endOfDay(to ?? "");
  return { ...rest, ...(first !== null && { from: first }), ...(last !== null && { to: last }) };
}

/** The last millisecond of a day here; a day may have 23 or 25 hours. */
function endOfDay(day: string): number | null {
  const start = fromInput(day);
  if (start === null) return null;
  const at = new Date(start);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime() - 1;
}
