import { liveWords } from "./call-words.js";

/** Nobody in the suite may miss that they are heard: a frame around the room and words to read from two metres. */
export function MicLive({ isSide, by }: { isSide: boolean; by: string | null }) {
  const { title, note } = liveWords({ isSide, by });
  return (
    <>
      <div className="cs-live__frame" aria-hidden="true" />
      <p className="cs-live__label" data-testid="mic-live" data-side={isSide}>
        <span className="cs-live__title">{title}</span>
        {note !== null && <span className="cs-live__note">{note}</span>}
      </p>
    </>
  );
}
