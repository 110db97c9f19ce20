import type { ReviewRoom } from "@colourstream/contract";
import { Fragment, useEffect, useRef, useState } from "react";
import type { Chat, ChatView } from "../../../live/chat.js";
import { Button } from "../../../ui/button.js";
import { ROLE_WORDS } from "../../role-words.js";
import { DownIcon } from "./chat-icons.js";
import type { Candidate } from "./mentioning.js";
import { groupMessages, type MessageGroup, timeWords } from "./message-groups.js";
import { type MessageActs, MessageRow } from "./message-row.js";
import { OutgoingRow } from "./outgoing-row.js";
import type { useChatScroll } from "./use-chat-scroll.js";

const QUIET_MS = 1_000; // what is older and has just come in is not read out

/** The messages of a room, oldest first, with those of ours that are on their way below. */
export function MessageList({
  review,
  view,
  chat,
  me,
  editing,
  candidates,
  acts,
  unreadFrom,
  list,
  scroll,
}: {
  review: ReviewRoom;
  view: ChatView;
  chat: Chat;
  me: string | null;
  editing: string | null;
  candidates: readonly Candidate[];
  acts: MessageActs;
  /** The message above which the line for new ones stands. */
  unreadFrom: string | null;
  list: React.RefObject<HTMLDivElement | null>;
  scroll: ReturnType<typeof useChatScroll>;
}) {
  const { messages, outgoing, hasEarlier, isLoadingEarlier } = view;
  const { isAtEnd, onScroll, startAt, toEnd } = scroll;
  const line = useRef<HTMLParagraphElement>(null);
  const firstId = messages[0]?.id ?? null;
  const isReadOut = useSettled(firstId);
  // Opened: at the first that was not read. A line that comes later moves nobody.
  useEffect(() => {
    if (line.current !== null) startAt(line.current);
  }, [startAt]);
  const isEmpty = view.isReady && messages.length === 0 && outgoing.length === 0 && !hasEarlier;
  return (
    <div className="cs-chat__scroll">
      <div
        className="cs-chat__list"
        role="log"
        aria-label="Messages"
        aria-live={isReadOut ? "polite" : "off"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to by keyboard (WCAG 2.1.1)
        tabIndex={0}
        ref={list}
        onScroll={onScroll}
        data-testid="chat-list"
      >
        {!view.isReady && <p className="cs-chat__none">Loading…</p>}
        {isEmpty && (
          <p className="cs-chat__none">Nothing has been written yet. What you write stays with the room.</p>
        )}
        {hasEarlier && (
          <Button small look="secondary" busy={isLoadingEarlier} onClick={chat.loadEarlier}>
            {isLoadingEarlier ? "Loading…" : "Show earlier messages"}
          </Button>
        )}
        {groupMessages(messages, Date.now(), unreadFrom).map((group) => (
          <Fragment key={group.key}>
            {group.day !== null && <h3 className="cs-chat__day">{group.day}</h3>}
            {group.key === unreadFrom && (
              <p className="cs-chat__new" ref={line} data-testid="chat-new-line">
                New messages
              </p>
            )}
            <Group
              group={group}
              me={me}
              isHost={review.isHost}
              mayWrite={review.participant.role !== "observer"}
              editing={editing}
              candidates={candidates}
              acts={acts}
            />
          </Fragment>
        ))}
        {outgoing.length > 0 && (
          <ul className="cs-chat__group" data-own="true">
            {outgoing.map((message) => (
              <OutgoingRow key={message.clientId} message={message} chat={chat} />
            ))}
          </ul>
        )}
      </div>
      {!isAtEnd && view.unread > 0 && (
        <button type="button" className="cs-control cs-chat__down" onClick={toEnd} data-testid="chat-to-new">
          New messages
          <DownIcon />
        </button>
      )}
    </div>
  );
}

function Group({
  group,
  me,
  editing,
  ...rest
}: {
  group: MessageGroup;
  me: string | null;
  isHost: boolean;
  mayWrite: boolean;
  editing: string | null;
  candidates: readonly Candidate[];
  acts: MessageActs;
}) {
  const [first] = group.messages;
  const { author, at, audience } = first;
  const isOwn = author.personId === me;
  return (
    <div className="cs-chat__group" data-own={isOwn} data-audience={audience}>
      <p className="cs-chat__head">
        <span className="cs-chat__author">{author.name}</span>
        {isOwn && " You"}
        {!isOwn && author.role === "presenter" && ` ${ROLE_WORDS.presenter.name}`}{" "}
        <time dateTime={new Date(at).toISOString()}>{timeWords(at)}</time>
        {audience === "side" && <span className="cs-chat__mark">Client’s side</span>}
      </p>
      <ul className="cs-chat__messages">
        {group.messages.map((message) => (
          <MessageRow
            key={message.id}
            message={message}
            me={me}
            isEdited={editing === message.id}
            {...rest}
          />
        ))}
      </ul>
    </div>
  );
}

/** False for a moment after a value has changed. */
function useSettled(value: string | null): boolean {
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), QUIET_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled === value;
}
