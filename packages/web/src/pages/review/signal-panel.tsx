import type { StreamStatus } from "@colourstream/contract";
import type { Measured } from "../../player/measure.js";
import type { WayChoice as Choice, Suits, Way } from "../../player/ways.js";
import { tagsWords } from "../../signal/colour-words.js";
import { bitRateWords, codecWords, frameRateWords } from "../../signal/stream-words.js";
import { soundWords } from "../../signal/viewer-words.js";
import { secondsWords, wayWords } from "../../signal/way-words.js";
import { WayChoice } from "./way-choice.js";

type PanelProps = {
  stream: StreamStatus | null;
  measured: Measured | null;
  shownAt: number | null;
  gentle: string | null;
  way: Way | null;
  suits: Suits | null;
  choice: Choice;
  onChoice: (choice: Choice) => void;
};

/** What was sent and what arrives on this screen, in figures. */
export function SignalPanel(props: PanelProps) {
  const { stream, measured, shownAt, gentle, way } = props;
  const video = stream?.video ?? null;
  const hasOwnSound = way === "hls" && stream?.audio != null; // as it was sent: no codec of the server's is needed
  const sound = stream === null || hasOwnSound ? null : soundWords(stream.sound);
  const arrives: readonly Row[] = [
    ["Comes by", wayWords(way), "way"],
    ["Server to screen", latencyWords(measured), "latency"],
    ["Frame rate", rateWords(measured?.framesPerSecond ?? null), "frame-rate"],
    ...(way === "hls"
      ? []
      : ([["Packets lost", percentWords(measured?.lossPercent ?? null), "loss"]] as const)),
    ["Bit rate", bitRateWords(measured?.bitsPerSecond ?? null), "bit-rate"],
    way === "hls"
      ? ["Buffer", measured?.bufferMs == null ? "–" : secondsWords(measured.bufferMs), "buffer"]
      : ["Jitter buffer", msWords(measured?.jitterBufferMs ?? null), "jitter-buffer"],
    ["Frames dropped", measured === null ? "–" : String(measured.dropped), "dropped"],
    ["Freezes", measured === null ? "–" : String(measured.freezes), "freezes"],
    ["Shown at", shownAt === null ? "–" : shownAt === 100 ? "100 % (1:1)" : `${shownAt} %`, "shown-at"],
  ];
  const sent: readonly Row[] = [
    ["Picture", pictureSize(measured, video), "size"],
    ["Codec", video === null ? (measured?.codec ?? "–") : codecWords(video), "codec"],
    ["Encoder’s rate", frameRateWords(video?.frameRate ?? null), "encoder-rate"],
    ["Colour tags", video === null ? "–" : tagsWords(video), "colour"],
    ["Sound", sound ?? soundLine(stream, way), "sound-state"],
  ];
  return (
    <div data-testid="panel">
      <h2 className="govuk-visually-hidden">Signal</h2>
      <h3 className="cs-panel__group">On this screen</h3>
      <Rows rows={arrives} />
      <WayChoice way={way} suits={props.suits} choice={props.choice} onChoice={props.onChoice} />
      <h3 className="cs-panel__group">From the encoder</h3>
      <Rows rows={sent} />
      {gentle !== null && <p className="cs-panel__note">{gentle}</p>}
    </div>
  );
}

type Row = readonly [label: string, value: string, testId: string];

function Rows({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className="cs-panel__rows">
      {rows.map(([label, value, testId]) => (
        <div key={testId} className="cs-panel__row">
          <dt>{label}</dt>
          <dd data-testid={`fact-${testId}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function latencyWords(measured: Measured | null): string {
  if (measured?.latencyMs == null) {
    return measured?.atLeastMs == null ? "–" : `at least ${Math.round(measured.atLeastMs)} ms`;
  }
  if (measured.latencyMs >= 1_000) return secondsWords(measured.latencyMs);
  const ms = `${Math.round(measured.latencyMs)} ms`;
  return measured.latencyFrames === null ? ms : `${ms}, ${measured.latencyFrames.toFixed(1)} frames`;
}

function rateWords(rate: number | null): string {
  return rate === null ? "–" : `${rate.toFixed(1)} fps`;
}

function percentWords(percent: number | null): string {
  return percent === null ? "–" : `${percent.toFixed(percent < 1 ? 2 : 1)} %`;
}

function msWords(ms: number | null): string {
  return ms === null ? "–" : `${Math.round(ms)} ms`;
}

function pictureSize(measured: Measured | null, video: StreamStatus["video"]): string {
  const width = measured?.width ?? video?.width;
  const height = measured?.height ?? video?.height;
  return width === undefined || height === undefined ? "–" : `${width} × ${height}`;
}

function soundLine(stream: StreamStatus | null, way: Way | null): string {
  if (stream?.audio == null) return "–";
  const channels =
    stream.audio.channels === 1 ? "mono" : stream.audio.channels === 2 ? "stereo" : "multichannel";
  return `${way === "hls" && stream.audio.codec === "aac" ? "AAC" : "Opus"} ${channels}`;
}
