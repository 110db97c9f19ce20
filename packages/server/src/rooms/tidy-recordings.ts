import type { Actor, Journal } from "../journal.js";
import type { RecordingStore, StoredRecording } from "../store/recordings.js";
import type { DiskUse } from "./recording-files.js";

const DAY_MS = 24 * 3_600_000;
/** What the settings do by themselves has neither an actor nor an address. */
const BY_ITSELF: Actor = { actorId: null, address: null };

/** What letting go works on. `keep` is as the settings say now. */
export type TidyRecordings = {
  readonly store: Pick<RecordingStore, "all">;
  readonly journal: Journal;
  readonly disk: () => Promise<DiskUse>;
  readonly remove: (id: string) => Promise<boolean>;
  readonly keep: { readonly days: number | null; readonly diskPercent: number };
  /** Wall clock. */
  readonly now: number;
};

/** Lets go what is too old, then the oldest while all take more than their share. Never what is still worked on. */
export async function tidyRecordings({
  store,
  journal,
  disk,
  remove,
  keep,
  now,
}: TidyRecordings): Promise<void> {
  const letGo = async ({ id, roomId, name }: StoredRecording, why: string): Promise<void> => {
    await journal.note("recording.deleted", BY_ITSELF, { roomId, detail: `${name}: ${why}` });
    await remove(id);
  };
  const done = async (): Promise<StoredRecording[]> =>
    (await store.all()).filter(({ state }) => state === "ready" || state === "broken");

  const { days, diskPercent } = keep;
  if (days !== null) {
    for (const recording of await done()) {
      const endedAt = (recording.endedAt ?? recording.startedAt).getTime();
      if (endedAt < now - days * DAY_MS) await letGo(recording, `kept for ${days} days`);
    }
  }
  const { usedBytes, totalBytes } = await disk();
  let surplus = usedBytes - (totalBytes * diskPercent) / 100;
  for (const recording of await done()) {
    if (surplus <= 0) return;
    if (recording.bytes === 0) continue; // nothing is gained by it
    await letGo(recording, `all recordings took more than ${diskPercent} % of the disk`);
    surplus -= recording.bytes;
  }
}
