import { timingSafeEqual } from "node:crypto";
import type { CallPeer, Sending } from "@colourstream/contract";
import type { Member } from "../../rooms/presence.js";
import type { CallPage, CallTells } from "../conference.js";
import type { SignalBudget } from "./signal-budget.js";

/** Somebody's place in a call. It outlives the connection of its page for a while. */
export type Place = {
  readonly peerId: string;
  /** Opens this place again, once: a new one is made then. */
  resume: string;
  member: Member;
  sending: Sending;
  /** Null: its connection broke, and it may come back. */
  page: CallPage | null;
  /** The host who closed its microphone; null: none, or they have opened it since. The others do not play it. */
  mutedBy: string | null;
  /** Its microphone was closed while the page was away: told when it is back. */
  owed: Extract<CallTells, { type: "call.talk" }> | null;
  /** Ends the place of a page that does not come back. */
  leaving: NodeJS.Timeout | undefined;
  readonly budget: SignalBudget;
  /** Signals that went nowhere. */
  dropped: number;
};

/** The places of one call by peer id, in the order in which they were taken; at most eight. */
export type Places = Map<string, Place>;

/** A place as the others' pages see it. */
export function peerOf({ peerId, member, sending, page }: Place): CallPeer {
  const { id, name, role, isHost } = member;
  return { peerId, id, name, role, isHost, sending, isAway: page === null };
}

/** Tells it to everybody in the call but one. */
export function tellOthers(places: Places, but: Place, said: CallTells): void {
  for (const place of places.values()) if (place !== but) place.page?.tell(said);
}

/** Compares two secrets in constant time; their length is none. */
export function isSameSecret(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
