import type { Database } from "./database.js";
import { isMissingRow } from "./failures.js";

/** A recording as kept. `bytes` and `durationMs` are of its last second while it grows. */
export type StoredRecording = {
  readonly id: string;
  readonly roomId: string;
  readonly takeId: string | null;
  readonly name: string;
  readonly state: "recording" | "finalising" | "ready" | "broken";
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly durationMs: number;
  readonly bytes: number;
  readonly problem: string | null;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly hasThumbnail: boolean;
};

/** What can be changed of a recording; a missing field stays. */
export type RecordingChange = Partial<Omit<StoredRecording, "id" | "roomId" | "takeId" | "startedAt">>;

/** The index of the recordings; their pictures are files. */
export type RecordingStore = {
  add(recording: StoredRecording): Promise<void>;
  /** Null when there is no such recording (any more). */
  change(id: string, change: RecordingChange): Promise<StoredRecording | null>;
  /** The same for one that still runs as far as is known; false when another process has ended it. */
  end(id: string, change: RecordingChange): Promise<boolean>;
  find(id: string): Promise<StoredRecording | null>;
  /** Of these rooms, newest first. */
  ofRooms(roomIds: readonly string[]): Promise<StoredRecording[]>;
  /** Oldest first. */
  all(): Promise<StoredRecording[]>;
  /** False when there was none. */
  remove(id: string): Promise<boolean>;
};

type Row = Omit<StoredRecording, "bytes"> & { readonly bytes: bigint };
const fromRow = ({ bytes, ...row }: Row): StoredRecording => ({ ...row, bytes: Number(bytes) });
const sized = <T extends { readonly bytes?: number | undefined }>({ bytes, ...rest }: T) => ({
  ...rest,
  ...(bytes !== undefined && { bytes: BigInt(bytes) }),
});

export function createRecordingStore(database: Database): RecordingStore {
  return {
    add: async (recording) => {
      await database.recording.create({ data: sized(recording) });
    },
    change: async (id, change) => {
      try {
        return fromRow(await database.recording.update({ where: { id }, data: sized(change) }));
      } catch (error) {
        if (isMissingRow(error)) return null;
        throw error;
      }
    },
    end: async (id, change) => {
      const where = { id, state: "recording" } as const;
      return (await database.recording.updateMany({ where, data: sized(change) })).count === 1;
    },
    find: async (id) => {
      const row = await database.recording.findUnique({ where: { id } });
      return row === null ? null : fromRow(row);
    },
    ofRooms: async (roomIds) => {
      const rows = await database.recording.findMany({
        where: { roomId: { in: [...roomIds] } },
        orderBy: { startedAt: "desc" },
      });
      return rows.map(fromRow);
    },
    all: async () => (await database.recording.findMany({ orderBy: { startedAt: "asc" } })).map(fromRow),
    remove: async (id) => (await database.recording.deleteMany({ where: { id } })).count === 1,
  };
}
