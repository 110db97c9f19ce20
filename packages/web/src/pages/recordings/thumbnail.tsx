import {
  API_PREFIX,
  type Recording,
  type Room,
  recordingThumbnailPath,
  roomThumbnailPath,
} from "@colourstream/contract";
import { useEffect, useState } from "react";

const EVERY_MS = 10_000; // the server's pictures are at most as old as that

/** A recording's first picture, or a grey field where there is none. */
export function RecordingThumbnail({ recording }: { recording: Recording }) {
  return (
    <Frame
      src={recording.hasThumbnail ? API_PREFIX + recordingThumbnailPath(recording.id) : null}
      alt="" // the name beside it says what it is
    />
  );
}

/** What is live in a room, a moment ago; another one every 10 s while the page is seen. */
export function LiveThumbnail({ room }: { room: Room }) {
  // A frame rate is known once pictures have come: before that there is nothing to show.
  const isLive = room.stream?.state === "live" && room.stream.video?.frameRate != null;
  const turn = useTurns(isLive);
  return (
    <Frame
      src={isLive ? `${API_PREFIX}${roomThumbnailPath(room.id)}?turn=${turn}` : null}
      alt={`What is live in ${room.name}`}
    />
  );
}

function Frame({ src, alt }: { src: string | null; alt: string }) {
  // While the next picture loads, and when it does not come, the last one stays.
  const [shown, setShown] = useState<string | null>(null);
  return (
    <span className="cs-thumbnail">
      {src === null || shown === null ? (
        <Placeholder />
      ) : (
        <img src={shown} alt={alt} width={480} height={270} />
      )}
      {src !== null && src !== shown && (
        <img
          className="cs-thumbnail__next"
          src={src}
          alt=""
          width={480}
          height={270}
          onLoad={() => setShown(src)}
        />
      )}
    </span>
  );
}

function Placeholder() {
  return (
    <svg className="cs-thumbnail__none" viewBox="0 0 48 27" aria-hidden="true" data-testid="no-thumbnail">
      <path d="M17 9h10a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H17a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Zm12 3 4-2v7l-4-2Z" />
    </svg>
  );
}

/** Counts up every 10 s; stands still while the page is in the background. */
function useTurns(isOn: boolean): number {
  const [turn, setTurn] = useState(() => Math.floor(Date.now() / EVERY_MS));
  useEffect(() => {
    if (!isOn) return;
    const next = () => {
      if (document.visibilityState === "visible") setTurn(Math.floor(Date.now() / EVERY_MS));
    };
    const timer = setInterval(next, EVERY_MS);
    document.addEventListener("visibilitychange", next);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", next);
    };
  }, [isOn]);
  return turn;
}
