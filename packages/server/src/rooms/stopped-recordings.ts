import type { RunningRecording } from "@colourstream/contract";
import type { EngineRecording } from "../engine/engine.js";

const SHOWN_MS = 3_600_000;

type Grown = Pick<EngineRecording, "id" | "roomId" | "startedAt" | "durationMs" | "bytes">;

/** What stopped by itself in a room, to be shown for an hour. By room, so bounded by the rooms. */
export type StoppedRecordings = {
  note(recording: Grown, why: "disk-full" | "failed"): void;
  of(roomId: string): RunningRecording | null;
  /** `id`: only when it is that one. */
  forget(roomId: string, id?: string): void;
};

/** `wallClock`: ms since 1970. */
export function createStoppedRecordings(wallClock: () => number): StoppedRecordings {
  const stopped = new Map<string, RunningRecording & { readonly at: number }>();
  return {
    note: ({ id, roomId, startedAt, durationMs, bytes }, why) => {
      stopped.set(roomId, { id, startedAt, durationMs, bytes, stopped: why, at: wallClock() });
    },
    of: (roomId) => {
      const last = stopped.get(roomId);
      if (last === undefined || wallClock() - last.at > SHOWN_MS) return null;
      const { at: _at, ...shown } = last;
      return shown;
    },
    forget: (roomId, id) => {
      if (id === undefined || stopped.get(roomId)?.id === id) stopped.delete(roomId);
    },
  };
}
