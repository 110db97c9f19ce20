import type { EngineView, StreamStatus } from "@colourstream/contract";
import type { EngineStream } from "@colourstream/media";
import type { RoomDirectory } from "../../rooms/directory.js";
import type { EngineTake } from "../engine.js";

/** One publish, as the product notes it. */
export function takeFrom(roomId: string, { take, sinceAt, source }: EngineStream): EngineTake {
  return { id: take, roomId, sinceAt, protocol: source?.protocol ?? null, encoder: source?.encoder ?? null };
}

/** What people may know of a stream: neither its name in the engine nor the encoder's address. */
export function statusFrom({
  stream: _name,
  source,
  warnings,
  notices,
  ...shown
}: EngineStream): StreamStatus {
  return {
    ...shown,
    source: source === null ? null : { protocol: source.protocol, encoder: source.encoder },
    warnings: [...warnings],
    notices: [...notices],
  };
}

/** The engine as the owner sees it: one server, without virtual hosts and applications. */
export function embeddedView(of: {
  readonly streams: readonly EngineStream[];
  readonly rooms: Pick<RoomDirectory, "byStream">;
  /** Wall clock: since when it is there, or away. */
  readonly since: number;
  readonly version: string;
  readonly isAway: boolean;
}): EngineView {
  const { streams, rooms, since, version, isAway } = of;
  const rateOf = ({ video, audio }: EngineStream): number =>
    (video?.bitsPerSecond ?? 0) + (audio?.bitsPerSecond ?? 0);
  const sum = (each: (stream: EngineStream) => number): number =>
    streams.reduce((total, stream) => total + each(stream), 0);
  return {
    kind: "embedded",
    nodes: [
      {
        name: "embedded",
        role: "embedded",
        state: isAway ? "away" : "ok",
        since,
        problem: isAway ? "It does not answer and is being started again." : null,
        version: isAway ? null : version,
        address: null,
        viewers: sum(({ viewers }) => viewers),
        bitsPerSecondIn: isAway ? null : sum(rateOf),
        bitsPerSecondOut: isAway ? null : sum((stream) => rateOf(stream) * stream.viewers),
        answerMs: null,
      },
    ],
    apps: [],
    streams: streams.map((stream) => {
      const room = rooms.byStream(stream.stream);
      return {
        node: "embedded",
        vhost: null,
        app: null,
        name: stream.stream,
        room: room === null ? null : { id: room.id, name: room.name },
        since: stream.sinceAt,
        source: stream.source?.protocol ?? null,
        viewers: stream.viewers,
        bitsPerSecondIn: rateOf(stream),
        totalBytesIn: null,
        totalBytesOut: null,
      };
    }),
    admission: null,
  };
}
