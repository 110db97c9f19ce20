import type { Account } from "@colourstream/contract";
import { momentWords } from "../../ui/local-time.js";

/** What can be done to an account. */
export type AccountAct = "rename" | "link" | "disable" | "enable" | "hand-over" | "delete";

/** What the owner can do to an account in the state that it is in; nothing to their own. */
export function actsOn({ role, state }: Account): readonly AccountAct[] {
  if (role === "owner") return [];
  switch (state) {
    case "invited":
      return ["rename", "link", "delete"];
    case "active":
      return ["rename", "link", "disable", "hand-over", "delete"];
    case "disabled":
      return ["rename", "enable", "delete"];
  }
}

/** What there is to know of a link that was given out; null when that is nothing. */
export function linkWords({ role, state, linkUntil }: Account, now: number): string | null {
  if (role === "owner" || state === "disabled") return null;
  if (linkUntil !== null && linkUntil > now) return `Link good until ${momentWords(linkUntil)}`;
  return state === "invited" ? "No link is open: make a new one" : null;
}
