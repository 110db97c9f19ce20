import type { Room } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/call.js";
import { forgetRoom, sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { useChangeRoom } from "./use-change-room.js";

/** Archive, restore, delete. */
export function EndOfRoom({ room }: { room: Room }) {
  const [asked, setAsked] = useState<null | "archive" | "delete">(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const close = () => setAsked(null);
  const change = useChangeRoom(room, close);
  const remove = useMutation({
    mutationFn: () => api("deleteRoom", { params: { roomId: room.id } }),
    onSuccess: async () => {
      await navigate({ to: "/studio" });
      forgetRoom(client, room.id);
    },
  });
  const isArchived = room.archivedAt !== null;
  return (
    <section className="cs-end" aria-label="Archive or delete">
      <div className="govuk-button-group">
        {isArchived ? (
          <Button busy={change.isPending} onClick={() => change.mutate({ archived: false })}>
            Restore room
          </Button>
        ) : (
          <Button look="secondary" onClick={() => setAsked("archive")}>
            Archive room
          </Button>
        )}
        <Button look="secondary" onClick={() => setAsked("delete")}>
          Delete room
        </Button>
      </div>
      {change.isError && asked === null && (
        <p className="govuk-error-message" role="alert">
          {sentence(change.error)}
        </p>
      )}
      {asked === "archive" && (
        <Confirm
          title={`Archive “${room.name}”?`}
          yes="Archive room"
          busy={change.isPending}
          error={change.isError ? sentence(change.error) : undefined}
          onYes={() => change.mutate({ archived: true })}
          onNo={close}
        >
          <p className="govuk-body">
            An encoder that is live is cut off, everyone in the room is told that it has closed, and nobody
            can join. You can restore it with the same link, password and key.
          </p>
        </Confirm>
      )}
      {asked === "delete" && (
        <Confirm
          title={`Delete “${room.name}” for good?`}
          yes="Delete room"
          danger
          busy={remove.isPending}
          error={remove.isError ? sentence(remove.error) : undefined}
          onYes={() => remove.mutate()}
          onNo={close}
        >
          <p className="govuk-body">
            Link, password and stream key stop working at once, and everyone in the room is sent out. Its
            recordings are deleted with it. This cannot be taken back. To keep the room for later, archive it
            instead.
          </p>
        </Confirm>
      )}
    </section>
  );
}
