import type { AccessUnit, AudioFormat, AudioUnit, VideoFormat, VideoUnit } from "../../hub/access-unit.js";
import type { PublisherPort, PublishPoint } from "../../hub/ports.js";

/** All that one publisher gave to the hub, in order: what tests look at. */
export type RecordedPublisher = {
  readonly stream: string;
  readonly port: PublisherPort;
  readonly videoFormats: VideoFormat[];
  readonly audioFormats: AudioFormat[];
  readonly video: VideoUnit[];
  readonly audio: AudioUnit[];
  readonly notices: string[];
  closed: "ended" | "lost" | null;
};

/** A publish point that lets everyone in whose stream is free and keeps what it is given. For tests only. */
export function startRecordingHub(): {
  readonly hub: PublishPoint;
  readonly publishers: RecordedPublisher[];
} {
  const publishers: RecordedPublisher[] = [];
  const hub: PublishPoint = {
    publish(stream, port) {
      if (publishers.some((other) => other.stream === stream && other.closed === null)) return "already-live";
      const recorded: RecordedPublisher = {
        stream,
        port,
        videoFormats: [],
        audioFormats: [],
        video: [],
        audio: [],
        notices: [],
        closed: null,
      };
      publishers.push(recorded);
      return {
        videoFormat: (format) => recorded.videoFormats.push(format),
        audioFormat: (format) => recorded.audioFormats.push(format),
        write(unit: AccessUnit) {
          if (unit.kind === "video") recorded.video.push(unit);
          else recorded.audio.push(unit);
        },
        notice: (text) => recorded.notices.push(text),
        close(how) {
          recorded.closed ??= how;
        },
      };
    },
  };
  return { hub, publishers };
}
