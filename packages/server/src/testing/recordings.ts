import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { StreamStatus } from "@colourstream/contract";
import { makeId } from "../domain/room.js";
import type { StoredRecording } from "../store/recordings.js";
import type { TestServer } from "./server.js";

/** What the studio knows of a stream in which everything is as it should be. */
export function liveStream(take: string): StreamStatus {
  return {
    take,
    state: "live",
    sinceAt: Date.now(),
    source: { protocol: "rtmp", encoder: "a test" },
    video: {
      codec: "h264",
      profile: "High 4:2:2",
      width: 1920,
      height: 1080,
      frameRate: 25,
      bitDepth: 10,
      chroma: "4:2:2",
      gopFrames: 25,
      reorderFrames: 0,
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
      bitsPerSecond: 20_000_000,
    },
    audio: null,
    sound: "none-sent",
    viewers: 0,
    link: null,
    warnings: [],
    notices: [],
  };
}

/** A recording in the index; with its file where `content` is given. */
export async function addRecording(
  { store, product }: TestServer,
  roomId: string,
  state: StoredRecording["state"],
  more: Partial<StoredRecording> & { readonly content?: Uint8Array } = {},
): Promise<StoredRecording> {
  const { content, ...fields } = more;
  const recording: StoredRecording = {
    id: makeId(randomBytes),
    roomId,
    takeId: null,
    name: "Reel 1",
    state,
    startedAt: new Date(),
    endedAt: state === "recording" ? null : new Date(),
    durationMs: 1000,
    bytes: content?.length ?? 1000,
    problem: null,
    codec: "H.264 High",
    width: 1920,
    height: 1080,
    hasThumbnail: false,
    ...fields,
  };
  await store.recordings.add(recording);
  const path = product.recordings.filePath(recording);
  if (content !== undefined && path !== null) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return recording;
}
