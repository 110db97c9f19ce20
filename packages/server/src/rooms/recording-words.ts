import type { StreamStatus } from "@colourstream/contract";
import type { RecordingEnd } from "../engine/engine.js";
import type { StoredRecording } from "../store/recordings.js";
import type { StoredRoom } from "../store/rooms.js";

const CODECS = { h264: "H.264", h265: "H.265", av1: "AV1", vp9: "VP9" } as const;

/** A recording that has just begun. `startedAt` is wall clock. */
export function newRecording(begun: {
  readonly id: string;
  readonly room: Pick<StoredRoom, "id" | "name">;
  readonly stream: StreamStatus | null;
  readonly startedAt: number;
}): StoredRecording {
  const { id, room, stream } = begun;
  const startedAt = new Date(begun.startedAt);
  return {
    id,
    roomId: room.id,
    takeId: stream?.take ?? null,
    name: nameOfRecording(room.name, startedAt),
    state: "recording",
    startedAt,
    endedAt: null,
    durationMs: 0,
    bytes: 0,
    problem: null,
    ...videoFacts(stream?.video ?? null),
    hasThumbnail: false,
  };
}

/** What a recording is called at first: its room, and when it began by this machine's clock. */
function nameOfRecording(roomName: string, startedAt: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [startedAt.getFullYear(), two(startedAt.getMonth() + 1), two(startedAt.getDate())].join("-");
  const time = [startedAt.getHours(), startedAt.getMinutes(), startedAt.getSeconds()].map(two).join(".");
  return `${roomName} ${day} ${time}`; // no colon: it becomes a file's name, also on Windows
}

/** Codec, profile and size for the index; null where nothing has come yet. */
export function videoFacts(
  video: StreamStatus["video"],
): Pick<StoredRecording, "codec" | "width" | "height"> {
  if (video === null) return { codec: null, width: null, height: null };
  const { codec, profile, width, height } = video;
  return { codec: `${CODECS[codec]} ${profile}`.trim(), width, height };
}

/** Why a recording ended, in words; null where it ended as it was meant to. */
export function problemOfEnd(why: RecordingEnd | "unseen", detail: string | null): string | null {
  switch (why) {
    case "stopped":
    case "take-ended":
      return null;
    case "format-changed":
      return "The encoder changed its picture or sound: it goes on in the next recording.";
    case "disk-full":
      return "The disk was full. What had come until then is here.";
    case "failed":
      return detail ?? "It could not be written on. What had come until then is here.";
    case "engine-stopping":
      return "The media engine was restarted while it recorded.";
    case "unseen":
      return "The media engine ended unexpectedly. At most the last second is missing.";
  }
}
