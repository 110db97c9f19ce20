import type { Recording, recordingRoutes } from "@colourstream/contract";
import { mayRun } from "../domain/permission.js";
import type { StoredRecording } from "../store/recordings.js";
import type { StoredRoom } from "../store/rooms.js";
import type { StoredUser } from "../store/users.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** What was recorded, as the studio keeps it. A recording of a room that is not one's own is not there. */
export function recordingHandlers(product: Product): HandlersOf<typeof recordingRoutes> {
  const { directory, recordings, journal } = product;

  const needRoom = (roomId: string): StoredRoom => {
    const room = directory.byId(roomId);
    if (room === null) throw new ApiError("not_found");
    return room;
  };

  const needRecording = async (id: string, user: StoredUser): Promise<StoredRecording> => {
    const found = await recordings.find(id);
    const room = found === null ? null : directory.byId(found.roomId);
    if (found === null || room === null || !mayRun(user, room)) throw new ApiError("not_found");
    return found;
  };

  const view = (recording: StoredRecording): Recording => {
    const { id, roomId, name, startedAt, durationMs, bytes, state, problem, hasThumbnail } = recording;
    const { codec, width, height } = recording;
    return {
      id,
      room: { id: roomId, name: directory.byId(roomId)?.name ?? "" },
      name,
      startedAt: startedAt.getTime(),
      durationMs,
      bytes,
      state,
      problem,
      video: codec === null || width === null || height === null ? null : { codec, width, height },
      hasThumbnail,
    };
  };

  return {
    listRecordings: async ({ query, who: { user } }) => {
      const own = directory.all().filter((room) => mayRun(user, room));
      const rooms = query.roomId === undefined ? own : own.filter(({ id }) => id === query.roomId);
      if (query.roomId !== undefined && rooms.length === 0) throw new ApiError("not_found");
      const found = await recordings.list(rooms.map(({ id }) => id));
      return { recordings: found.map(view), disk: await recordings.disk() };
    },

    startRecording: async ({ params, actor }) => {
      const room = needRoom(params.roomId);
      const started = await recordings.start(room);
      if (started === "not-live") throw new ApiError("not_live");
      if (started === "already-recording") throw new ApiError("already_recording");
      if (started === "disk-full") throw new ApiError("disk_full");
      if (started === "failed") throw new ApiError("engine_away");
      await journal.note("recording.started", actor, { roomId: room.id, detail: started.name });
      return view(started);
    },

    stopRecording: async ({ params, actor }) => {
      const room = needRoom(params.roomId);
      if (!(await recordings.stop(room))) throw new ApiError("not_found");
      await journal.note("recording.stopped", actor, { roomId: room.id });
      return undefined;
    },

    readRecording: async ({ params, who: { user } }) => view(await needRecording(params.recordingId, user)),

    renameRecording: async ({ params, body, who: { user }, actor }) => {
      const { id, roomId } = await needRecording(params.recordingId, user);
      const renamed = await recordings.rename(id, body.name);
      if (renamed === null) throw new ApiError("not_found");
      await journal.note("recording.renamed", actor, { roomId, detail: renamed.name });
      return view(renamed);
    },

    deleteRecording: async ({ params, who: { user }, actor }) => {
      const { id, roomId, name } = await needRecording(params.recordingId, user);
      if (!(await recordings.remove(id))) throw new ApiError("not_found");
      await journal.note("recording.deleted", actor, { roomId, detail: name });
      return undefined;
    },
  };
}
