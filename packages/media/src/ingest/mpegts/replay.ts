import { readFileSync } from "node:fs";
import { type RecordedPublisher, startRecordingHub } from "../rtmp/recording-hub.js";
import { type TsSource, tsToUnits } from "./to-units.js";

/** Short streams of real muxers; read from the source tree, also when run from dist. */
export const FIXTURE_NAMES = [
  "ffmpeg-zerolatency",
  "ffmpeg-b-frames",
  "ffmpeg-pes-length",
  "ffmpeg-latm",
  "ffmpeg-opus",
  "ffmpeg-hevc-mp2",
  "gstreamer",
] as const;

/** The bytes of one of them. */
export function readFixture(name: (typeof FIXTURE_NAMES)[number]): Uint8Array {
  const place = `../../../src/ingest/mpegts/fixtures/${name}.mpegts`;
  return new Uint8Array(readFileSync(new URL(place, import.meta.url)));
}

/** A demultiplexer whose publication is recorded; for tests. */
export type Replay = {
  readonly source: TsSource;
  readonly publisher: RecordedPublisher;
  readonly skipped: string[];
};

/** Starts one. */
export function startReplay(): Replay {
  const { hub, publishers } = startRecordingHub();
  const publication = hub.publish("room", {
    source: { protocol: "srt", address: "127.0.0.1", encoder: null },
    end: () => {},
    isDead: () => false,
    requestKeyframe: null,
    link: () => null,
  });
  const [publisher] = publishers;
  if (publication === "already-live" || publisher === undefined) throw new Error("not let in");
  const skipped: string[] = [];
  return { source: tsToUnits(publication, (reason) => skipped.push(reason)), publisher, skipped };
}
