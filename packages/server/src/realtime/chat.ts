import { type ClientMessage, ERRORS, type ErrorCode, type ServerMessage } from "@colourstream/contract";
import type { Product } from "../http/context.js";
import { type ChatNews, type ChatRefusal, type ChatTaken, maySee } from "../rooms/chat.js";
import { TurnsBusyError } from "../rooms/turns.js";
import { isDatabaseAway } from "../store/failures.js";
import { isInRoom, type RoomWatcher, tell, type Watchers } from "./watchers.js";

type Said = Extract<ClientMessage, { type: `chat.${string}` | `history.${string}` }>;

/** What is written in a room, and who is told. */
export type ChatLine = {
  /** Answers later: a database that does not answer must not hold up what else a page says. */
  hear(watcher: RoomWatcher, said: Said): void;
};

/**
 * What a page has been told of a room's history. While it is `reading`, what happens is only noted: it is in what is
 * read, or another reading follows, so that nothing is told twice and nothing is left out.
 */
type Told = {
  readonly roomId: string;
  state: { is: "reading"; isMissed: boolean } | { is: "told"; seq: number };
};

const MAX_UNDER_WAY = 16; // of one page; more than that is no person
const BUSY_MS = 2_000;
const DATABASE_BACK_MS = 5_000; // a PostgreSQL that restarts takes a few seconds

export function createChatLine(options: {
  readonly product: Pick<Product, "chat" | "journal">;
  readonly watchers: Watchers;
  readonly onFailure: (watcher: RoomWatcher, error: unknown) => void;
}): ChatLine {
  const { watchers, onFailure } = options;
  const { chat, journal } = options.product;
  const histories = new WeakMap<object, Told>();
  const underWay = new WeakMap<object, number>();

  const stateOf = (watcher: RoomWatcher): Told["state"] | null => {
    const told = histories.get(watcher);
    return told?.roomId === watcher.watch.roomId ? told.state : null;
  };

  /** True when the page is up to date and is to be told this change; else it gets it by a reading, or has it. */
  const isNextFor = (watcher: RoomWatcher, seq: number): boolean => {
    const state = stateOf(watcher);
    if (state?.is === "reading") state.isMissed = true;
    if (state?.is !== "told" || seq <= state.seq) return false;
    if (seq > state.seq + 1) {
      catchUp(watcher, state.seq); // another process wrote the one between, and its word is still on the way
      return false;
    }
    state.seq = seq;
    return true;
  };
  const catchUp = (watcher: RoomWatcher, since: number): void => {
    // A page whose connection is closed for it comes back and asks from where it was.
    begin(watcher, since).catch((error) => onFailure(watcher, error));
  };

  chat.onNews((news: ChatNews) => {
    if (news.is === "missed") {
      for (const watcher of watchers.all) {
        if (!isInRoom(watcher)) continue;
        const state = stateOf(watcher);
        if (state?.is === "reading") state.isMissed = true;
        else if (state?.is === "told") catchUp(watcher, state.seq);
      }
      return;
    }
    const { roomId } = news;
    const inRoom = watchers.inRoom(roomId);
    if (news.is === "cleared") {
      const { seq } = news;
      const told = inRoom.filter((watcher) => isNextFor(watcher, seq));
      tell(told, { type: "history.begin", roomId, seq, isWhole: true, hasEarlier: false, entries: [] });
      return;
    }
    const { entry } = news;
    const told = inRoom
      .filter((watcher) => isNextFor(watcher, entry.seq))
      .filter(({ watch }) => maySee(watch.member, entry.message));
    tell(told, { type: "history.entry", roomId, entry });
  });

  const begin = async (watcher: RoomWatcher, wished: number | null): Promise<void> => {
    const { roomId } = watcher.watch;
    const told: Told = { roomId, state: { is: "reading", isMissed: false } };
    histories.set(watcher, told);
    /** Whether the page still asks for this: it has not gone elsewhere or asked anew. */
    const isWanted = (): boolean =>
      histories.get(watcher) === told && isInRoom(watcher) && watcher.watch.roomId === roomId;
    let since = wished;
    try {
      for (;;) {
        const state = { is: "reading" as const, isMissed: false };
        told.state = state;
        const { isHost } = watcher.watch.member;
        const { entries, ...rest } = await chat.begin(roomId, watcher.watch.member, since);
        if (!isWanted()) return;
        if (isHost !== watcher.watch.member.isHost) {
          since = null; // what they may see is something else now
          continue;
        }
        watcher.connection.send({ type: "history.begin", roomId, ...rest, entries: [...entries] });
        since = rest.seq;
        if (state.isMissed) continue;
        told.state = { is: "told", seq: rest.seq };
        return;
      }
    } catch (error) {
      if (histories.get(watcher) === told) histories.delete(watcher);
      throw error;
    }
  };

  const work = async (watcher: RoomWatcher, said: Said): Promise<void> => {
    const { roomId, member } = watcher.watch;
    switch (said.type) {
      case "history.watch":
        await begin(watcher, said.since);
        return;
      case "chat.send":
        answer(watcher, said.clientId, await chat.send(roomId, member, said));
        return;
      case "chat.edit":
        answer(watcher, said.id, await chat.edit(roomId, member, said));
        return;
      case "chat.delete":
        answer(watcher, said.id, await remove(watcher, said.id));
        return;
    }
  };

  /** One's own words are one's own affair; that a host took away somebody else's is written down. */
  const remove = async (watcher: RoomWatcher, id: string): Promise<ChatTaken | ChatRefusal> => {
    const { roomId, member, session } = watcher.watch;
    const outcome = await chat.remove(roomId, member, id);
    if ("refused" in outcome) return outcome;
    const { author } = outcome.entry.message;
    const { holder } = session;
    const actor = { actorId: holder.kind === "user" ? holder.user.id : session.id, address: watcher.address };
    if (author.personId !== member.personId)
      await journal.note("chat.message-deleted", actor, { roomId, detail: author.name });
    return outcome;
  };

  /** A change that was taken is told to everybody, its writer too, if they listen; this is for the rest. */
  const answer = (watcher: RoomWatcher, ref: string, outcome: ChatTaken | ChatRefusal): void => {
    const { roomId } = watcher.watch;
    if ("refused" in outcome) {
      const { refused, message, retryAfterMs } = outcome;
      watcher.connection.send(refusal(roomId, ref, refused, retryAfterMs ?? null, message));
    } else if (!outcome.isNews || stateOf(watcher) === null) {
      watcher.connection.send({ type: "history.entry", roomId, entry: outcome.entry });
    }
  };

  return {
    hear: (watcher, said) => {
      const { roomId } = watcher.watch;
      const ref = refOf(said);
      const already = underWay.get(watcher) ?? 0;
      if (already >= MAX_UNDER_WAY) {
        watcher.connection.send(refusal(roomId, ref, "too_many_attempts", BUSY_MS));
        return;
      }
      underWay.set(watcher, already + 1);
      work(watcher, said)
        .catch((error) => {
          if (error instanceof TurnsBusyError)
            watcher.connection.send(refusal(roomId, ref, "too_many_attempts", BUSY_MS));
          else if (isDatabaseAway(error))
            watcher.connection.send(refusal(roomId, ref, "database_away", DATABASE_BACK_MS));
          else onFailure(watcher, error);
        })
        .finally(() => underWay.set(watcher, (underWay.get(watcher) ?? 1) - 1));
    },
  };
}

function refOf(said: Said): string {
  switch (said.type) {
    case "history.watch":
      return said.type;
    case "chat.send":
      return said.clientId;
    default:
      return said.id;
  }
}

function refusal(
  roomId: string,
  ref: string,
  error: ErrorCode,
  retryAfterMs: number | null,
  message: string = ERRORS[error][1],
): ServerMessage {
  return { type: "chat.refused", roomId, ref, error, message, retryAfterMs };
}
