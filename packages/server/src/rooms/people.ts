import type { Participant } from "@colourstream/contract";
import type { Sessions } from "../auth/sessions.js";
import type { InvitationStore } from "../store/invitations.js";
import type { StoredSession } from "../store/sessions.js";
import { countPages, type Pages } from "./pages.js";

/** A seat's page that has opened. */
export type Arrival = { readonly roomId: string; readonly sessionId: string; readonly isIn: boolean };

/**
 * Who is in the rooms. Seats are the sessions' affair; that a page is open, the sockets tell. Owner and colourists take
 * no seat in the rooms they run and are not listed.
 */
export type People = {
  /** In the room and waiting for it, oldest first. */
  list(roomId: string): Promise<Participant[]>;
  /** Of those with a page open now. From memory. */
  counts(roomId: string): { readonly here: number; readonly waiting: number };
  isHere(roomId: string, sessionId: string): boolean;
  /** A page of this seat has opened; call the answer when it has gone. */
  arrive(seat: Arrival): () => void;
  /** The room's seats are not what they were: one was taken, or ended by whom no page of theirs told. */
  changed(roomId: string): void;
  /** Told after every change in a room: who came, went, was let in or sent out. */
  onNews(listener: (roomId: string) => void): void;
};

/** Those at this process. */
export type PeopleHere = People & {
  /** The seats with a page open here, and whether they are in. */
  pages(roomId: string): [string, boolean][];
};

/** What they need. */
export type PeopleOptions = {
  readonly sessions: Pick<Sessions, "seats" | "onEnded" | "onAdmitted">;
  readonly invitations: Pick<InvitationStore, "names">;
};

type Presence = { isIn: boolean; readonly pages: Pages };

export function createPeople({ sessions, invitations }: PeopleOptions): PeopleHere {
  // One for each seat with a page open: bounded by the sockets, which are counted.
  const here = new Map<string, Map<string, Presence>>();
  const listeners: ((roomId: string) => void)[] = [];
  const changed = (roomId: string): void => {
    for (const listener of listeners) listener(roomId);
  };

  const drop = (roomId: string, sessionId: string): boolean => {
    const inRoom = here.get(roomId);
    const presence = inRoom?.get(sessionId);
    if (inRoom === undefined || presence === undefined) return false;
    presence.pages.end();
    inRoom.delete(sessionId);
    if (inRoom.size === 0) here.delete(roomId);
    return true;
  };

  const arrive = ({ roomId, sessionId, isIn }: Arrival): (() => void) => {
    const inRoom = here.get(roomId) ?? new Map<string, Presence>();
    here.set(roomId, inRoom);
    const before = inRoom.get(sessionId);
    const pages = countPages(() => {
      if (here.get(roomId)?.get(sessionId) === presence && drop(roomId, sessionId)) changed(roomId);
    });
    const presence = before ?? { isIn, pages };
    presence.isIn = isIn;
    const leave = presence.pages.open();
    inRoom.set(sessionId, presence);
    if (before === undefined) changed(roomId);
    return leave;
  };

  sessions.onEnded(({ id, roomId }) => {
    const rooms = roomId === null ? [...here.keys()] : [roomId];
    for (const room of rooms) if (drop(room, id) || room === roomId) changed(room);
  });
  sessions.onAdmitted(({ id, roomId }) => {
    const presence = here.get(roomId)?.get(id);
    if (presence !== undefined) presence.isIn = true;
    changed(roomId);
  });

  const isHere = (roomId: string, sessionId: string): boolean => here.get(roomId)?.has(sessionId) ?? false;

  return {
    list: async (roomId) => {
      const seats = await sessions.seats(roomId);
      const ids = seats.flatMap(({ holder }) => (holder.kind === "participant" ? [holder.invitationId] : []));
      const names = await invitations.names([...new Set(ids.filter((id) => id !== null))]);
      return seats.flatMap((seat) => participantFrom(seat, names, isHere(roomId, seat.id)));
    },
    counts: (roomId) => {
      const present = [...(here.get(roomId)?.values() ?? [])];
      const inside = present.filter(({ isIn }) => isIn).length;
      return { here: inside, waiting: present.length - inside };
    },
    isHere,
    pages: (roomId) => [...(here.get(roomId) ?? [])].map(([sessionId, { isIn }]) => [sessionId, isIn]),
    arrive,
    changed,
    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}

function participantFrom(
  { id, holder, createdAt }: StoredSession,
  names: ReadonlyMap<string, string>,
  isHere: boolean,
): Participant[] {
  if (holder.kind !== "participant") return [];
  const { name, role, invitationId, admittedAt } = holder;
  return [
    {
      id,
      name,
      role,
      invitation: invitationId === null ? null : { id: invitationId, name: names.get(invitationId) ?? "" },
      state: admittedAt === null ? "waiting" : "admitted",
      isHere,
      joinedAt: createdAt.getTime(),
    },
  ];
}
