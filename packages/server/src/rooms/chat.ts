import type { ChatAudience, ChatMessage, HistoryEntry, SeatRole } from "@colourstream/contract";

/** Who writes or reads. */
export type ChatPerson = {
  readonly personId: string;
  readonly name: string;
  readonly role: SeatRole;
  /** Hosts do not read what is said on the client's side; they may delete what others wrote. */
  readonly isHost: boolean;
};

/** Why a message was not taken. */
export type ChatRefusal =
  | { readonly refused: "not_allowed" | "not_found" | "invalid_request" }
  | { readonly refused: "too_many_attempts"; readonly retryAfterMs: number };

/** What somebody who begins to watch gets. */
export type ChatBegin = {
  readonly seq: number;
  readonly isWhole: boolean;
  readonly hasEarlier: boolean;
  readonly entries: readonly HistoryEntry[];
};

/** What happened in a room's chat. After `cleared` everybody begins anew. */
export type ChatNews = { readonly roomId: string } & (
  | { readonly is: "entry"; readonly entry: HistoryEntry }
  | { readonly is: "cleared" }
);

/** The rooms' chat: on disk before anybody is told, in the order of its numbers. */
export type Chat = {
  begin(roomId: string, reader: ChatPerson, since: number | null): Promise<ChatBegin>;
  send(
    roomId: string,
    author: ChatPerson,
    message: {
      readonly clientId: string;
      readonly text: string;
      readonly mentions: readonly string[];
      readonly audience: ChatAudience;
    },
  ): Promise<HistoryEntry | ChatRefusal>;
  edit(
    roomId: string,
    author: ChatPerson,
    change: { readonly id: string; readonly text: string; readonly mentions: readonly string[] },
  ): Promise<HistoryEntry | ChatRefusal>;
  remove(roomId: string, by: ChatPerson, id: string): Promise<HistoryEntry | ChatRefusal>;
  earlier(
    roomId: string,
    reader: ChatPerson,
    before: string | null,
  ): Promise<{ readonly messages: readonly ChatMessage[]; readonly hasEarlier: boolean }>;
  /** The whole chat as a text for people, in the zone UTC. */
  asText(roomId: string, reader: ChatPerson): Promise<string>;
  clear(roomId: string): Promise<void>;
  onNews(listener: (news: ChatNews) => void): void;
};

/** Not built yet. */
export function createChat(): Chat {
  const notBuilt = async (): Promise<never> => {
    throw new Error("not built yet");
  };
  return {
    begin: notBuilt,
    send: notBuilt,
    edit: notBuilt,
    remove: notBuilt,
    earlier: notBuilt,
    asText: notBuilt,
    clear: notBuilt,
    onNews: () => undefined,
  };
}
