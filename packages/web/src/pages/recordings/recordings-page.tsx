import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { roomsQuery, sentence, sessionQuery } from "../../api/queries.js";
import { type RecordingList, recordingsQuery } from "../../api/recording-queries.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Pagination } from "../../ui/pagination.js";
import { Select } from "../../ui/select.js";
import { TextField } from "../../ui/text-field.js";
import { useTitle } from "../../ui/use-title.js";
import { DiskUse } from "./disk-use.js";
import { RecordingRow } from "./recording-row.js";
import { searched } from "./recording-words.js";

const PAGE = 20; // rows; about three screens

/** `/studio/recordings`: what was recorded in all one's rooms, or in the one that the address names. */
export function RecordingsPage() {
  useTitle("Recordings");
  const { room } = useSearch({ from: "/studio/recordings" });
  const list = useQuery(recordingsQuery(room));
  const isOwner = useQuery(sessionQuery).data?.user?.role === "owner";
  return (
    <>
      <h1 className="govuk-heading-l">Recordings</h1>
      {list.isPending ? (
        <Loading what="the recordings" />
      ) : list.data === undefined ? (
        <LoadFailed message={sentence(list.error)} onRetry={() => list.refetch()} />
      ) : (
        <>
          {list.data.disk.totalBytes > 0 && <DiskUse disk={list.data.disk} isOwner={isOwner} />}
          {list.data.recordings.length === 0 && room === undefined ? (
            <NoneYet />
          ) : (
            <Found key={room ?? ""} recordings={list.data.recordings} roomId={room} />
          )}
        </>
      )}
    </>
  );
}

function Found({
  recordings,
  roomId,
}: {
  recordings: RecordingList["recordings"];
  roomId: string | undefined;
}) {
  const [typed, setTyped] = useState("");
  const [page, setPage] = useState(0);
  const navigate = useNavigate();
  const rooms = useQuery(roomsQuery(false));
  const archived = useQuery(roomsQuery(true));
  const found = searched(recordings, typed);
  const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
  const at = Math.min(page, last); // a deleted recording may have taken the last page with it
  const all = [...(rooms.data ?? []), ...(archived.data ?? [])];
  return (
    <>
      <search className="cs-recordings-filter">
        <Select
          id="recordings-room"
          label="Room"
          options={[
            { value: "", label: "All rooms" },
            ...all.map(({ id, name }) => ({ value: id, label: name })),
            ...(roomId === undefined || all.some(({ id }) => id === roomId)
              ? []
              : [{ value: roomId, label: "One room" }]),
          ]}
          value={roomId ?? ""}
          onChange={(chosen) =>
            void navigate({ to: "/studio/recordings", search: chosen === "" ? {} : { room: chosen } })
          }
        />
        <TextField
          id="recordings-search"
          label="Search by name"
          type="search"
          autoComplete="off"
          maxLength={120}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            setPage(0);
          }}
        />
      </search>
      <p className="govuk-visually-hidden" role="status">
        {typed === "" ? "" : found.length === 1 ? "1 recording found" : `${found.length} recordings found`}
      </p>
      {found.length === 0 ? (
        <p className="govuk-body cs-quiet" data-testid="none-found">
          {typed === "" ? "Nothing has been recorded in this room." : "No recording has a name like this."}
        </p>
      ) : (
        <ul className="cs-recordings" data-testid="recordings">
          {found.slice(at * PAGE, (at + 1) * PAGE).map((recording) => (
            <RecordingRow key={recording.id} recording={recording} isRoomShown={roomId === undefined} />
          ))}
        </ul>
      )}
      <Pagination
        hasPrevious={at > 0}
        hasNext={at < last}
        onPrevious={() => setPage(at - 1)}
        onNext={() => setPage(at + 1)}
      />
    </>
  );
}

function NoneYet() {
  return (
    <div className="cs-steps" data-testid="no-recordings">
      <h2 className="govuk-heading-m">Nothing has been recorded yet</h2>
      <p className="govuk-body">
        Open a{" "}
        <Link to="/studio" className="govuk-link">
          room
        </Link>{" "}
        that is live and press <strong>Record</strong>, or let it record every take by itself.
      </p>
      <ul className="govuk-list govuk-list--bullet govuk-list--spaced">
        <li>A recording is what your encoder sent, bit for bit. Nothing is encoded again.</li>
        <li>It plays here, and downloads as an MP4 that editing programs open.</li>
        <li>Only you see it. Your clients do not.</li>
      </ul>
    </div>
  );
}
