import type { Room, StreamStatus } from "@colourstream/contract";
import { Link } from "@tanstack/react-router";
import { healthOf } from "../../signal/health-words.js";
import { bitRateWords, codecWords, sinceWords, sizeWords, viewersWords } from "../../signal/stream-words.js";
import { LiveThumbnail } from "../recordings/thumbnail.js";
import { hereWords } from "./room-words.js";
import { StateTag } from "./state-tag.js";
import { useNow } from "./use-now.js";
import { WaitingLink } from "./waiting-link.js";

/** The top of the dashboard: what is live in all rooms, and whether it is well. */
export function LiveNow({ rooms }: { rooms: readonly Room[] }) {
  const live = rooms.flatMap((room) => (room.stream === null ? [] : [{ room, stream: room.stream }]));
  return (
    <section className="cs-live-now" aria-labelledby="live-now" data-testid="live-now">
      <h2 className="govuk-heading-m" id="live-now">
        Live now
      </h2>
      {live.length === 0 ? (
        <p className="govuk-body cs-quiet" data-testid="nothing-live">
          Nothing is live at the moment.
        </p>
      ) : (
        <ul className="cs-live-now__list">
          {live.map(({ room, stream }) => (
            <LiveRoom key={room.id} room={room} stream={stream} />
          ))}
        </ul>
      )}
    </section>
  );
}

function LiveRoom({ room, stream }: { room: Room; stream: StreamStatus }) {
  const now = useNow();
  const { video } = stream;
  return (
    <li className="cs-live-room" data-testid="live-room" data-room-id={room.id}>
      <LiveThumbnail room={room} />
      <div className="cs-live-room__head">
        <h3 className="cs-live-room__name">
          <Link to="/studio/rooms/$roomId" params={{ roomId: room.id }} className="govuk-link">
            {room.name}
          </Link>
        </h3>
        <StateTag room={room} />
      </div>
      <HealthLine stream={stream} />
      <dl className="cs-live-room__facts">
        <Fact
          term="Picture"
          value={video === null ? "–" : `${sizeWords(video)}, ${bitRateWords(video.bitsPerSecond)}`}
        />
        <Fact term="Codec" value={video === null ? "–" : codecWords(video)} />
        <Fact term="People" value={`${hereWords(room.people.here)}, ${viewersWords(stream.viewers)}`} />
        <Fact term="Live for" value={sinceWords(stream.sinceAt, now)} />
      </dl>
      <WaitingLink room={room} />
    </li>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Good, or what to look at: a word and a shape, since there are no colours here. */
export function HealthLine({ stream }: { stream: StreamStatus }) {
  const { isGood, reasons } = healthOf(stream);
  return (
    <p className="cs-health" data-testid="health" data-good={isGood}>
      <svg className="cs-health__sign" viewBox="0 0 20 20" aria-hidden="true">
        {isGood ? (
          <path d="m4 10.5 4 4 8-9" fill="none" stroke="currentColor" strokeWidth="2.5" />
        ) : (
          <path d="M10 2 19 18H1Zm0 5v5.5m0 1.8v1.7" fill="none" stroke="currentColor" strokeWidth="2" />
        )}
      </svg>
      <span>
        <b>{isGood ? "Good" : "Look at this"}</b>
        {!isGood && `: ${reasons.join(". ")}.`}
      </span>
    </p>
  );
}
