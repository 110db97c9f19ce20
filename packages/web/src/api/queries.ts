import type { Joined, Participant, QueryOf, Room, routes } from "@colourstream/contract";
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { PasskeyProblem } from "../passkeys/problem.js";
import { ApiProblem, api } from "./call.js";

/** Who is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => api("readSession", { signal }),
});

/** The rooms, newest first: those in use, or those put away. */
export function roomsQuery(archived: boolean) {
  return queryOptions({
    queryKey: ["rooms", { archived }],
    queryFn: async ({ signal }) => (await api("listRooms", { query: { archived }, signal })).rooms,
  });
}

/** One room. */
export function roomQuery(roomId: string) {
  return queryOptions({
    queryKey: ["room", roomId],
    queryFn: ({ signal }) => api("readRoom", { params: { roomId }, signal }),
  });
}

/**
 * Somebody's seat, and the room when they were let in; null when this browser has not joined it. Who was never here and
 * is not signed in cannot have joined: they are not asked about, and get no refusal in their console.
 */
export function seatQuery(roomId: string, wasHereBefore: () => boolean) {
  return queryOptions({
    queryKey: ["review", roomId],
    queryFn: async ({ signal }): Promise<Joined | null> => {
      const asked = { params: { roomId }, signal };
      try {
        if (!wasHereBefore() && (await api("readSession", { signal })).user === null) return null;
        const seat = await api("readSeat", asked);
        return { seat, review: seat.state === "admitted" ? await api("readReview", asked) : null };
      } catch (error) {
        if (error instanceof ApiProblem && NOT_JOINED.has(error.status)) return null;
        throw error;
      }
    },
  });
}

/** 404 too: an address that is no room and a room not joined look the same from outside, on purpose. */
const NOT_JOINED = new Set([400, 401, 403, 404]);

/** Puts a room as it is now into every list and page that shows it. */
export function keepRoom(client: QueryClient, room: Room) {
  client.setQueryData(roomQuery(room.id).queryKey, room);
  for (const archived of [false, true]) {
    client.setQueryData(roomsQuery(archived).queryKey, (rooms) => {
      if (rooms === undefined) return undefined;
      const others = rooms.filter(({ id }) => id !== room.id);
      if ((room.archivedAt !== null) !== archived) return others;
      return [...others, room].sort((a, b) => b.createdAt - a.createdAt);
    });
  }
}

/** Takes a deleted room out of every list. */
export function forgetRoom(client: QueryClient, roomId: string) {
  for (const archived of [false, true]) {
    client.setQueryData(roomsQuery(archived).queryKey, (rooms) => rooms?.filter(({ id }) => id !== roomId));
  }
  client.removeQueries({ queryKey: roomQuery(roomId).queryKey });
}

/** A room's invitations, newest first. */
export function invitationsQuery(roomId: string) {
  return queryOptions({
    queryKey: ["invitations", roomId],
    queryFn: async ({ signal }) => (await api("listInvitations", { params: { roomId }, signal })).invitations,
  });
}

/** Who is in a room and who waits for it. */
export function peopleQuery(roomId: string) {
  return queryOptions({
    queryKey: ["people", roomId],
    queryFn: async ({ signal }) =>
      (await api("listParticipants", { params: { roomId }, signal })).participants,
  });
}

/** Who was sent out of a room for good. */
export function bansQuery(roomId: string) {
  return queryOptions({
    queryKey: ["bans", roomId],
    queryFn: async ({ signal }) => (await api("listBans", { params: { roomId }, signal })).bans,
  });
}

/** Shows a room's people as they are now; who came or went may have used an invitation. */
export function keepPeople(client: QueryClient, roomId: string, participants: Participant[]) {
  client.setQueryData(peopleQuery(roomId).queryKey, participants);
  void client.invalidateQueries({ queryKey: invitationsQuery(roomId).queryKey });
}

/** The installation's settings. While the media engine is away after a change, they are asked for until it is back. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => api("readSettings", { signal }),
  refetchInterval: ({ state }) => (state.data?.engine === "away" ? 1_000 : false),
});

/** What this ColourStream is and runs on; for the owner. */
export const aboutQuery = queryOptions({
  queryKey: ["about"],
  queryFn: ({ signal }) => api("readAbout", { signal }),
});

/** Whether the parts answer; asked again while the page is open. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => api("readHealth", { signal }),
  refetchInterval: 10_000,
});

/** The media engine's servers and streams; asked again while the page is open. */
export const engineQuery = queryOptions({
  queryKey: ["engine"],
  queryFn: ({ signal }) => api("readEngine", { signal }),
  refetchInterval: 2_000,
});

/** The blocked addresses. */
export const blocksQuery = queryOptions({
  queryKey: ["blocks"],
  queryFn: async ({ signal }) => (await api("listBlocks", { signal })).blocks,
});

/** Refused attempts of the last 24 hours; asked again while the page is open. */
export const attemptsQuery = queryOptions({
  queryKey: ["attempts"],
  queryFn: async ({ signal }) => (await api("listAttempts", { signal })).attempts,
  refetchInterval: 30_000,
});

/** Everybody's logins; for the owner. */
export const everybodysLoginsQuery = queryOptions({
  queryKey: ["logins", "everybody"],
  queryFn: async ({ signal }) => (await api("listSessions", { query: { everybody: true }, signal })).sessions,
});

/** What the audit log is asked for. */
export type AuditFilter = NonNullable<QueryOf<(typeof routes)["exportAudit"]>>;

/** One page of the audit log; `before` is the `next` of the page before it. */
export function auditQuery(filter: AuditFilter, before: string | undefined) {
  return queryOptions({
    queryKey: ["audit", filter, before],
    queryFn: ({ signal }) =>
      api("listAudit", {
        query: { ...filter, limit: AUDIT_PAGE, ...(before !== undefined && { before }) },
        signal,
      }),
  });
}
const AUDIT_PAGE = 50; // lines; about two screens

/** One's own API tokens. */
export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async ({ signal }) => (await api("listTokens", { signal })).tokens,
});

/** What to tell a person about a failed call. */
export function sentence(error: unknown): string {
  if (error instanceof ApiProblem || error instanceof PasskeyProblem) return error.message;
  return "Something went wrong in this page. Reload it and try again.";
}

/** Whether asking again may help: not when the server has understood and refused. */
export function mayRetry(failures: number, error: unknown): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ApiProblem) || error.status === 0 || error.status >= 500;
}
