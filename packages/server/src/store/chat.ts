import type { ChatAudience, ChatMessage, HistoryEntry, SeatRole } from "@colourstream/contract";
import type { Prisma } from "../generated/prisma/client.js";
import type { Database } from "./database.js";
import { isUniqueViolation } from "./failures.js";

/** A message to be kept. */
export type NewChatMessage = {
  readonly id: string;
  readonly clientId: string;
  readonly author: { readonly personId: string; readonly name: string; readonly role: SeatRole };
  readonly audience: ChatAudience;
  readonly text: string;
  readonly mentions: readonly { readonly personId: string; readonly name: string }[];
  readonly at: Date;
};

/** What became of a message to be kept: this person may have sent the same `clientId` before. */
export type AddedChatMessage =
  | { readonly is: "new" | "kept-before"; readonly entry: HistoryEntry }
  | { readonly is: "room-gone" | "full" };

/** Which of a room's messages: `side` false leaves out what is for the client's side; `most` is how many at most. */
export type ChatSelection = { readonly side: boolean; readonly most: number };

/** A room's history as kept. Every change takes the room's next number in the same transaction. */
export type ChatStore = {
  /** The room's numbers: of its last change, and of the clearing before which everything is forgotten. */
  numbers(roomId: string): Promise<{ readonly seq: number; readonly clearedSeq: number } | null>;
  /** Its time is later than that of the room's last message, whatever the clock says: times are the order. */
  add(roomId: string, message: NewChatMessage): Promise<AddedChatMessage>;
  byId(roomId: string, id: string): Promise<ChatMessage | null>;
  /** Null when it has gone or was deleted. */
  edit(
    roomId: string,
    id: string,
    change: { readonly text: string; readonly mentions: NewChatMessage["mentions"]; readonly at: Date },
  ): Promise<HistoryEntry | null>;
  remove(roomId: string, id: string, at: Date): Promise<HistoryEntry | null>;
  /** What changed after a number, in its order. */
  since(roomId: string, seq: number, which: ChatSelection): Promise<HistoryEntry[]>;
  /** The newest messages, or those before one, oldest first. */
  newest(roomId: string, which: ChatSelection & { readonly before: string | null }): Promise<HistoryEntry[]>;
  /** From the room's first message on, oldest first; `after`: those written after that time. */
  oldest(roomId: string, which: ChatSelection & { readonly after: number | null }): Promise<ChatMessage[]>;
  /** Those of these people who wrote in the room, by the name that they had last. */
  authors(
    roomId: string,
    personIds: readonly string[],
  ): Promise<{ readonly personId: string; readonly name: string }[]>;
  /** Answers the number of the clearing; null: the room has gone. */
  clear(roomId: string): Promise<number | null>;
};

/** Changes between two clearings: years of a busy room, and not a disk filled by one guest. */
const MAX_CHANGES = 100_000;

class FullError extends Error {}

export function createChatStore(database: Database): ChatStore {
  const kept = (roomId: string, personId: string, clientId: string) =>
    database.chatMessage.findUnique({ where: { roomId_personId_clientId: { roomId, personId, clientId } } });
  const visible = ({ side }: ChatSelection) => (side ? {} : ({ audience: "all" } as const));

  const change = (roomId: string, id: string, data: Prisma.ChatMessageUpdateManyMutationInput) =>
    database.$transaction(async (tx) => {
      const found = await tx.chatMessage.findFirst({ where: { id, roomId, deletedAt: null } });
      const room = found === null ? null : await takeNumber(tx, roomId);
      if (room === null) return null;
      const where = { id, roomId, deletedAt: null };
      const rows = await tx.chatMessage.updateManyAndReturn({ where, data: { ...data, seq: room.seq } });
      return rows[0] === undefined ? null : entryFromRow(rows[0]);
    });

  return {
    numbers: (roomId) =>
      database.room.findUnique({ where: { id: roomId }, select: { seq: true, clearedSeq: true } }),
    add: async (roomId, message) => {
      const { author, clientId, mentions, at, ...rest } = message;
      const before = await kept(roomId, author.personId, clientId);
      if (before !== null) return { is: "kept-before", entry: entryFromRow(before) };
      try {
        return await database.$transaction(async (tx) => {
          const room = await takeNumber(tx, roomId);
          if (room === null) return { is: "room-gone" };
          if (room.seq - room.clearedSeq > MAX_CHANGES) throw new FullError(); // gives the number back
          const row = await tx.chatMessage.create({
            data: {
              ...rest,
              roomId,
              seq: room.seq,
              clientId,
              personId: author.personId,
              authorName: author.name,
              authorRole: author.role,
              mentions: [...mentions],
              at: new Date(Math.max(at.getTime(), (room.lastAt?.getTime() ?? 0) + 1)),
            },
          });
          return { is: "new", entry: entryFromRow(row) };
        });
      } catch (error) {
        if (error instanceof FullError) return { is: "full" };
        // Sent twice at once: the other one was quicker, and our number went back with the transaction.
        const other = isUniqueViolation(error) ? await kept(roomId, author.personId, clientId) : null;
        if (other === null) throw error;
        return { is: "kept-before", entry: entryFromRow(other) };
      }
    },
    byId: async (roomId, id) => {
      const row = await database.chatMessage.findFirst({ where: { id, roomId } });
      return row === null ? null : entryFromRow(row).message;
    },
    edit: (roomId, id, { text, mentions, at }) =>
      change(roomId, id, { text, mentions: [...mentions], editedAt: at }),
    remove: (roomId, id, at) => change(roomId, id, { text: "", mentions: [], deletedAt: at }),
    since: async (roomId, seq, which) => {
      const rows = await database.chatMessage.findMany({
        where: { roomId, seq: { gt: seq }, ...visible(which) },
        orderBy: { seq: "asc" },
        take: which.most,
      });
      return rows.map(entryFromRow);
    },
    newest: async (roomId, { before, ...which }) => {
      const last =
        before === null
          ? null
          : await database.chatMessage.findFirst({ where: { id: before, roomId }, select: { at: true } });
      if (before !== null && last === null) return []; // cleared meanwhile
      const rows = await database.chatMessage.findMany({
        where: { roomId, ...visible(which), ...(last !== null && { at: { lt: last.at } }) },
        orderBy: { at: "desc" },
        take: which.most,
      });
      return rows.reverse().map(entryFromRow);
    },
    oldest: async (roomId, { after, ...which }) => {
      const rows = await database.chatMessage.findMany({
        where: { roomId, ...visible(which), ...(after !== null && { at: { gt: new Date(after) } }) },
        orderBy: { at: "asc" },
        take: which.most,
      });
      return rows.map((row) => entryFromRow(row).message);
    },
    authors: async (roomId, personIds) => {
      const found: { personId: string; name: string }[] = [];
      for (const personId of personIds) {
        const row = await database.chatMessage.findFirst({
          where: { roomId, personId },
          orderBy: { at: "desc" },
          select: { authorName: true },
        });
        if (row !== null) found.push({ personId, name: row.authorName });
      }
      return found;
    },
    clear: (roomId) =>
      database.$transaction(async (tx) => {
        const room = await takeNumber(tx, roomId);
        if (room === null) return null;
        await tx.room.update({ where: { id: roomId }, data: { clearedSeq: room.seq } });
        await tx.chatMessage.deleteMany({ where: { roomId } });
        return room.seq;
      }),
  };
}

type RoomNumbers = { seq: number; clearedSeq: number; lastAt: Date | null };

/** The room's next number; its row is ours until the transaction ends. Null: the room has gone. */
async function takeNumber(tx: Prisma.TransactionClient, roomId: string): Promise<RoomNumbers | null> {
  const rows = await tx.$queryRaw<RoomNumbers[]>`
    UPDATE "rooms" SET "seq" = "seq" + 1 WHERE "id" = ${roomId}
    RETURNING "seq", "cleared_seq" AS "clearedSeq",
      (SELECT max("at") FROM "chat_messages" WHERE "room_id" = ${roomId}) AS "lastAt"`;
  return rows[0] ?? null;
}

type ChatRow = {
  id: string;
  seq: number;
  clientId: string;
  personId: string;
  authorName: string;
  authorRole: SeatRole;
  audience: ChatAudience;
  text: string;
  mentions: Prisma.JsonValue;
  at: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
};

function entryFromRow(row: ChatRow): HistoryEntry {
  const { id, seq, clientId, personId, authorName, authorRole, audience, text, mentions } = row;
  const message = {
    id,
    clientId,
    author: { personId, name: authorName, role: authorRole },
    audience,
    text,
    mentions: mentions as ChatMessage["mentions"], // written by `add` and `edit`, and by nothing else
    at: row.at.getTime(),
    editedAt: row.editedAt?.getTime() ?? null,
    deletedAt: row.deletedAt?.getTime() ?? null,
  };
  return { seq, message };
}
