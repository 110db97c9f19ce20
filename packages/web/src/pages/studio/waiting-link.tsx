import type { Room } from "@colourstream/contract";
import { Link } from "@tanstack/react-router";
import { waitingWords } from "./room-words.js";

/** Says that somebody waits, and leads to where they are let in. */
export function WaitingLink({ room }: { room: Room }) {
  const { waiting } = room.people;
  if (waiting === 0) return null;
  return (
    <p className="cs-waiting-link" data-testid="waiting-count">
      <span className="cs-count" aria-hidden="true">
        {waiting}
      </span>
      <Link to="/studio/rooms/$roomId" params={{ roomId: room.id }} hash="people" className="govuk-link">
        {waitingWords(waiting)}
        <span className="govuk-visually-hidden"> to {room.name}</span>
      </Link>
    </p>
  );
}
