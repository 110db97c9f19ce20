import { API_PREFIX, type Recording, recordingFilePath } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { ApiProblem } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { recordingQuery } from "../../api/recording-queries.js";
import { frameRateWords } from "../../signal/stream-words.js";
import { Button } from "../../ui/button.js";
import { momentWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { SummaryList } from "../../ui/summary.js";
import { useTitle } from "../../ui/use-title.js";
import { readFrameRate } from "./frame-rate.js";
import { rangesOf } from "./read-range.js";
import { RecordingActs } from "./recording-acts.js";
import { RecordingPlayer } from "./recording-player.js";
import { RecordingTag } from "./recording-tag.js";
import { bytesWords, lengthWords, pictureWords } from "./recording-words.js";

// The router would call the way back the page that one is on.
const EXACT = { exact: true } as const;

/** `/studio/recordings/:id`: one recording, to be seen, taken away, renamed or deleted. */
export function RecordingPage() {
  const { recordingId } = useParams({ from: "/studio/recordings/$recordingId" });
  const recording = useQuery(recordingQuery(recordingId));
  const isGone = recording.error instanceof ApiProblem && [400, 404].includes(recording.error.status);
  useTitle(recording.data?.name ?? "Recording");
  return (
    <>
      <Link to="/studio/recordings" activeOptions={EXACT} className="govuk-back-link">
        Recordings
      </Link>
      {isGone ? (
        <div data-testid="recording-gone">
          <h1 className="govuk-heading-l">This recording does not exist</h1>
          <p className="govuk-body">It may have been deleted, or it was older than recordings are kept.</p>
        </div>
      ) : recording.isPending ? (
        <Loading what="the recording" />
      ) : recording.data === undefined ? (
        <LoadFailed message={sentence(recording.error)} onRetry={() => recording.refetch()} />
      ) : (
        <OneRecording key={recording.data.id} recording={recording.data} />
      )}
    </>
  );
}

function OneRecording({ recording }: { recording: Recording }) {
  const navigate = useNavigate();
  const isReady = recording.state === "ready";
  const [looks, setLooks] = useState(1);
  const lastSeen = useRef(0);
  const version = isReady ? "ready" : `look=${looks}`;
  // What the picture's timecode counts by. Without it the timecode has no frames: that is all there is to lose.
  const rate = useQuery({
    queryKey: ["frame-rate", recording.id],
    queryFn: ({ signal }) => readFrameRate(rangesOf(API_PREFIX + recordingFilePath(recording.id), signal)),
    enabled: isReady,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const { room, startedAt, durationMs, bytes, video, problem } = recording;
  const facts: (readonly [string, ReactNode])[] = [
    [
      "Room",
      <Link key="room" to="/studio/rooms/$roomId" params={{ roomId: room.id }} className="govuk-link">
        {room.name}
      </Link>,
    ],
    ["Recorded", momentWords(startedAt)],
    ["Length", lengthWords(durationMs)],
    ["Size", bytesWords(bytes)],
    ["Picture", pictureWords(video)],
    ...(rate.data == null ? [] : ([["Frame rate", frameRateWords(rate.data)]] as const)),
  ];
  return (
    <div data-testid="recording" data-state={recording.state}>
      <div className="cs-room-head__line cs-recording-head">
        <h1 className="govuk-heading-l" data-testid="recording-name">
          {recording.name}
        </h1>
        <RecordingTag recording={recording} />
      </div>
      {problem !== null && (
        <p className="govuk-inset-text" data-testid="recording-problem">
          {problem}
        </p>
      )}
      {recording.state === "broken" || recording.bytes === 0 ? (
        <p className="cs-deck cs-deck--none" role="status" data-testid="not-there">
          {recording.state === "broken"
            ? "Nothing that plays was on the disk when this recording ended."
            : "This recording has just begun. It plays here in a moment."}
        </p>
      ) : (
        <RecordingPlayer
          key={version}
          recording={recording}
          version={version}
          rate={rate.data ?? null}
          lastSeen={lastSeen}
        />
      )}
      {recording.state === "recording" && recording.bytes > 0 && (
        <div className="cs-growing" role="status" data-testid="growing">
          <p className="govuk-body">It is still recording. You see what was there when you opened it.</p>
          <Button look="secondary" small onClick={() => setLooks(looks + 1)}>
            Load what has come since
          </Button>
        </div>
      )}
      {recording.state === "finalising" && (
        <p className="govuk-body cs-growing" role="status" data-testid="finalising">
          The recording is being finished. It can be downloaded in a moment.
        </p>
      )}
      <div className="cs-recording-acts">
        <RecordingActs recording={recording} onDeleted={() => navigate({ to: "/studio/recordings" })} />
      </div>
      <div className="cs-live-facts">
        <SummaryList rows={facts} />
      </div>
    </div>
  );
}
