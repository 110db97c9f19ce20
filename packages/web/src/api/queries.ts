import type { Room } from "@colourstream/contract";
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
 * The room as its reviewer sees it; null when this browser has not joined it. Who was never here and is not signed in
 * cannot have joined: they are not asked about, and get no refusal in their console.
 */
export function reviewQuery(roomId: string, wasHereBefore: () => boolean) {
  return queryOptions({
    queryKey: ["review", roomId],
    queryFn: async ({ signal }) => {
      try {
        if (!wasHereBefore() && (await api("readSession", { signal })).user === null) return null;
        return await api("readReview", { params: { roomId }, signal });
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
