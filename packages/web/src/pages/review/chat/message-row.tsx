import type { ChatMessage } from "@colourstream/contract";
import { memo, useEffect, useId, useRef, useState } from "react";
import { Button } from "../../../ui/button.js";
import { MoreIcon } from "./chat-icons.js";
import { EditMessage } from "./edit-message.js";
import type { Candidate } from "./mentioning.js";
import { timeWords } from "./message-groups.js";
import { MessageText } from "./message-text.js";

/** What can be done with messages; the same object as long as the panel lives. */
export type MessageActs = {
  readonly edit: (id: string, text: string, candidates: readonly Candidate[]) => void;
  readonly remove: (id: string) => void;
  /** Which message is being edited; null: none. */
  readonly startEdit: (id: string | null) => void;
};

/** One message, with what its writer or a host can do with it. */
export const MessageRow = memo(function MessageRow({
  message,
  me,
  isHost,
  mayWrite,
  isEdited,
  candidates,
  acts,
}: {
  message: ChatMessage;
  me: string | null;
  isHost: boolean;
  mayWrite: boolean;
  /** It is open for editing. */
  isEdited: boolean;
  candidates: readonly Candidate[];
  acts: MessageActs;
}) {
  const { id, text, mentions, author, at, editedAt, deletedAt } = message;
  const isOwn = author.personId === me;
  if (deletedAt !== null) {
    return (
      <li className="cs-chat__message" data-testid="chat-message" data-own={isOwn} data-deleted="true">
        <p className="cs-chat__gone">Message deleted</p>
      </li>
    );
  }
  const mayEdit = isOwn && mayWrite;
  return (
    <li
      className="cs-chat__message"
      data-testid="chat-message"
      data-own={isOwn}
      data-mentions-me={me !== null && mentions.some(({ personId }) => personId === me)}
      title={timeWords(at)}
    >
      {isEdited && mayEdit ? (
        <EditMessage
          text={text}
          onSave={(next) => {
            acts.startEdit(null);
            if (next !== text) acts.edit(id, next, candidates);
          }}
          onCancel={() => acts.startEdit(null)}
        />
      ) : (
        <>
          <MessageText text={text} mentions={mentions} me={me} />
          {editedAt !== null && <span className="cs-chat__edited">Edited</span>}
          {(mayEdit || isOwn || isHost) && (
            <MessageMenu message={message} mayEdit={mayEdit} isOwn={isOwn} acts={acts} />
          )}
        </>
      )}
    </li>
  );
});

/** Behind a button that shows when the message is pointed at or has the focus, and always where nothing hovers. */
function MessageMenu({
  message,
  mayEdit,
  isOwn,
  acts,
}: {
  message: ChatMessage;
  mayEdit: boolean;
  isOwn: boolean;
  acts: MessageActs;
}) {
  const [open, setOpen] = useState<"menu" | "delete" | null>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const menuId = useId();
  useEffect(() => {
    const { current } = menu;
    if (open === null || current === null) return;
    current.querySelector("button")?.focus();
    current.scrollIntoView({ block: "nearest" });
    const leave = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // the panel stays open
      setOpen(null);
      toggle.current?.focus();
    };
    current.addEventListener("keydown", leave);
    return () => current.removeEventListener("keydown", leave);
  }, [open]);
  const whose = isOwn ? "your message" : `${message.author.name}’s message`;
  return (
    <>
      <button
        type="button"
        className="cs-control cs-chat__more"
        aria-label={`More for ${whose}: ${message.text.slice(0, 40)}`}
        aria-expanded={open !== null}
        aria-controls={menuId}
        ref={toggle}
        onClick={() => setOpen((before) => (before === null ? "menu" : null))}
        data-testid="message-more"
      >
        <MoreIcon />
      </button>
      <div className="cs-chat__menu" id={menuId} ref={menu} hidden={open === null}>
        {open === "menu" && (
          <>
            {mayEdit && (
              <Button
                small
                look="secondary"
                onClick={() => {
                  setOpen(null);
                  acts.startEdit(message.id);
                }}
              >
                Edit
              </Button>
            )}
            <Button small look="secondary" onClick={() => setOpen("delete")}>
              Delete
            </Button>
          </>
        )}
        {open === "delete" && (
          <>
            <p className="cs-chat__ask">Delete {whose} for everybody?</p>
            <Button small look="warning" onClick={() => acts.remove(message.id)}>
              Delete
            </Button>
            <Button small look="secondary" onClick={() => setOpen("menu")}>
              Cancel
            </Button>
          </>
        )}
      </div>
    </>
  );
}
