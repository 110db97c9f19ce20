import type { Room } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { roomsQuery, sentence, sessionQuery } from "../../api/queries.js";
import { bitRateWords, codecWords, sinceWords, sizeWords, viewersWords } from "../../signal/stream-words.js";
import { CopyButton } from "../../ui/copy-button.js";
import { dayWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";
import { CreateRoom } from "./create-room.js";
import { LiveNow } from "./live-now.js";
import { hereWords, marksOf } from "./room-words.js";
import { StateTag } from "./state-tag.js";
import { useNow } from "./use-now.js";
import { WaitingLink } from "./waiting-link.js";

/** `/studio`, the dashboard: what is live, then all rooms. */
export function RoomsPage() {
  useTitle("Rooms");
  const { archived = false } = useSearch({ from: "/studio/" });
  const rooms = useQuery(roomsQuery(archived));
  return (
    <>
      <h1 className="govuk-heading-l">Rooms</h1>
      {!archived && rooms.data !== undefined && rooms.data.length > 0 && <LiveNow rooms={rooms.data} />}
      {!archived && <CreateRoom isFirst={rooms.data?.length === 0} />}
      <nav className="cs-filter" aria-label="Filter">
        <Link
          to="/studio"
          search={{}}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={archived ? undefined : "page"}
        >
          In use
        </Link>
        <Link to="/studio" search={{ archived: true }} aria-current={archived ? "page" : undefined}>
          Archived
        </Link>
      </nav>
      {rooms.isPending ? (
        <Loading what="your rooms" />
      ) : rooms.data === undefined ? (
        <LoadFailed message={sentence(rooms.error)} onRetry={() => rooms.refetch()} />
      ) : rooms.data.length > 0 ? (
        <ul className="cs-rooms" data-testid="rooms">
          {rooms.data.map((room) => (
            <RoomRow key={room.id} room={room} />
          ))}
        </ul>
      ) : archived ? (
        <p className="govuk-body cs-quiet" data-testid="no-rooms">
          No room is archived. Archiving a room closes it for its reviewers and keeps its key from working
          until you restore it.
        </p>
      ) : (
        <ThreeSteps />
      )}
    </>
  );
}

function RoomRow({ room }: { room: Room }) {
  const now = useNow();
  const user = useQuery(sessionQuery).data?.user;
  const { stream } = room;
  const marks = marksOf(room, now, user?.role === "owner");
  return (
    <li className="cs-room-row" data-testid="room-row" data-room-id={room.id}>
      <div className="cs-room-row__what">
        <h2 className="cs-room-row__name">
          <Link to="/studio/rooms/$roomId" params={{ roomId: room.id }} className="govuk-link">
            {room.name}
          </Link>
        </h2>
        <StateTag room={room} />
        <p className="cs-room-row__facts">
          {room.archivedAt !== null ? (
            <span>Since {dayWords(room.archivedAt)}</span>
          ) : stream?.video != null ? (
            <>
              <span>{codecWords(stream.video)}</span>
              <span>{sizeWords(stream.video)}</span>
              <span>{bitRateWords(stream.video.bitsPerSecond)}</span>
              <span>{viewersWords(stream.viewers)}</span>
              <span>for {sinceWords(stream.sinceAt, now)}</span>
            </>
          ) : stream !== null ? (
            <span>No picture arrives</span>
          ) : (
            <span>Nobody is live</span>
          )}
          {room.people.here > 0 && <span>{hereWords(room.people.here)}</span>}
          {stream !== null && stream.warnings.length > 0 && (
            <span className="cs-room-row__warning">
              {stream.warnings.length === 1
                ? "1 thing to look at"
                : `${stream.warnings.length} things to look at`}
            </span>
          )}
        </p>
        {marks.length > 0 && (
          <ul className="cs-marks" aria-label="Marks" data-testid="room-marks">
            {marks.map((mark) => (
              <li key={mark}>{mark}</li>
            ))}
          </ul>
        )}
        {stream === null && <WaitingLink room={room} />}
      </div>
      {room.archivedAt === null && (
        <CopyButton text={room.reviewerLink} label="Copy link" copies={`for ${room.name}`} />
      )}
    </li>
  );
}

function ThreeSteps() {
  return (
    <div className="cs-steps" data-testid="no-rooms">
      <h2 className="govuk-heading-m">From here to the picture in three steps</h2>
      <ol className="govuk-list govuk-list--number govuk-list--spaced">
        <li>
          <strong>Make a room.</strong> One for each project or client; it stays until you delete it.
        </li>
        <li>
          <strong>Connect OBS.</strong> The room’s page gives you a server and a stream key to copy, and the
          five settings that matter.
        </li>
        <li>
          <strong>Send the link and the password.</strong> Your client opens it in a browser. There is nothing
          to install, and no account.
        </li>
      </ol>
      <p className="govuk-body cs-quiet">No encoder at hand? Every room has a test signal.</p>
    </div>
  );
}
