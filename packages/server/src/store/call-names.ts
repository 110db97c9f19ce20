import type { Database } from "./database.js";
import { isMissingParent, isUniqueViolation } from "./failures.js";

/** What MiroTalk calls the rooms' meetings. */
export type CallNameStore = {
  /** The room's name of now; `fresh` is kept where it has none. Null: there is no such room. */
  nameOf(roomId: string, fresh: string): Promise<string | null>;
  /**
   * Gives it the name `fresh` where it is still called `from`, and answers what it is called now: of two processes
   * that rename at once, both get the name of the first. Null: it has none, or there is no such room.
   */
  rename(
    roomId: string,
    name: { readonly from: string; readonly fresh: string; readonly at: Date },
  ): Promise<string | null>;
};

export function createCallNameStore(database: Database): CallNameStore {
  const find = async (roomId: string): Promise<string | null> =>
    (await database.callName.findUnique({ where: { roomId } }))?.name ?? null;
  return {
    nameOf: async (roomId, fresh) => {
      const name = await find(roomId);
      if (name !== null) return name;
      try {
        return (await database.callName.create({ data: { roomId, name: fresh } })).name;
      } catch (error) {
        if (isUniqueViolation(error)) return find(roomId); // another process was first
        if (isMissingParent(error)) return null;
        throw error;
      }
    },
    rename: async (roomId, { from, fresh, at }) => {
      await database.callName.updateMany({
        where: { roomId, name: from },
        data: { name: fresh, madeAt: at },
      });
      return find(roomId);
    },
  };
}
