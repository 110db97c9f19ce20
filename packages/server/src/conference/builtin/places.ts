import type { CallPeer, Sending } from "@colourstream/contract";
import type { Member } from "../../rooms/presence.js";
import type { CallPage, CallTells } from "../conference.js";
import type { SignalBudget } from "./signal-budget.js";

/** Somebody's place in a call. It outlives the connection of its page for a while. */
export type Place = {
  readonly peerId: string;
  /** The hash of what opens this place again, once: a new one is made then. */
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

/** What is kept of a place beyond the process that runs the call. */
export type KeptPlace = Pick<Place, "peerId" | "resume" | "member" | "sending" | "mutedBy" | "owed">;

/** The places of one call by peer id, in the order in which they were taken; at most eight. */
export type Places = Map<string, Place>;

/** A place as the others' pages see it. */
export function peerOf({ peerId, member, sending, page }: Place): CallPeer {
  const { id, name, role, isHost } = member;
  return { peerId, id, name, role, isHost, sending, isAway: page === null };
}

/** A place as it is kept. */
export function keptOf({ peerId, resume, member, sending, mutedBy, owed }: Place): KeptPlace {
  return { peerId, resume, member, sending, mutedBy, owed };
}

/** Tells it to everybody in the call but one. */
export function tellOthers(places: Places, but: Place, said: CallTells): void {
  for (const place of places.values()) if (place !== but) place.page?.tell(said);
}
