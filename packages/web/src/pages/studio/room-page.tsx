import type { Room } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ApiProblem } from "../../api/call.js";
import { roomQuery, sentence } from "../../api/queries.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";
import { AccessCard } from "./access-card.js";
import { ChatCard } from "./chat-card.js";
import { EndOfRoom } from "./end-of-room.js";
import { IngestCard } from "./ingest-card.js";
import { InvitationsCard } from "./invitations-card.js";
import { LiveCard } from "./live-card.js";
import { PeopleCard } from "./people-card.js";
import { PictureCard } from "./picture-card.js";
import { RecordingCard } from "./recording-card.js";
import { RenameRoom } from "./rename-room.js";
import { ReviewerCard } from "./reviewer-card.js";
import { ShareCard } from "./share-card.js";

// The router would call the way back the page that one is on.
const EXACT = { exact: true } as const;

/** `/studio/rooms/:id`: everything about one room. */
export function RoomPage() {
  const { roomId } = useParams({ from: "/studio/rooms/$roomId" });
  const room = useQuery(roomQuery(roomId));
  const isGone = room.error instanceof ApiProblem && [400, 404].includes(room.error.status);
  useTitle(room.data?.name ?? "Room");
  return (
    <>
      <Link to="/studio" activeOptions={EXACT} className="govuk-back-link">
        Rooms
      </Link>
      {isGone ? (
        <div data-testid="room-gone">
          <h1 className="govuk-heading-l">This room does not exist</h1>
          <p className="govuk-body">It may have been deleted in another window.</p>
        </div>
      ) : room.isPending ? (
        <Loading what="the room" />
      ) : room.data === undefined ? (
        <LoadFailed message={sentence(room.error)} onRetry={() => room.refetch()} />
      ) : (
        <RoomFacts key={room.data.id} room={room.data} />
      )}
    </>
  );
}

function RoomFacts({ room }: { room: Room }) {
  const isArchived = room.archivedAt !== null;
  return (
    <>
      <div className="cs-room-head">
        <div className="cs-room-head__name">
          <RenameRoom room={room} />
        </div>
        {!isArchived && (
          <a
            href={`/r/${room.id}`}
            target="_blank"
            rel="noopener"
            className="govuk-button"
            data-testid="open-review"
          >
            Open review room
          </a>
        )}
      </div>
      {isArchived ? (
        <p className="govuk-inset-text" data-testid="archived-note">
          This room is archived: nobody can join it, and its stream key does not work. Restore it to use it
          again.
        </p>
      ) : (
        <>
          <LiveCard room={room} />
          <PeopleCard room={room} />
          <div className="cs-columns">
            <IngestCard room={room} />
            <ReviewerCard room={room} />
          </div>
          <ShareCard room={room} />
          <PictureCard room={room} />
          <RecordingCard room={room} />
          <AccessCard room={room} />
          <InvitationsCard room={room} />
        </>
      )}
      <ChatCard room={room} />
      <EndOfRoom room={room} />
    </>
  );
}
