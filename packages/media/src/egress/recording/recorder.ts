import { join } from "node:path";
import type { EngineCalls, EngineEvent, EngineRecording } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Stream } from "../../hub/stream.js";
import type { Streams } from "../../hub/streams.js";
import { createMuxer } from "../mp4/muxer.js";
import { type Disk, isFull, whyNotWritten } from "./disk.js";
import { type Recording, startRecording } from "./recording.js";

/** What the recorder needs. */
export type RecorderOptions = {
  /** The one folder that it writes into; made when it is missing. */
  readonly folder: string;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly tell: (event: Extract<EngineEvent, { event: "recordingGrew" | "recordingEnded" }>) => void;
  readonly log: {
    info(about: object, text: string): void;
    warn(about: object, text: string): void;
  };
};

/** Writes streams to disk as they were sent. */
export type Recorder = {
  start(stream: string, recording: string): Promise<EngineCalls["startRecording"]["answer"]>;
  /** Resolves when all of it is on disk. False when there is no such recording. */
  stop(recording: string): Promise<boolean>;
  /** An MP4 of the last keyframe alone. False when there is none, or no room for it. */
  saveKeyframe(stream: string, name: string): Promise<boolean>;
  list(): EngineRecording[];
  /** Ends all; resolves when they are on disk. */
  close(): Promise<void>;
};

/** Fragmented MP4, half a second at a time, so that a kill costs a second at most. */
export function createRecorder({ folder, streams, clock, disk, tell, log }: RecorderOptions): Recorder {
  /** By stream: one at a time takes its frames. Null while its file is being made. */
  const taking = new Map<string, Recording | null>();
  /** By id, until all is on disk. */
  const running = new Map<string, Recording>();

  /** False when the take ended meanwhile. */
  const begin = async (stream: Stream, id: string): Promise<boolean> => {
    const { name } = stream;
    const recording = await startRecording({
      id,
      path: join(folder, `${id}.part.mp4`),
      folder,
      stream,
      disk,
      clock,
      grew: (grown) => tell({ event: "recordingGrew", recording: grown }),
      ending: () => taking.delete(name),
      ended: (grown, { why, detail }) => {
        running.delete(id);
        log.info({ recording: id, why, detail, bytes: grown.bytes }, "a recording ended");
        tell({ event: "recordingEnded", recording: grown, why, detail });
      },
    });
    if (recording === null) return false;
    if (!taking.has(name)) return true; // ended while it began
    taking.set(name, recording);
    running.set(id, recording);
    return true;
  };

  return {
    start: async (streamName, id) => {
      const stream = streams.find(streamName);
      if (stream === null) return { started: false, reason: "not-live" };
      if (taking.has(streamName)) return { started: false, reason: "already-recording" };
      taking.set(streamName, null);
      try {
        await disk.makeFolder(folder);
        if (isFull(await disk.space(folder))) {
          taking.delete(streamName);
          return { started: false, reason: "disk-full" };
        }
        if (!(await begin(stream, id))) {
          taking.delete(streamName);
          return { started: false, reason: "not-live" };
        }
      } catch (error) {
        taking.delete(streamName);
        const { why, detail } = whyNotWritten(error);
        log.warn({ recording: id, detail }, "a recording could not begin");
        return { started: false, reason: why };
      }
      return { started: true, reason: null };
    },
    stop: async (id) => {
      const recording = running.get(id);
      if (recording === undefined) return false;
      await recording.end({ why: "stopped", detail: null });
      return true;
    },
    saveKeyframe: async (streamName, name) => {
      const keyframe = streams.find(streamName)?.gop()[0];
      if (keyframe === undefined) return false;
      const muxer = createMuxer({ video: keyframe.format, audio: null, originTicks: keyframe.unit.dts });
      muxer.add(keyframe);
      const fragment = muxer.cut(null);
      if (fragment === null) return false;
      const path = join(folder, `${name}.keyframe.mp4`);
      try {
        await disk.makeFolder(folder);
        if (isFull(await disk.space(folder))) return false;
        await disk.writeWhole(path, Buffer.concat([muxer.init, ...fragment.bytes]));
        return true;
      } catch (error) {
        log.warn({ detail: whyNotWritten(error).detail }, "a picture for a thumbnail was not saved");
        await disk.remove(path);
        return false;
      }
    },
    list: () => [...running.values()].map((recording) => recording.now()),
    close: async () => {
      const ends = [...running.values()].map((recording) =>
        recording.end({ why: "engine-stopping", detail: null }),
      );
      await Promise.all(ends);
    },
  };
}
