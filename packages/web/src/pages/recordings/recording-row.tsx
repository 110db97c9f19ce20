import type { Recording } from "@colourstream/contract";
import { Link } from "@tanstack/react-router";
import { momentWords } from "../../ui/local-time.js";
import { RecordingActs } from "./recording-acts.js";
import { RecordingTag } from "./recording-tag.js";
import { bytesWords, lengthWords, pictureWords } from "./recording-words.js";
import { RecordingThumbnail } from "./thumbnail.js";

/** A recording in a list: its first picture, what it is, what can be done with it. */
export function RecordingRow({ recording, isRoomShown }: { recording: Recording; isRoomShown: boolean }) {
  const { id, name, room, state, startedAt, durationMs, bytes, problem, video } = recording;
  return (
    <li className="cs-recording-row" data-testid="recording-row" data-recording-id={id} data-state={state}>
      <RecordingThumbnail recording={recording} />
      <div className="cs-recording-row__what">
        <h2 className="cs-list__name">
          <Link to="/studio/recordings/$recordingId" params={{ recordingId: id }} className="govuk-link">
            {name}
          </Link>
          <RecordingTag recording={recording} />
        </h2>
        <p className="cs-list__facts">
          {isRoomShown && (
            <Link to="/studio/rooms/$roomId" params={{ roomId: room.id }} className="govuk-link">
              {room.name}
            </Link>
          )}
          <time dateTime={new Date(startedAt).toISOString()}>{momentWords(startedAt)}</time>
          <span>{lengthWords(durationMs)}</span>
          <span>{bytesWords(bytes)}</span>
          {video !== null && <span>{pictureWords(video)}</span>}
        </p>
        {problem !== null && <p className="cs-recording-row__problem">{problem}</p>}
      </div>
      <RecordingActs recording={recording} />
    </li>
  );
}
