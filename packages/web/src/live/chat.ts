import type { ChatAudience, ChatMessage } from "@colourstream/contract";
import type { Line } from "./line.js";

/** One of our own messages on its way: `held` while there is no connection, `refused` with why it will not be sent. */
export type OutgoingMessage = {
  readonly clientId: string;
  readonly text: string;
  readonly audience: ChatAudience;
  readonly state: { readonly is: "sending" | "held" } | { readonly is: "refused"; readonly why: string };
};

/** The chat as a page shows it. */
export type ChatView = {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  readonly outgoing: readonly OutgoingMessage[];
  readonly hasEarlier: boolean;
  readonly isLoadingEarlier: boolean;
  /** Messages of others since the chat was last read, and how many of them mention us. */
  readonly unread: number;
  readonly unreadMentions: number;
  /** False until the first messages have come. */
  readonly isReady: boolean;
};

/** A room's chat in this page: keeps up with the room, sends what was typed while the connection was away. */
export type Chat = {
  view(): ChatView;
  subscribe(listener: () => void): () => void;
  send(text: string, mentions: readonly string[], audience: ChatAudience): void;
  edit(id: string, text: string, mentions: readonly string[]): void;
  remove(id: string): void;
  /** Tries a refused message again, or lets it go. */
  retry(clientId: string): void;
  discard(clientId: string): void;
  loadEarlier(): void;
  /** Everything that is there has been seen. */
  read(): void;
  close(): void;
};

/** What the chat needs from its page. */
export type ChatPorts = {
  readonly roomId: string;
  readonly line: Line;
  /** Our own, as in the room's presence; null until told. */
  readonly personId: () => string | null;
};

/** Not built yet: nothing is ever said. */
export function createChat(_ports: ChatPorts): Chat {
  const view: ChatView = {
    messages: [],
    outgoing: [],
    hasEarlier: false,
    isLoadingEarlier: false,
    unread: 0,
    unreadMentions: 0,
    isReady: false,
  };
  const nothing = () => undefined;
  return {
    view: () => view,
    subscribe: () => nothing,
    send: nothing,
    edit: nothing,
    remove: nothing,
    retry: nothing,
    discard: nothing,
    loadEarlier: nothing,
    read: nothing,
    close: nothing,
  };
}
