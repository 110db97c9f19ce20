import { type RefObject, useEffect, useRef } from "react";
import type { PeerView } from "../../../conference/call.js";
import { MicIcon } from "./call-icons.js";
import { linkWords } from "./call-words.js";

/** One of the others: their camera dimmed, or their name alone. */
export function Tile({ view, isHandUp }: { view: PeerView; isHandUp: boolean }) {
  const { peer, link, camera, isSpeaking } = view;
  const badge = peer.isAway ? "Away" : linkWords(link);
  return (
    <li
      className="cs-tile"
      data-testid="tile"
      data-name={peer.name}
      data-speaking={isSpeaking}
      data-link={link.is}
      data-camera={camera !== null}
    >
      {camera !== null && <Picture stream={camera} testId="tile-video" />}
      <p className="cs-tile__line">
        {!peer.sending.mic && (
          <span className="cs-tile__mic">
            <MicIcon isOn={false} />
            <span className="govuk-visually-hidden">Microphone off: </span>
          </span>
        )}
        <span className="cs-tile__name">{peer.name}</span>
        {isSpeaking && <span className="govuk-visually-hidden">, speaking</span>}
        {isHandUp && <span className="cs-tile__badge">Hand up</span>}
        {badge !== null && <span className="cs-tile__badge">{badge}</span>}
      </p>
    </li>
  );
}

/** Our own camera, as in a mirror. */
export function OwnTile({ camera, isSpeaking }: { camera: MediaStream; isSpeaking: boolean }) {
  return (
    <li className="cs-tile cs-tile--own" data-testid="tile-own" data-speaking={isSpeaking} data-camera="true">
      <Picture stream={camera} testId="tile-own-video" />
      <p className="cs-tile__line">
        <span className="cs-tile__name">You</span>
      </p>
    </li>
  );
}

/** A picture of the call. It has no sound of its own: voices have elements of theirs. */
export function Picture({ stream, testId, name }: { stream: MediaStream; testId: string; name?: string }) {
  const video = useStream(stream);
  return (
    <video
      className="cs-tile__video"
      ref={video}
      autoPlay
      muted
      playsInline
      disablePictureInPicture
      data-testid={testId}
      data-name={name}
    />
  );
}

function useStream(stream: MediaStream): RefObject<HTMLVideoElement | null> {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = stream;
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  return video;
}
