import type { Database } from "./database.js";
import { isMissingParent } from "./failures.js";

/** One publish, from connect to end. */
export type NewTake = {
  readonly id: string;
  readonly roomId: string;
  readonly startedAt: Date;
  readonly protocol: string | null;
  readonly encoder: string | null;
};

/** What is noted of a take. Both calls may come twice, and for a room that has just been deleted. */
export type TakeStore = {
  begin(take: NewTake): Promise<void>;
  end(id: string, endedAt: Date, reason: string): Promise<void>;
  /** Closes what a killed engine left open, except the takes that still run. */
  endOthers(running: readonly string[], endedAt: Date): Promise<void>;
  removeEndedBefore(at: Date): Promise<number>;
};

export function createTakeStore(database: Database): TakeStore {
  return {
    begin: async (take) => {
      try {
        await database.take.createMany({ data: [take], skipDuplicates: true });
      } catch (error) {
        if (!isMissingParent(error)) throw error; // the room went while its encoder connected: nothing to note
      }
    },
    end: async (id, endedAt, endReason) => {
      await database.take.updateMany({ where: { id, endedAt: null }, data: { endedAt, endReason } });
    },
    endOthers: async (running, endedAt) => {
      await database.take.updateMany({
        where: { endedAt: null, id: { notIn: [...running] } },
        data: { endedAt, endReason: "engine-lost" },
      });
    },
    removeEndedBefore: async (at) =>
      (await database.take.deleteMany({ where: { endedAt: { lt: at } } })).count,
  };
}

/** Who did what, for the owner to look up later. */
export type AuditEntry = {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly actorId: string | null;
  readonly roomId: string | null;
  readonly address: string | null;
  readonly detail?: string;
};

/** The audit log: added to, and cut off at its far end. */
export type AuditStore = {
  add(entry: AuditEntry): Promise<void>;
  removeBefore(at: Date): Promise<number>;
};

export function createAuditStore(database: Database): AuditStore {
  return {
    add: async (entry) => {
      await database.auditEvent.create({ data: entry });
    },
    removeBefore: async (at) => (await database.auditEvent.deleteMany({ where: { at: { lt: at } } })).count,
  };
}
