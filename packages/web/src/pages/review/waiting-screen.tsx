import type { StreamStatus } from "@colourstream/contract";
import type { ViewerState } from "../../player/viewer.js";
import { unplayableWords } from "../../signal/way-words.js";

/** What is seen before the first picture: calm, and true. */
export function WaitingScreen({
  name,
  viewer,
  stream,
}: {
  name: string;
  viewer: ViewerState;
  stream: StreamStatus | null;
}) {
  const video = stream?.video ?? null;
  const lines =
    viewer.is === "unplayable" && video !== null ? unplayableWords(video) : [words(viewer, stream)];
  return (
    <div className="cs-waiting" data-testid="waiting" role="status">
      <p className="cs-waiting__name">{name}</p>
      {lines.map((line) => (
        <p className="cs-waiting__text" key={line}>
          {line}
        </p>
      ))}
    </div>
  );
}

function words(viewer: ViewerState, stream: StreamStatus | null): string {
  if (stream?.state === "interrupted") {
    return "The encoder has stopped. The picture starts here by itself when it returns.";
  }
  if (stream !== null && stream.video === null) {
    return "The colourist is connected. The picture starts here by itself.";
  }
  switch (viewer.is) {
    case "connecting":
      return "The picture is coming.";
    case "reconnecting":
      return "The picture cannot be reached yet. It is tried again by itself.";
    default:
      return "The picture starts here by itself when the colourist goes live.";
  }
}
