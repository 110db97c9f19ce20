import type { ChatAudience, ChatMessage, HistoryEntry, ServerMessage } from "@colourstream/contract";
import {
  type Act,
  isAnsweredBy,
  messageFor,
  type OutgoingMessage,
  outgoingFrom,
  withActs,
} from "./chat-acts.js";
import { type ChatStorage, keepOutbox, keepReadAt, keptOutbox, keptReadAt } from "./chat-storage.js";
import type { Clock } from "./clock.js";
import type { Line } from "./line.js";

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
  /** The oldest of them. */
  readonly firstUnread: string | null;
  /** Why an edit, a deletion or a look at older messages did not succeed. */
  readonly problem: string | null;
  /** False until the first messages have come. */
  readonly isReady: boolean;
  /** False while there is no connection: what is sent waits. */
  readonly isUp: boolean;
};

/** A room's chat in this page: keeps up with the room, sends what was typed while the connection was away. */
export type Chat = {
  view(): ChatView;
  subscribe(listener: () => void): () => void;
  /** Who we are in this room; null until told. */
  youAre(personId: string | null): void;
  /** False: too many wait to be sent already. */
  send(text: string, mentions: readonly string[], audience: ChatAudience): boolean;
  edit(id: string, text: string, mentions: readonly string[]): void;
  remove(id: string): void;
  /** Tries a refused message again, or lets it go. */
  retry(clientId: string): void;
  discard(clientId: string): void;
  loadEarlier(): void;
  /** Everything that is there has been seen. */
  read(): void;
  /** The problem has been seen. */
  dismiss(): void;
  close(): void;
};

/** A page of older messages. */
export type EarlierMessages = { readonly messages: readonly ChatMessage[]; readonly hasEarlier: boolean };

/** What the chat needs from its page. */
export type ChatPorts = {
  readonly roomId: string;
  readonly line: Line;
  readonly clock: Clock;
  /** A new `clientId`: 22 characters that nobody else thinks of. */
  readonly newId: () => string;
  /** The messages before one. */
  readonly earlier: (before: string) => Promise<EarlierMessages>;
  readonly storage: ChatStorage;
};

const MAX_ACTS = 50; // an evening's worth of typing without a connection
const ANSWER_WITHIN_MS = 15_000; // the server answers everything, or the connection goes
const MAX_MESSAGES = 5_000; // in memory; older ones are read again when somebody scrolls there
const LET_GO = 1_000;

export function createChat(ports: ChatPorts): Chat {
  const { roomId, line, clock, newId, earlier, storage } = ports;
  const entries = new Map<string, HistoryEntry>();
  const listeners = new Set<() => void>();
  let seq: number | null = null;
  let hasEarlier = false;
  let isLoadingEarlier = false;
  let isReady = false;
  /** The answer to `history.watch` has come on this connection. */
  let isFollowing = false;
  let personId: string | null = null;
  let readAt = keptReadAt(storage, roomId);
  let problem: string | null = null;
  let acts: Act[] = keptOutbox(storage, roomId).map((kept) => ({ is: "send", ...kept }));
  /** The one that was said and is not answered yet, or is to be said again after a while. */
  let underWay: { readonly ref: string; readonly cancel: () => void } | null = null;
  let cancelWatchAgain: (() => void) | null = null;
  /** Counts the times that everything was forgotten: an older page that was asked for before is of no use. */
  let beginnings = 0;
  let isOver = false;
  let view = makeView();

  function makeView(): ChatView {
    const messages = [...entries.values()]
      .map(({ message }) => withActs(message, acts))
      .sort((a, b) => a.at - b.at);
    const unread = messages.filter(
      ({ at, author, deletedAt }) => at > readAt && deletedAt === null && author.personId !== personId,
    );
    return {
      messages,
      outgoing: acts.flatMap((act) => (act.is === "send" ? [outgoingFrom(act, line.isUp())] : [])),
      hasEarlier,
      isLoadingEarlier,
      unread: unread.length,
      unreadMentions: unread.filter(({ mentions }) => mentions.some((one) => one.personId === personId))
        .length,
      firstUnread: unread[0]?.id ?? null,
      problem,
      isReady,
      isUp: line.isUp(),
    };
  }

  function changed() {
    view = makeView();
    for (const listener of [...listeners]) listener();
  }

  /** The outbox as it is now, here and for the page's next life. */
  function setActs(next: Act[]) {
    acts = next;
    keepOutbox(
      storage,
      roomId,
      next.flatMap((act) => (act.is === "send" ? [act] : [])),
    );
  }

  function follow(since: number | null) {
    isFollowing = false;
    cancelWatchAgain?.();
    cancelWatchAgain = null;
    line.say({ type: "history.watch", since });
  }

  function halt() {
    underWay?.cancel();
    underWay = null;
  }

  /** Says the first act that is not refused, and waits for its answer before the next. */
  function pump() {
    if (isOver || !isFollowing || underWay !== null) return;
    const act = acts.find((one) => !(one.is === "send" && one.why !== null));
    if (act === undefined || !line.say(messageFor(act))) return;
    wait(act.ref, ANSWER_WITHIN_MS);
  }

  /** Pauses before what is under way is said again. */
  function wait(ref: string, ms: number) {
    halt();
    const cancel = clock.after(ms, () => {
      underWay = null;
      pump();
    });
    underWay = { ref, cancel };
  }

  /** What is done with an act: it has been answered, or a person let it go. */
  function settle(ref: string) {
    if (underWay?.ref === ref) halt();
    const at = acts.findIndex((act) => act.ref === ref);
    if (at >= 0) setActs(acts.toSpliced(at, 1));
  }

  function take(entry: HistoryEntry) {
    const { message } = entry;
    seq = Math.max(seq ?? 0, entry.seq);
    const known = entries.get(message.id);
    const answered = acts.find((act) => isAnsweredBy(act, message, known?.message, underWay?.ref ?? null));
    if (answered !== undefined) settle(answered.ref);
    if (known !== undefined && known.seq >= entry.seq) return;
    // A change of a message from before those that we have: it comes with its page.
    if (known === undefined && hasEarlier && message.at < oldestAt()) return;
    entries.set(message.id, entry);
  }

  function oldestAt(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { message } of entries.values()) oldest = Math.min(oldest, message.at);
    return oldest;
  }

  function letGoOfOldest() {
    if (entries.size <= MAX_MESSAGES) return;
    const byAge = [...entries.values()].sort((a, b) => a.message.at - b.message.at);
    for (const { message } of byAge.slice(0, LET_GO)) entries.delete(message.id);
    hasEarlier = true;
  }

  function begin(said: Extract<ServerMessage, { type: "history.begin" }>) {
    if (said.isWhole) {
      entries.clear();
      seq = null;
      hasEarlier = said.hasEarlier;
      isLoadingEarlier = false;
      beginnings += 1;
    }
    isReady = true;
    isFollowing = true;
    // First all of them: then none seems to be from before the others.
    if (said.isWhole) for (const entry of said.entries) entries.set(entry.message.id, entry);
    for (const entry of said.entries) take(entry);
    seq = Math.max(seq ?? 0, said.seq);
    changed();
    pump();
  }

  function refused({ ref, message, retryAfterMs }: Extract<ServerMessage, { type: "chat.refused" }>) {
    if (ref === "history.watch") {
      cancelWatchAgain?.();
      cancelWatchAgain = clock.after(retryAfterMs ?? ANSWER_WITHIN_MS, () => follow(seq));
      return;
    }
    const act = acts.find((one) => one.ref === ref);
    if (act === undefined) return;
    if (retryAfterMs !== null) {
      wait(ref, retryAfterMs);
      return;
    }
    if (act.is === "send") {
      if (underWay?.ref === ref) halt();
      setActs(acts.map((one) => (one === act ? { ...act, why: message } : one)));
    } else {
      settle(ref);
      problem = act.is === "edit" ? `Your change was not kept. ${message}` : `It was not deleted. ${message}`;
    }
    changed();
    pump();
  }

  const stopHearing = line.on((said) => {
    if (!("roomId" in said) || said.roomId !== roomId) return;
    switch (said.type) {
      case "history.begin":
        begin(said);
        return;
      case "history.entry":
        take(said.entry);
        letGoOfOldest();
        changed();
        pump();
        return;
      case "chat.refused":
        refused(said);
        return;
      case "seat.role":
        follow(null); // what we may read is something else now
    }
  });
  const stopWatching = line.onLink((isUp) => {
    halt();
    isFollowing = false;
    cancelWatchAgain?.();
    if (isUp) follow(seq);
    changed();
  });
  if (line.isUp()) follow(seq);

  const add = (act: Act): boolean => {
    if (acts.length >= MAX_ACTS) return false;
    setActs([...acts, act]);
    changed();
    pump();
    return true;
  };
  const orTooMany = (wasAdded: boolean) => {
    if (wasAdded) return;
    problem = "Too much waits to be sent already.";
    changed();
  };

  return {
    view: () => view,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    youAre: (next) => {
      if (next === personId) return;
      personId = next;
      changed();
    },
    send: (text, mentions, audience) =>
      add({ is: "send", ref: newId(), text, mentions: [...mentions], audience, why: null }),
    edit: (id, text, mentions) => orTooMany(add({ is: "edit", ref: id, text, mentions: [...mentions] })),
    remove: (id) => orTooMany(add({ is: "delete", ref: id })),
    retry: (clientId) => {
      setActs(acts.map((act) => (act.is === "send" && act.ref === clientId ? { ...act, why: null } : act)));
      changed();
      pump();
    },
    discard: (clientId) => {
      settle(clientId);
      changed();
      pump();
    },
    loadEarlier: () => {
      const first = view.messages[0];
      if (!hasEarlier || isLoadingEarlier || first === undefined) return;
      const asked = beginnings;
      isLoadingEarlier = true;
      changed();
      earlier(first.id)
        .then(
          (page) => {
            if (asked !== beginnings) return;
            hasEarlier = page.hasEarlier;
            // Without a number: whatever we are told of them is newer.
            for (const message of page.messages)
              if (!entries.has(message.id)) entries.set(message.id, { seq: 0, message });
          },
          (error: unknown) => {
            problem =
              `Older messages could not be read. ${error instanceof Error ? error.message : ""}`.trim();
          },
        )
        .finally(() => {
          if (asked === beginnings) isLoadingEarlier = false;
          if (!isOver) changed();
        });
    },
    read: () => {
      const last = view.messages.at(-1)?.at ?? 0;
      if (last <= readAt) return;
      readAt = last;
      keepReadAt(storage, roomId, last);
      changed();
    },
    dismiss: () => {
      problem = null;
      changed();
    },
    close: () => {
      isOver = true;
      halt();
      cancelWatchAgain?.();
      stopHearing();
      stopWatching();
      listeners.clear();
    },
  };
}
