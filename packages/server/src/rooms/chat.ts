import type { ChatAudience, ChatMessage, ErrorCode, HistoryEntry, SeatRole } from "@colourstream/contract";
import { createAttempts, type MonotonicClock } from "../auth/attempts.js";
import { mentionedIn, textHead, textOf, tidyMessage } from "../domain/chat.js";
import { makeId, type RandomBytes } from "../domain/room.js";
import type { ChatStore } from "../store/chat.js";
import type { RoomDirectory } from "./directory.js";
import type { Presence } from "./presence.js";
import type { Turns } from "./turns.js";

/** Who writes or reads. */
export type ChatPerson = {
  readonly personId: string;
  readonly name: string;
  readonly role: SeatRole;
  /** Hosts do not read what is said on the client's side; they may delete what others wrote. */
  readonly isHost: boolean;
};

/** Why a message was not taken. */
export type ChatRefusal = {
  readonly refused: Extract<
    ErrorCode,
    "not_allowed" | "not_found" | "invalid_request" | "too_large" | "too_many_attempts"
  >;
  /** Where the code's own sentence does not say enough. */
  readonly message?: string;
  readonly retryAfterMs?: number;
};

/** A change that was taken. `isNews` false: it was taken before, and everybody has been told. */
export type ChatTaken = { readonly entry: HistoryEntry; readonly isNews: boolean };

/** What somebody who begins to watch gets. */
export type ChatBegin = {
  readonly seq: number;
  readonly isWhole: boolean;
  readonly hasEarlier: boolean;
  readonly entries: readonly HistoryEntry[];
};

/**
 * What happened in a room's chat. `cleared`: there is nothing before that number any more. Of what another process did it
 * may come late, out of order or not at all (`missed`): the numbers tell.
 */
export type ChatNews =
  | { readonly roomId: string; readonly is: "entry"; readonly entry: HistoryEntry }
  | { readonly roomId: string; readonly is: "cleared"; readonly seq: number }
  | { readonly roomId: null; readonly is: "missed" };

/** The rooms' chat: on disk before anybody is told, in the order of its numbers. */
export type Chat = {
  /** What somebody is told first. What is written meanwhile is in it, or its number is higher than `seq`. */
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
  ): Promise<ChatTaken | ChatRefusal>;
  edit(
    roomId: string,
    author: ChatPerson,
    change: { readonly id: string; readonly text: string; readonly mentions: readonly string[] },
  ): Promise<ChatTaken | ChatRefusal>;
  remove(roomId: string, by: ChatPerson, id: string): Promise<ChatTaken | ChatRefusal>;
  earlier(
    roomId: string,
    reader: ChatPerson,
    before: string | null,
  ): Promise<{ readonly messages: readonly ChatMessage[]; readonly hasEarlier: boolean }>;
  /** The whole chat as a text for people, in the zone UTC, a piece at a time. */
  asText(roomId: string, reader: ChatPerson): AsyncIterable<string>;
  clear(roomId: string): Promise<void>;
  onNews(listener: (news: ChatNews) => void): void;
};

const MAX_MISSED = 500; // who missed more begins anew
const PAGE = 100;
const TEXT_PAGE = 500; // the embedded database does nothing else while it reads one
/** Of one person: nobody types faster, and nobody reads faster. */
const PACE = { count: 5, inMs: 5_000 };

export function createChat(options: {
  readonly store: ChatStore;
  readonly directory: Pick<RoomDirectory, "byId">;
  readonly presence: Pick<Presence, "list">;
  readonly inTurn: Turns;
  readonly wallClock: () => number;
  readonly clock: MonotonicClock;
  readonly random: RandomBytes;
}): Chat {
  const { store, directory, presence, wallClock, clock, random } = options;
  const pace = createAttempts(PACE, clock);
  const listeners: ((news: ChatNews) => void)[] = [];
  const tell = (news: ChatNews): void => {
    for (const listener of listeners) listener(news);
  };
  /** A line of its own: a message does not wait for who is at the room's door. */
  const inTurn = <T>(roomId: string, work: () => Promise<T>): Promise<T> =>
    options.inTurn(`chat:${roomId}`, work);
  const now = (): Date => new Date(wallClock());

  /** Those of the ids who are or were in the room and whose name stands in the text. */
  const mentionsIn = async (roomId: string, text: string, ids: readonly string[]) => {
    const asked = new Set(ids);
    const here = presence.list(roomId).filter(({ personId }) => asked.has(personId));
    for (const { personId } of here) asked.delete(personId);
    return mentionedIn(text, [...here, ...(await store.authors(roomId, [...asked]))]);
  };

  const refusePace = (roomId: string, { personId }: ChatPerson): ChatRefusal | null => {
    const wait = pace.take(`${roomId}:${personId}`);
    return wait === null ? null : { refused: "too_many_attempts", retryAfterMs: Math.ceil(wait) };
  };

  /** A message that this person can see and that still says something; what is for others is not there. */
  const find = async (roomId: string, reader: ChatPerson, id: string): Promise<ChatMessage | null> => {
    const message = await store.byId(roomId, id);
    return message === null || message.deletedAt !== null || !maySee(reader, message) ? null : message;
  };

  const told = (roomId: string, entry: HistoryEntry | null): ChatTaken | ChatRefusal => {
    if (entry === null) return { refused: "not_found" };
    tell({ roomId, is: "entry", entry });
    return { entry, isNews: true };
  };

  return {
    begin: async (roomId, reader, since) => {
      const side = !reader.isHost;
      const numbers = await store.numbers(roomId);
      if (numbers === null) return { seq: 0, isWhole: true, hasEarlier: false, entries: [] };
      const { seq, clearedSeq } = numbers;
      // A higher number than the room's is from before a backup was brought back.
      if (since !== null && since >= clearedSeq && since <= seq) {
        const entries = await store.since(roomId, since, { side, most: MAX_MISSED + 1 });
        if (entries.length <= MAX_MISSED)
          return { seq: lastOf(seq, entries), isWhole: false, hasEarlier: false, entries };
      }
      const found = await store.newest(roomId, { side, most: PAGE + 1, before: null });
      const entries = found.slice(-PAGE);
      return {
        seq: lastOf(seq, entries),
        isWhole: true,
        hasEarlier: found.length > PAGE,
        entries,
      };
    },

    send: async (roomId, author, { clientId, text: typed, mentions, audience }) => {
      if (author.role === "observer") return { refused: "not_allowed", message: "Observers read along." };
      if (audience === "side" && author.isHost) return HOSTS_HAVE_NO_SIDE;
      const text = tidyMessage(typed);
      if (text === null) return NOT_A_MESSAGE;
      const tooFast = refusePace(roomId, author);
      if (tooFast !== null) return tooFast;
      return inTurn(roomId, async () => {
        const added = await store.add(roomId, {
          id: makeId(random),
          clientId,
          author: { personId: author.personId, name: author.name, role: author.role },
          audience,
          text,
          mentions: await mentionsIn(roomId, text, mentions),
          at: now(),
        });
        switch (added.is) {
          case "new":
            return told(roomId, added.entry);
          case "kept-before":
            return { entry: added.entry, isNews: false };
          case "room-gone":
            return { refused: "not_found" };
          case "full":
            return FULL;
        }
      });
    },

    edit: async (roomId, author, { id, text: typed, mentions }) => {
      const text = tidyMessage(typed);
      if (text === null) return NOT_A_MESSAGE;
      const tooFast = refusePace(roomId, author);
      if (tooFast !== null) return tooFast;
      return inTurn(roomId, async () => {
        const message = await find(roomId, author, id);
        if (message === null) return { refused: "not_found" };
        if (message.author.personId !== author.personId || author.role === "observer")
          return { refused: "not_allowed" };
        const change = { text, mentions: await mentionsIn(roomId, text, mentions), at: now() };
        return told(roomId, await store.edit(roomId, id, change));
      });
    },

    remove: (roomId, by, id) =>
      inTurn(roomId, async () => {
        const message = await find(roomId, by, id);
        if (message === null) return { refused: "not_found" };
        if (message.author.personId !== by.personId && !by.isHost) return { refused: "not_allowed" };
        return told(roomId, await store.remove(roomId, id, now()));
      }),

    earlier: async (roomId, reader, before) => {
      const found = await store.newest(roomId, { side: !reader.isHost, most: PAGE + 1, before });
      return { messages: found.slice(-PAGE).map(({ message }) => message), hasEarlier: found.length > PAGE };
    },

    asText: async function* (roomId, reader) {
      yield textHead(directory.byId(roomId)?.name ?? "");
      let day: string | null = null;
      let after: number | null = null;
      for (;;) {
        const page: ChatMessage[] = await store.oldest(roomId, {
          side: !reader.isHost,
          most: TEXT_PAGE,
          after,
        });
        let text = "";
        for (const message of page) {
          const next: ReturnType<typeof textOf> = textOf(message, day);
          text += next.text;
          day = next.day;
          after = message.at;
        }
        yield text;
        if (page.length < TEXT_PAGE) return;
      }
    },

    clear: (roomId) =>
      inTurn(roomId, async () => {
        const seq = await store.clear(roomId);
        if (seq !== null) tell({ roomId, is: "cleared", seq });
      }),

    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}

/** Whether somebody reads a message: what is for the client's side is not for the room's hosts. */
export function maySee(
  { isHost }: Pick<ChatPerson, "isHost">,
  { audience }: Pick<ChatMessage, "audience">,
): boolean {
  return audience === "all" || !isHost;
}

const NOT_A_MESSAGE: ChatRefusal = {
  refused: "invalid_request",
  message: "A message holds 1 to 4,000 characters.",
};
const HOSTS_HAVE_NO_SIDE: ChatRefusal = {
  refused: "not_allowed",
  message: "The room’s hosts cannot write to the client’s side.",
};
const FULL: ChatRefusal = {
  refused: "too_large",
  message: "This chat is full. The colourist can save it as a text and clear it.",
};

/** What was written while it was read may be in it already. */
function lastOf(seq: number, entries: readonly HistoryEntry[]): number {
  return entries.reduce((last, entry) => Math.max(last, entry.seq), seq);
}
