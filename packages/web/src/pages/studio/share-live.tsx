import type { Room } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { codecName, limitWords, stateWords } from "../../publish/publish-words.js";
import type { Sent } from "../../publish/sent.js";
import { bitRateWords } from "../../signal/stream-words.js";
import { Button } from "../../ui/button.js";
import { Checkbox } from "../../ui/choices.js";
import { SummaryList } from "../../ui/summary.js";
import type { Share } from "./use-share.js";

/** What is being sent, as it is seen here and as it is measured, and the way to stop it. */
export function ShareLive({
  room,
  share,
  onStop,
  onAgain,
  onSound,
}: {
  room: Room;
  share: Extract<Share, { is: "sharing" }>;
  onStop: () => void;
  onAgain: () => void;
  onSound: (hasSound: boolean) => void;
}) {
  const { state, media, sent } = share;
  const limit = sent === null ? null : limitWords(sent, share.choice.bitsPerSecond);
  const isRefused = state.is === "refused";
  const canTakeOver = isRefused && state.why === "already-live";
  const hasAudio = media.getAudioTracks().length > 0;
  const takeOver = useMutation({
    mutationFn: () => api("switchEncoder", { params: { roomId: room.id } }),
    onSuccess: onAgain,
  });
  return (
    <div className="cs-share" data-testid="share-live" data-state={state.is}>
      <Preview media={media} />
      <div className="cs-share__facts">
        <p className="govuk-body cs-strong" role={isRefused ? "alert" : "status"} data-testid="share-state">
          {stateWords(state)}
        </p>
        {takeOver.isError && (
          <p className="govuk-error-message" role="alert">
            {sentence(takeOver.error)}
          </p>
        )}
        {!isRefused && <SummaryList rows={sentFacts(sent)} />}
        {limit !== null && (
          <p className="govuk-inset-text" data-testid="share-limit">
            {limit}
          </p>
        )}
        {!isRefused && hasAudio && (
          <Checkbox id="share-sound" label="Send sound" checked={share.hasSound} onChange={onSound} />
        )}
        <div className="govuk-button-group">
          {canTakeOver && (
            <Button busy={takeOver.isPending} onClick={() => takeOver.mutate()}>
              Let this browser take over
            </Button>
          )}
          <Button look={isRefused ? "secondary" : "warning"} onClick={onStop}>
            {isRefused ? "Cancel" : "Stop sharing"}
          </Button>
        </div>
      </div>
    </div>
  );
}

function sentFacts(sent: Sent | null): (readonly [string, string])[] {
  if (sent === null) return [["Sent", "–"]];
  const { width, height, framesPerSecond, roundTripMs, lostPart } = sent;
  const size = width === null || height === null ? "–" : `${width} × ${height}`;
  return [
    ["Sent", framesPerSecond === null ? size : `${size}, ${Math.round(framesPerSecond)} fps`],
    ["Format", codecName(sent.codec)],
    ["Bit rate", bitRateWords(sent.bitsPerSecond)],
    [
      "Line",
      roundTripMs === null
        ? "–"
        : `${Math.round(roundTripMs)} ms there and back, ${((lostPart ?? 0) * 100).toFixed(1)} % lost`,
    ],
  ];
}

/** What the capture gives, without its sound: it would be heard twice. */
function Preview({ media }: { media: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = media;
    return () => {
      element.srcObject = null;
    };
  }, [media]);
  return (
    <video
      className="cs-share__preview"
      ref={video}
      muted
      autoPlay
      playsInline
      aria-label="What you share"
      data-testid="share-preview"
    />
  );
}
