import type { Recording, ResponseOf, routes } from "@colourstream/contract";
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api } from "./call.js";

/** The recordings and how full the disk is. */
export type RecordingList = ResponseOf<(typeof routes)["listRecordings"]>;

const WHILE_CHANGING_MS = 2_000; // one grows or is being finished
const OTHERWISE_MS = 15_000; // a room may begin to record by itself

/**
 * The recordings of one room or of all one's rooms, newest first; asked again while the page is open, and often while
 * one is known to change, also by what the room itself tells.
 */
export function recordingsQuery(roomId: string | undefined, isRecording = false) {
  return queryOptions({
    queryKey: ["recordings", { roomId: roomId ?? null }],
    queryFn: ({ signal }) => api("listRecordings", { query: roomId === undefined ? {} : { roomId }, signal }),
    refetchInterval: ({ state }) =>
      isRecording || state.data?.recordings.some(isChanging) ? WHILE_CHANGING_MS : OTHERWISE_MS,
  });
}

/** One recording; asked again until it is ready. */
export function recordingQuery(recordingId: string) {
  return queryOptions({
    queryKey: ["recording", recordingId],
    queryFn: ({ signal }) => api("readRecording", { params: { recordingId }, signal }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isChanging(state.data) ? WHILE_CHANGING_MS : false,
  });
}

function isChanging({ state }: Recording): boolean {
  return state === "recording" || state === "finalising";
}

/** Asks for every list of recordings again. */
export function refreshRecordings(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["recordings"] });
}

/** Shows a recording as it is now, in every list and on its page. */
export function keepRecording(client: QueryClient, recording: Recording): void {
  client.setQueryData(recordingQuery(recording.id).queryKey, recording);
  client.setQueriesData<RecordingList>({ queryKey: ["recordings"] }, (list) =>
    list === undefined
      ? undefined
      : { ...list, recordings: list.recordings.map((one) => (one.id === recording.id ? recording : one)) },
  );
}

/** Takes a deleted recording out of every list. */
export function forgetRecording(client: QueryClient, recordingId: string): void {
  client.setQueriesData<RecordingList>({ queryKey: ["recordings"] }, (list) =>
    list === undefined
      ? undefined
      : { ...list, recordings: list.recordings.filter(({ id }) => id !== recordingId) },
  );
  client.removeQueries({ queryKey: recordingQuery(recordingId).queryKey });
  void refreshRecordings(client); // the disk has room again
}
