import type { StreamStatus } from "@colourstream/contract";
import type { Measured } from "../../player/measure.js";
import { colourWords } from "../../signal/colour-words.js";
import { bitRateWords, codecWords, frameRateWords, soundWords } from "../../signal/stream-words.js";

type PanelProps = {
  stream: StreamStatus | null;
  measured: Measured | null;
  shownAt: number | null;
  gentle: string | null;
  onClose: () => void;
};

/** What was sent and what arrives on this screen, in figures. */
export function SignalPanel({ stream, measured, shownAt, gentle, onClose }: PanelProps) {
  const video = stream?.video ?? null;
  const sound = stream === null ? null : soundWords(stream.sound);
  const arrives: readonly Row[] = [
    ["Server to screen", latencyWords(measured), "latency"],
    ["Frame rate", rateWords(measured?.framesPerSecond ?? null), "frame-rate"],
    ["Packets lost", percentWords(measured?.lossPercent ?? null), "loss"],
    ["Bit rate", bitRateWords(measured?.bitsPerSecond ?? null), "bit-rate"],
    ["Jitter buffer", msWords(measured?.jitterBufferMs ?? null), "jitter-buffer"],
    ["Frames dropped", measured === null ? "–" : String(measured.dropped), "dropped"],
    ["Freezes", measured === null ? "–" : String(measured.freezes), "freezes"],
    ["Shown at", shownAt === null ? "–" : shownAt === 100 ? "100 % (1:1)" : `${shownAt} %`, "shown-at"],
  ];
  const sent: readonly Row[] = [
    ["Picture", pictureSize(measured, video), "size"],
    ["Codec", video === null ? (measured?.codec ?? "–") : codecWords(video), "codec"],
    ["Encoder’s rate", frameRateWords(video?.frameRate ?? null), "encoder-rate"],
    ["Colour tags", video === null ? "–" : colourWords(video.colour), "colour"],
    ["Sound", sound ?? soundLine(stream), "sound-state"],
  ];
  return (
    <aside className="cs-panel" aria-label="Signal" data-testid="panel">
      <div className="cs-panel__head">
        <h2 className="cs-panel__title">Signal</h2>
        <button type="button" className="cs-control" onClick={onClose}>
          Close
        </button>
      </div>
      <h3 className="cs-panel__group">On this screen</h3>
      <Rows rows={arrives} />
      <h3 className="cs-panel__group">From the encoder</h3>
      <Rows rows={sent} />
      {gentle !== null && <p className="cs-panel__note">{gentle}</p>}
    </aside>
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
  if (measured?.latencyMs == null) return "–";
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

function soundLine(stream: StreamStatus | null): string {
  if (stream?.audio == null) return "–";
  const channels =
    stream.audio.channels === 1 ? "mono" : stream.audio.channels === 2 ? "stereo" : "multichannel";
  return `Opus ${channels}`;
}
