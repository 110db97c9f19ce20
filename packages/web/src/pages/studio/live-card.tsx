import type { Room, StreamStatus } from "@colourstream/contract";
import { tagsWords } from "../../signal/colour-words.js";
import {
  adviceFor,
  bitRateWords,
  codecWords,
  encryptedWords,
  gopWords,
  latencyWords,
  linkWords,
  sinceWords,
  sizeWords,
  sourceWords,
  viewersWords,
} from "../../signal/stream-words.js";
import { soundWords } from "../../signal/viewer-words.js";
import { SummaryCard, SummaryList } from "../../ui/summary.js";
import { Refused } from "./refused.js";
import { TestSignal } from "./test-signal.js";
import { useNow } from "./use-now.js";

/** What arrives in the room, and what should be changed about it. */
export function LiveCard({ room }: { room: Room }) {
  const now = useNow();
  const { stream, lastRefused } = room;
  return (
    <SummaryCard title="Live" testId="live-card" actions={<TestSignal room={room} />}>
      {stream === null ? (
        <p className="govuk-body">
          Nobody is live. Start streaming in OBS and this page fills by itself, as does the picture of
          everyone in the room.
        </p>
      ) : (
        <>
          {stream.state !== "live" && <p className="govuk-body cs-strong">{stateWords(stream.state)}</p>}
          <Warnings stream={stream} />
          <div className="cs-live-facts">
            <SummaryList rows={factsOf(stream, now)} />
          </div>
        </>
      )}
      {lastRefused !== null && <Refused room={room} refused={lastRefused} />}
    </SummaryCard>
  );
}

function stateWords(state: "stalled" | "interrupted"): string {
  return state === "stalled"
    ? "The encoder is connected, but no frames arrive."
    : "The encoder’s connection has ended. Viewers keep the last picture; if it returns within 30 s the take goes on.";
}

function factsOf(stream: StreamStatus, now: number): (readonly [string, string])[] {
  const { video, audio } = stream;
  const sound = soundWords(stream.sound);
  return [
    ["Source", sourceWords(stream.source)],
    ...(video === null
      ? ([["Picture", "–"]] as const)
      : ([
          ["Picture", sizeWords(video)],
          ["Codec", codecWords(video)],
          ["Colour tags", tagsWords(video)],
          ["Bit rate", bitRateWords(video.bitsPerSecond)],
          ["Keyframes", gopWords(video)],
        ] as const)),
    ...lineFacts(stream),
    ["Sound", sound ?? (audio === null ? "–" : audioWords(audio))],
    ["Watching", viewersWords(stream.viewers)],
    ["Live for", sinceWords(stream.sinceAt, now)],
    ...stream.notices.map((notice) => ["Note", notice] as const),
  ];
}

/** The way from the encoder to here, as far as its protocol tells. */
function lineFacts(stream: StreamStatus): (readonly [string, string])[] {
  const { link } = stream;
  const latency = link === null ? null : latencyWords(link);
  const encrypted = encryptedWords(stream);
  return [
    ...(link === null ? [] : [["Line", linkWords(link)] as const]),
    ...(latency === null ? [] : [["SRT latency", latency] as const]),
    ...(encrypted === null ? [] : [["Encrypted", encrypted] as const]),
  ];
}

function audioWords(audio: NonNullable<StreamStatus["audio"]>): string {
  const channels =
    audio.channels === 1 ? "mono" : audio.channels === 2 ? "stereo" : `${audio.channels} channels`;
  const codec = audio.codec === "aac" ? "AAC" : "Opus";
  return `${codec}, ${channels}, ${audio.sampleRate / 1_000} kHz, ${bitRateWords(audio.bitsPerSecond)}`;
}

function Warnings({ stream }: { stream: StreamStatus }) {
  return (
    <div role="status">
      {stream.warnings.map((warning) => {
        const { title, steps } = adviceFor(warning);
        return (
          <div className="govuk-warning-text cs-warning" key={warning} data-testid={`warning-${warning}`}>
            <span className="govuk-warning-text__icon" aria-hidden="true">
              !
            </span>
            <div className="govuk-warning-text__text">
              <span className="govuk-visually-hidden">Warning: </span>
              {title}
              {steps.map((step) => (
                <span className="cs-warning__step" key={step}>
                  {step}
                </span>
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}
