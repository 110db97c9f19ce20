import { type ChatAudience, MAX_CHAT_TEXT, MAX_MENTIONS } from "@colourstream/contract";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import type { Chat } from "../../../live/chat.js";
import { SendIcon } from "./chat-icons.js";
import { type Candidate, mentionAt, mentionedIn } from "./mentioning.js";
import { useGrowingBox } from "./use-growing-box.js";

const COUNT_FROM = 500; // characters that are left when they begin to be told

/** What was being written when the panel was closed, by its chat. */
const drafts = new WeakMap<Chat, { text: string; audience: ChatAudience }>();

/** Where messages are written. Enter sends, Shift and Enter begins a line, an @ offers who can be mentioned. */
export function Composer({
  chat,
  candidates,
  hasSide,
  onEditLast,
  onSent,
}: {
  chat: Chat;
  candidates: readonly Candidate[];
  /** Whether there is a client's side to write to: for those who do not host the room. */
  hasSide: boolean;
  /** Arrow up in an empty box. */
  onEditLast: () => void;
  onSent: () => void;
}) {
  const [draft, setDraft] = useState(() => drafts.get(chat) ?? { text: "", audience: "all" as const });
  const [caret, setCaret] = useState(0);
  const [isFull, setFull] = useState(false);
  /** The @ whose offer was sent away. */
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const ids = useId();
  const { text } = draft;
  const audience = hasSide ? draft.audience : "all";
  useGrowingBox(box, text);

  const change = (next: Partial<typeof draft>) => {
    const changed = { ...draft, ...next };
    drafts.set(chat, changed);
    setDraft(changed);
  };
  const offer = mentionAt(text, caret, candidates);
  const fitting = offer === null || offer.from === dismissed ? [] : offer.fitting;
  const isOpen = fitting.length > 0;
  const chosen = Math.min(at, fitting.length - 1);
  const left = MAX_CHAT_TEXT - text.trim().length;

  const send = () => {
    const trimmed = text.trim();
    if (trimmed === "" || left < 0) return;
    const wasTaken = chat.send(trimmed, mentionedIn(trimmed, candidates, MAX_MENTIONS), audience);
    setFull(!wasTaken);
    if (!wasTaken) return;
    change({ text: "" });
    setDismissed(null);
    onSent();
  };
  const pick = ({ name }: Candidate) => {
    if (offer === null) return;
    const before = `${text.slice(0, offer.from)}@${name} `;
    change({ text: before + text.slice(caret).replace(/^ /, "") });
    setCaret(before.length);
    setDismissed(offer.from);
    // After the text is in the box: it puts the caret at its end.
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(before.length, before.length);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    const one = fitting[chosen];
    if (isOpen && one !== undefined) {
      const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
      if (step !== 0) setAt((chosen + step + fitting.length) % fitting.length);
      else if (key === "Enter" || key === "Tab") pick(one);
      else if (key === "Escape") setDismissed(offer?.from ?? null);
      else return;
      event.preventDefault();
      return;
    }
    if (key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <form
      className="cs-chat__composer"
      data-audience={audience}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {hasSide && (
        <AudienceChoice audience={audience} name={ids} onChange={(next) => change({ audience: next })} />
      )}
      {isOpen && (
        <div className="cs-chat__offer" role="listbox" id={`${ids}-offer`} aria-label="Mention somebody">
          {fitting.map((candidate, n) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's, which keeps the focus
            <div
              key={candidate.personId}
              role="option"
              tabIndex={-1}
              id={`${ids}-${n}`}
              aria-selected={n === chosen}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(candidate)}
            >
              {candidate.name}
            </div>
          ))}
        </div>
      )}
      <div className="cs-chat__row">
        <textarea
          className="govuk-textarea cs-chat__box"
          rows={1}
          aria-label={audience === "side" ? "Message to the client’s side" : "Message"}
          placeholder={audience === "side" ? "Message to the client’s side" : "Message"}
          aria-describedby={`${ids}-left`}
          enterKeyHint="send"
          autoComplete="off"
          value={text}
          ref={box}
          {...(isOpen && {
            role: "combobox",
            "aria-expanded": true,
            "aria-controls": `${ids}-offer`,
            "aria-activedescendant": `${ids}-${chosen}`,
            "aria-autocomplete": "list" as const,
          })}
          onChange={(event) => {
            change({ text: event.target.value });
            setCaret(event.target.selectionStart);
            setAt(0);
            if (!event.target.value.includes("@")) setDismissed(null);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          data-testid="chat-input"
        />
        <button
          type="submit"
          className="cs-control cs-chat__send"
          aria-label="Send"
          disabled={text.trim() === "" || left < 0}
          data-testid="chat-send"
        >
          <SendIcon />
        </button>
      </div>
      <p className="cs-chat__left" id={`${ids}-left`} role="status">
        {left < 0 && `${-left} characters too many`}
        {left >= 0 && left <= COUNT_FROM && `${left} characters left`}
        {isFull && "Too many messages wait to be sent. Your text stays here."}
      </p>
    </form>
  );
}

/** Who reads what is written: everybody, or all but the room's hosts. */
function AudienceChoice({
  audience,
  name,
  onChange,
}: {
  audience: ChatAudience;
  name: string;
  onChange: (audience: ChatAudience) => void;
}) {
  return (
    <fieldset className="cs-chat__audience" data-testid="chat-audience">
      <legend className="govuk-visually-hidden">Who reads it</legend>
      {(
        [
          ["all", "Everybody"],
          ["side", "Client’s side only"],
        ] as const
      ).map(([value, label]) => (
        <label key={value} className="cs-chat__side">
          <input
            type="radio"
            name={name}
            value={value}
            checked={audience === value}
            onChange={() => onChange(value)}
          />
          {label}
        </label>
      ))}
      {audience === "side" && <p className="cs-chat__hint">Nobody who hosts the room reads it.</p>}
    </fieldset>
  );
}
