import { MAX_MENTIONS, type ReviewRoom, routes } from "@colourstream/contract";
import { useEffect, useMemo, useRef, useState } from "react";
import { addressOf } from "../../../api/call.js";
import type { Chat, ChatView } from "../../../live/chat.js";
import type { Presence } from "../../../live/presence.js";
import { Composer } from "./composer.js";
import { candidatesOf, mentionedIn } from "./mentioning.js";
import { MessageList } from "./message-list.js";
import type { MessageActs } from "./message-row.js";
import { useChatView } from "./use-chat.js";
import { useChatScroll } from "./use-chat-scroll.js";
import { useKeyboardSpace } from "./use-keyboard-space.js";

/** The room's chat, inside the panel beside the picture. */
export function ChatPanel(props: { review: ReviewRoom; presence: Presence; chat: Chat }) {
  const view = useChatView(props.chat);
  return view === null ? null : <Panel {...props} view={view} />;
}

function Panel({
  review,
  presence,
  chat,
  view,
}: {
  review: ReviewRoom;
  presence: Presence;
  chat: Chat;
  view: ChatView;
}) {
  const { messages, problem } = view;
  const { isHost, participant } = review;
  const mayWrite = participant.role !== "observer";
  const me = presence.people.find(({ id }) => id === presence.you)?.personId ?? null;
  const list = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const scroll = useChatScroll(
    list,
    messages[0]?.id ?? null,
    messages.at(-1)?.id ?? null,
    view.outgoing.length,
    view.firstUnread === null,
  );
  const unreadFrom = useReading(chat, view, scroll.isAtEnd);
  useKeyboardSpace();
  const candidates = useMemo(() => candidatesOf(presence, messages), [presence, messages]);
  const acts = useMemo<MessageActs>(
    () => ({
      edit: (id, text, whom) => chat.edit(id, text, mentionedIn(text, whom, MAX_MENTIONS)),
      remove: chat.remove,
      startEdit: (id) => {
        setEditing(id);
        if (id === null) document.querySelector<HTMLElement>(".cs-chat__composer textarea")?.focus();
      },
    }),
    [chat],
  );
  const editLast = () => {
    const last = messages.findLast(({ author, deletedAt }) => author.personId === me && deletedAt === null);
    if (last !== undefined) setEditing(last.id);
  };
  return (
    <section className="cs-chat" aria-label="Chat" data-testid="chat-panel">
      <h2 className="govuk-visually-hidden">Chat</h2>
      <MessageList
        review={review}
        view={view}
        chat={chat}
        me={me}
        editing={editing}
        candidates={candidates}
        acts={acts}
        unreadFrom={unreadFrom}
        list={list}
        scroll={scroll}
      />
      {problem !== null && (
        <div className="cs-chat__problem" role="alert">
          <p>{problem}</p>
          <button type="button" className="cs-control" onClick={chat.dismiss}>
            Close
          </button>
        </div>
      )}
      {mayWrite ? (
        <Composer
          chat={chat}
          candidates={candidates}
          hasSide={!isHost}
          onEditLast={editLast}
          onSent={scroll.toEnd}
        />
      ) : (
        <p className="cs-chat__observer">You are an observer: you read along.</p>
      )}
      {messages.length > 0 && (
        <p className="cs-chat__foot">
          <a href={addressOf(routes.exportChat, { roomId: review.id })} download data-testid="chat-export">
            Save as text
          </a>
        </p>
      )}
    </section>
  );
}

/**
 * What is shown at the list's end in a page that is looked at has been read. Answers above which message the line for
 * new ones stands: it stays after they were read, until others come that were not.
 */
function useReading(chat: Chat, view: ChatView, isAtEnd: boolean): string | null {
  const { firstUnread } = view;
  const [from, setFrom] = useState(firstUnread);
  const [isLookedAt, setLookedAt] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setLookedAt(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  const isRead = isAtEnd && isLookedAt;
  useEffect(() => {
    if (firstUnread === null) return;
    if (isRead) chat.read();
    else setFrom(firstUnread);
  }, [chat, firstUnread, isRead]);
  return from;
}
