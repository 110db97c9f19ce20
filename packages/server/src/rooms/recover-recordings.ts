import type { RecordingStore } from "../store/recordings.js";
import type { RecordingFiles } from "./recording-files.js";

/** What it needs. `finish` takes up what was not made a plain MP4. */
export type RecoverRecordings = {
  readonly files: RecordingFiles;
  readonly store: RecordingStore;
  isRunning(id: string): boolean;
  finish(id: string): void;
  warn(message: string, error: unknown): void;
};

/** Takes up what the last run left: files without a row, rows without a file, unfinished ones. */
export async function recoverRecordings({
  files,
  store,
  isRunning,
  finish,
  warn,
}: RecoverRecordings): Promise<void> {
  const present = await files.list();
  const rows = await store.all();
  for (const { id, state } of rows) {
    const has = present.get(id);
    if (state === "finalising") finish(id);
    if (state === "ready" && has?.has("whole") !== true)
      await store.change(id, {
        state: "broken",
        problem: "Its file is not on the disk any more.",
        bytes: 0,
      });
  }
  const known = new Set(rows.map(({ id }) => id));
  for (const [id, has] of present) {
    await files.remove(id, "keyframe");
    await files.remove(id, "unfinishedThumbnail");
    if (known.has(id) || isRunning(id)) continue;
    // Somebody's picture: never ours to delete unasked.
    if (has.has("part") || has.has("whole")) warn("a recording on the disk is in no room's list", { id });
  }
}
