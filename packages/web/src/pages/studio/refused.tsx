import type { RefusedPublish, Room } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { refusedWords } from "../../signal/stream-words.js";
import { Button } from "../../ui/button.js";

const OPEN_FOR_MS = 60_000; // as the media engine lets the next encoder take over

/** The encoder that was turned away last, and the way to let it in where one was live already. */
export function Refused({ room, refused }: { room: Room; refused: RefusedPublish }) {
  const { stream } = room;
  const isLive = stream !== null && stream.state !== "interrupted";
  return (
    <div className="govuk-inset-text cs-refused" data-testid="last-refused">
      <p className="govuk-body">{refusedWords(refused)}</p>
      <p className="govuk-body cs-quiet cs-refused__who">
        {refused.protocol.toUpperCase()} from {refused.address},{" "}
        {new Date(refused.at).toLocaleTimeString([], { timeStyle: "short" })}
      </p>
      {refused.reason === "already-live" && isLive && <SwitchOver room={room} />}
    </div>
  );
}

/** Lets the next encoder with the room's key take over, for a minute. */
function SwitchOver({ room }: { room: Room }) {
  const [isOpen, setOpen] = useState(false);
  const open = useMutation({
    mutationFn: () => api("switchEncoder", { params: { roomId: room.id } }),
    onSuccess: () => setOpen(true),
  });
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(() => setOpen(false), OPEN_FOR_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return (
    <>
      {open.isError && (
        <p className="govuk-error-message" role="alert">
          {sentence(open.error)}
        </p>
      )}
      {!isOpen && (
        <Button look="secondary" small busy={open.isPending} onClick={() => open.mutate()}>
          Switch to the other encoder
        </Button>
      )}
      <p className="cs-refused__next" role="status" data-testid="switch-over">
        {isOpen && "Start the other encoder again now. For a minute it takes over at once."}
      </p>
    </>
  );
}
