import type { Sending } from "@colourstream/contract";
import type { Member } from "../../rooms/presence.js";
import type { CallPage } from "../conference.js";

/** MiroTalk's page that somebody was given: for one meeting, which is another after a kick. */
export type Frame = { readonly meeting: string; readonly url: string; readonly givenAt: number };

/** Somebody's place in a call, from the moment they joined: they wait for a host, or have MiroTalk's page. */
export type Place = {
  member: Member;
  /** Null: its connection broke, and it may come back. MiroTalk's page goes on without it. */
  page: CallPage | null;
  /** What MiroTalk and the others there call them. */
  readonly shown: string;
  /** Null: they wait. */
  frame: Frame | null;
  /** They were told that they wait. */
  knowsToWait: boolean;
  /** When MiroTalk last listed them. */
  seenAt: number | null;
  /** What the room was told last; null: not in the call. */
  sending: Sending | null;
  /** Ends the place of a page that does not come back. */
  leaving: NodeJS.Timeout | undefined;
};

/** One room's call. */
export type Meeting = {
  /** By the member's id; at most eight. */
  readonly places: Map<string, Place>;
  /** Null: it is being looked up, or made. */
  name: string | null;
  /** It may be another by now: another process says so, or may have said so. */
  isInDoubt: boolean;
  /** Whether MiroTalk lists a host in it. */
  isHostIn: boolean;
  /** Who has been given its name. */
  readonly knowers: Set<string>;
  /** Looking its name up is under way. */
  isAsking: boolean;
  /** When a stranger's presenting made its name another, so that this is not done without end. */
  renewedAt: number;
};

/** Whether two say the same. */
export function isSameSending(one: Sending | null, other: Sending | null): boolean {
  if (one === null || other === null) return one === other;
  return one.mic === other.mic && one.camera === other.camera && one.screen === other.screen;
}
