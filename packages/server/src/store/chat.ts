import type { ChatAudience, ChatMessage, HistoryEntry, SeatRole } from "@colourstream/contract";
import type { Database } from "./database.js";

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

/** A room's history as kept. Every change takes the room's next number in the same transaction. */
export type ChatStore = {
  /** The room's numbers: of its last change, and of the clearing before which everything is forgotten. */
  numbers(roomId: string): Promise<{ readonly seq: number; readonly clearedSeq: number } | null>;
  /** The one that is kept already, where this person has sent the same `clientId` before. Null: the room has gone. */
  add(roomId: string, message: NewChatMessage): Promise<HistoryEntry | null>;
  byId(roomId: string, id: string): Promise<ChatMessage | null>;
  /** Null when it has gone or was deleted. */
  edit(
    roomId: string,
    id: string,
    change: { readonly text: string; readonly mentions: NewChatMessage["mentions"]; readonly at: Date },
  ): Promise<HistoryEntry | null>;
  remove(roomId: string, id: string, at: Date): Promise<HistoryEntry | null>;
  /** What changed after a number, in its order; `side` false leaves out what is for the client's side. */
  since(
    roomId: string,
    seq: number,
    which: { readonly side: boolean; readonly most: number },
  ): Promise<HistoryEntry[]>;
  /** The newest messages, or those before one, oldest first. */
  newest(
    roomId: string,
    which: { readonly side: boolean; readonly most: number; readonly before: string | null },
  ): Promise<HistoryEntry[]>;
  /** Answers the number of the clearing; null: the room has gone. */
  clear(roomId: string): Promise<number | null>;
};

export function createChatStore(_database: Database): ChatStore {
  const notBuilt = async (): Promise<never> => {
    throw new Error("not built yet");
  };
  return {
    numbers: notBuilt,
    add: notBuilt,
    byId: notBuilt,
    edit: notBuilt,
    remove: notBuilt,
    since: notBuilt,
    newest: notBuilt,
    clear: notBuilt,
  };
}
