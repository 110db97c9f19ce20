import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";
import { RoomParams } from "./seat.js";

const time = Type.Number({ description: "ms since 1970" });

/** A recording's name: 1 to 120 characters, not only spaces. */
export const RecordingName = Type.String({ minLength: 1, maxLength: 120, pattern: "\\S" });

/** What a room records now, or the recording that stopped by itself last, for an hour. */
export const RunningRecording = Type.Object({
  id: Type.String(),
  startedAt: time,
  durationMs: Type.Number(),
  bytes: Type.Number(),
  /** Null while it runs. "disk-full": the stream goes on, and so does the review. */
  stopped: Nullable(Type.Union([Type.Literal("disk-full"), Type.Literal("failed")])),
});
export type RunningRecording = Static<typeof RunningRecording>;

/** One file. What the encoder sent is in it bit for bit. */
export const Recording = Type.Object({
  id: Type.String({ description: "128 random bits, base64url" }),
  room: Type.Object({ id: Type.String(), name: Type.String() }),
  name: Type.String(),
  startedAt: time,
  durationMs: Type.Number(),
  bytes: Type.Number(),
  /**
   * `recording`: growing. `finalising`: being made a plain MP4 that any program opens. `ready`. `broken`: nothing
   * that plays was on disk.
   */
  state: Type.Union([
    Type.Literal("recording"),
    Type.Literal("finalising"),
    Type.Literal("ready"),
    Type.Literal("broken"),
  ]),
  /** Why it ended by itself, in words for people; null where nothing went wrong. */
  problem: Nullable(Type.String()),
  /** Of the first picture; null until it is known. */
  video: Nullable(
    Type.Object({
      codec: Type.String({ description: "Such as H.264 High 4:2:2" }),
      width: Type.Integer(),
      height: Type.Integer(),
    }),
  ),
  hasThumbnail: Type.Boolean(),
});
export type Recording = Static<typeof Recording>;

const RecordingParams = Type.Object({
  recordingId: Type.String({ minLength: 22, maxLength: 22, pattern: "^[A-Za-z0-9_-]{22}$" }),
});

/** What was recorded. A recording belongs to its room: who runs the room runs it. */
export const recordingRoutes = {
  listRecordings: route({
    method: "GET",
    path: "/recordings",
    access: "studio",
    scope: "recordings:read",
    summary: "The recordings of one room or of all one's rooms, newest first, and how full the disk is",
    query: Type.Object({ roomId: Type.Optional(RoomParams.properties.roomId) }),
    response: Type.Object({
      recordings: Type.Array(Recording),
      disk: Type.Object({
        usedBytes: Type.Number({ description: "By all recordings" }),
        freeBytes: Type.Number(),
        totalBytes: Type.Number(),
      }),
    }),
    status: 200,
  }),
  startRecording: route({
    method: "POST",
    path: "/rooms/:roomId/recording",
    access: "studio",
    scope: "recordings:write",
    summary: "Records what is live, from the last keyframe on, until it is stopped or the take ends",
    params: RoomParams,
    response: Recording,
    status: 201,
  }),
  stopRecording: route({
    method: "DELETE",
    path: "/rooms/:roomId/recording",
    access: "studio",
    scope: "recordings:write",
    summary: "Ends the recording and begins to make it a plain MP4",
    params: RoomParams,
    status: 204,
  }),
  readRecording: route({
    method: "GET",
    path: "/recordings/:recordingId",
    access: "studio",
    scope: "recordings:read",
    summary: "One recording",
    params: RecordingParams,
    response: Recording,
    status: 200,
  }),
  renameRecording: route({
    method: "PATCH",
    path: "/recordings/:recordingId",
    access: "studio",
    scope: "recordings:write",
    summary: "Renames a recording",
    params: RecordingParams,
    body: Type.Object({ name: RecordingName }, { additionalProperties: false }),
    response: Recording,
    status: 200,
  }),
  deleteRecording: route({
    method: "DELETE",
    path: "/recordings/:recordingId",
    access: "studio",
    scope: "recordings:write",
    summary: "Deletes a recording's file for good; one that is running is ended first",
    params: RecordingParams,
    status: 204,
  }),
} as const;

/** Below the API's prefix: the file itself, with ranges (RFC 9110 §14); `?download` names it for the disk. Same access. */
export const recordingFilePath = (recordingId: string): string => `/recordings/${recordingId}/file`;

/** Below the API's prefix: a JPEG of a recording's first picture, 480 pixels wide. Same access. */
export const recordingThumbnailPath = (recordingId: string): string => `/recordings/${recordingId}/thumbnail`;

/** Below the API's prefix: a JPEG of what is live in a room, at most 10 s old; 404 while nothing is. For the studio. */
export const roomThumbnailPath = (roomId: string): string => `/rooms/${roomId}/thumbnail`;
