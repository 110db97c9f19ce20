import type { Room } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { keepRecording, recordingsQuery, refreshRecordings } from "../../api/recording-queries.js";
import { Button } from "../../ui/button.js";
import { Checkbox } from "../../ui/choices.js";
import { momentWords } from "../../ui/local-time.js";
import { SummaryCard } from "../../ui/summary.js";
import { RecordingTag } from "../recordings/recording-tag.js";
import { bytesWords, lengthWords, stoppedWords } from "../recordings/recording-words.js";
import { RecordingThumbnail } from "../recordings/thumbnail.js";
import { useChangeRoom } from "./use-change-room.js";

const SHOWN = 3; // the rest is on a page of its own

/** Records what is live, and shows what was recorded last. */
export function RecordingCard({ room }: { room: Room }) {
  const client = useQueryClient();
  const change = useChangeRoom(room, () => {});
  const { recording } = room;
  const running = recording?.stopped === null ? recording : null;
  const stopped = recording?.stopped ?? null;
  const list = useQuery(recordingsQuery(room.id, running !== null));
  const runningId = running?.id ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a recording that begins or ends changes the list
  useEffect(() => {
    void refreshRecordings(client);
  }, [client, runningId]);
  const asked = change.isPending ? change.variables.autoRecord : undefined;
  const last = list.data?.recordings.slice(0, SHOWN) ?? [];
  return (
    <SummaryCard title="Recording" testId="recording-card" actions={<RecordButton room={room} />}>
      {stopped !== null && (
        <p className="govuk-inset-text" role="alert" data-testid="recording-stopped">
          {stoppedWords(stopped)}
        </p>
      )}
      {running !== null ? (
        <p className="govuk-body cs-running" data-testid="recording-running">
          <svg className="cs-running__sign" viewBox="0 0 12 12" aria-hidden="true">
            <circle cx="6" cy="6" r="5" />
          </svg>
          <span className="cs-strong">Recording</span>
          <span>{lengthWords(running.durationMs)}</span>
          <span>{bytesWords(running.bytes)}</span>
        </p>
      ) : (
        <p className="govuk-body">
          {room.stream === null
            ? "There is nothing to record until somebody is live. "
            : "What the encoder sends is written to a file as it is, from the last keyframe on. "}
          Only you see recordings.
        </p>
      )}
      <Checkbox
        id="auto-record"
        label="Record every take"
        hint="By itself, from the first picture until the encoder stops. The test signal is left out."
        checked={asked ?? room.autoRecord}
        onChange={(autoRecord) => change.mutate({ autoRecord })}
      />
      {change.isError && (
        <p className="govuk-error-message" role="alert">
          {sentence(change.error)}
        </p>
      )}
      {last.length > 0 && (
        <>
          <ul
            className="cs-recordings cs-recordings--small"
            aria-label="Last recordings"
            data-testid="last-recordings"
          >
            {last.map((one) => (
              <li className="cs-recording-row" key={one.id}>
                <RecordingThumbnail recording={one} />
                <div className="cs-recording-row__what">
                  <h3 className="cs-list__name">
                    <Link
                      to="/studio/recordings/$recordingId"
                      params={{ recordingId: one.id }}
                      className="govuk-link"
                    >
                      {one.name}
                    </Link>
                    <RecordingTag recording={one} />
                  </h3>
                  <p className="cs-list__facts">
                    <span>{momentWords(one.startedAt)}</span>
                    <span>{lengthWords(one.durationMs)}</span>
                    <span>{bytesWords(one.bytes)}</span>
                  </p>
                </div>
              </li>
            ))}
          </ul>
          <p className="govuk-body cs-recordings__all">
            <Link to="/studio/recordings" search={{ room: room.id }} className="govuk-link">
              All recordings of this room
            </Link>
          </p>
        </>
      )}
    </SummaryCard>
  );
}

/** Starts and stops; not there while nothing could be recorded. */
function RecordButton({ room }: { room: Room }) {
  const client = useQueryClient();
  const params = { roomId: room.id };
  const isRunning = room.recording?.stopped === null;
  const change = useMutation({
    mutationFn: async () => {
      if (isRunning) await api("stopRecording", { params });
      else keepRecording(client, await api("startRecording", { params }));
    },
    onSettled: () => refreshRecordings(client),
  });
  const isLive = room.stream !== null && room.stream.video !== null;
  if (!isRunning && !isLive) return null;
  return (
    <div className="cs-test-signal">
      {change.isError && (
        <span className="govuk-error-message cs-test-signal__error" role="alert">
          {sentence(change.error)}
        </span>
      )}
      <Button
        look={isRunning ? "primary" : "secondary"}
        small
        busy={change.isPending}
        onClick={() => change.mutate()}
        data-testid="record"
      >
        {isRunning ? "Stop recording" : "Record"}
      </Button>
    </div>
  );
}
