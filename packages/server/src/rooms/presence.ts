import type { Person, SeatRole, Sending, Viewing } from "@colourstream/contract";

/** A page that has opened in a room, and whose it is. Owner and colourists count as those in it, by their login. */
export type Member = {
  /** The session's: a seat's or a login's. */
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly role: SeatRole;
  readonly isHost: boolean;
};

/** What changed in a room since it was told last. */
export type PresenceNews = {
  readonly roomId: string;
  readonly changed: readonly Person[];
  readonly gone: readonly string[];
};

/**
 * Who is in the rooms now, how they watch, whose hand is up and who is in the call: in memory, gone with the process,
 * and told to everybody in the room. `People` beside it knows the seats, also those that wait.
 */
export type Presence = {
  list(roomId: string): Person[];
  find(roomId: string, id: string): Person | null;
  /** Call the answer when this page has gone; the person has gone 3 s after their last one. */
  arrive(roomId: string, member: Member): () => void;
  viewing(roomId: string, id: string, viewing: Viewing | null): void;
  hand(roomId: string, id: string, isUp: boolean): void;
  /** Null: not in the call (any more). */
  call(roomId: string, id: string, sending: Sending | null): void;
  role(roomId: string, id: string, role: SeatRole, isHost: boolean): void;
  /** Told at once in the order of the changes; who tells it on gathers a moment's worth. */
  onNews(listener: (news: PresenceNews) => void): void;
};

/** Not built yet: nobody is there. */
export function createPresence(_options: { readonly wallClock: () => number }): Presence {
  const nothing = () => undefined;
  return {
    list: () => [],
    find: () => null,
    arrive: () => nothing,
    viewing: nothing,
    hand: nothing,
    call: nothing,
    role: nothing,
    onNews: nothing,
  };
}
