import { MAX_CHAT_TEXT } from "@colourstream/contract";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../../ui/button.js";
import { useGrowingBox } from "./use-growing-box.js";

/** A message open for editing, in its place. */
export function EditMessage({
  text,
  onSave,
  onCancel,
}: {
  text: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}) {
  const [draft, setDraft] = useState(text);
  const box = useRef<HTMLTextAreaElement>(null);
  useGrowingBox(box, draft);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
    box.current?.scrollIntoView({ block: "nearest" });
  }, [text]);
  const trimmed = draft.trim();
  const isWrong = trimmed === "" || trimmed.length > MAX_CHAT_TEXT;
  return (
    <form
      className="cs-chat__edit"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWrong) onSave(trimmed);
      }}
    >
      <textarea
        className="govuk-textarea cs-chat__box"
        rows={1}
        aria-label="Edit your message"
        value={draft}
        ref={box}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") onCancel();
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            if (!isWrong) onSave(trimmed);
          }
        }}
        data-testid="chat-edit"
      />
      <div className="cs-chat__acts">
        <Button small type="submit" disabled={isWrong}>
          Save
        </Button>
        <Button small look="secondary" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
