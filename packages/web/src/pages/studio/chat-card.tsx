import { type Room, routes } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { addressOf, api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { SummaryCard } from "../../ui/summary.js";

/** What was written in the room: to be kept as a text, and to be cleared. */
export function ChatCard({ room }: { room: Room }) {
  const [isAsked, setAsked] = useState(false);
  const close = () => setAsked(false);
  const clear = useMutation({
    mutationFn: () => api("clearChat", { params: { roomId: room.id } }),
    onSuccess: close,
  });
  const file = addressOf(routes.exportChat, { roomId: room.id });
  return (
    <SummaryCard title="Chat" testId="chat-card">
      <p className="govuk-body">
        What is written stays with the room until you clear it. What is said on the client’s side alone is not
        in your text.
      </p>
      <div className="govuk-button-group">
        <a
          href={file}
          download
          className="govuk-button govuk-button--secondary cs-button--small"
          data-testid="chat-export"
        >
          Save as text
        </a>
        <Button small look="secondary" onClick={() => setAsked(true)} data-testid="chat-clear">
          Clear chat
        </Button>
      </div>
      <div role="status">
        {clear.isSuccess && !isAsked && (
          <p className="govuk-body" data-testid="chat-cleared">
            The chat is empty.
          </p>
        )}
      </div>
      {isAsked && (
        <Confirm
          title={`Clear the chat of “${room.name}”?`}
          yes="Clear chat"
          danger
          busy={clear.isPending}
          error={clear.isError ? sentence(clear.error) : undefined}
          onYes={() => clear.mutate()}
          onNo={close}
        >
          <p className="govuk-body">
            Every message goes, for everybody, also what was written on the client’s side. This cannot be
            taken back. Save it as a text first if you may need it.
          </p>
        </Confirm>
      )}
    </SummaryCard>
  );
}
