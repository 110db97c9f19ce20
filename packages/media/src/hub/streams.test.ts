import { expect, test } from "vitest";
import type { EngineEvent } from "../control/protocol.js";
import type { AudioUnit } from "./access-unit.js";
import { FORMAT, fakePublisher, writeFrames } from "./fixtures/publisher.js";
import { createVirtualClock } from "./fixtures/virtual-clock.js";
import { isVideo } from "./frame.js";
import type { MakeTranscoder, Publication, TranscoderCallbacks } from "./ports.js";
import type { Reader, ReaderOptions } from "./reader.js";
import { createStreams } from "./streams.js";

function set(makeTranscoder?: MakeTranscoder) {
  const clock = createVirtualClock();
  const events: EngineEvent[] = [];
  let takes = 0;
  const streams = createStreams({
    clock,
    random: (bytes) => new Uint8Array(bytes).fill(takes++),
    makeTranscoder,
    listener: (event) => events.push(event),
  });
  const publish = (publisher = fakePublisher()) => {
    const publication = streams.publish("a", publisher);
    if (publication === "already-live") throw new Error("already live");
    publication.videoFormat(FORMAT);
    return publication;
  };
  const names = () => events.filter((event) => event.event !== "changed").map((event) => event.event);
  return { clock, events, streams, publish, names };
}

function readerOf(stream: { read(options: ReaderOptions): Reader }, options: Partial<ReaderOptions> = {}) {
  const ended: string[] = [];
  const reader = stream.read({
    tracks: "video",
    audio: "opus",
    isViewer: true,
    wake: () => undefined,
    takeEnded: (reason) => ended.push(reason),
    ...options,
  });
  const all = () => {
    const frames = [];
    for (let frame = reader.read(); frame !== null; frame = reader.read()) frames.push(frame);
    return frames;
  };
  return { reader, all, ended };
}

const live = (of: ReturnType<typeof set>) => {
  const stream = of.streams.find("a");
  if (stream === null) throw new Error("not live");
  return stream;
};

test("a second publisher is refused while the first sends, and not a byte of it is read", () => {
  const it = set();
  const first = it.publish();
  writeFrames(it.clock, first, { count: 10 });
  expect(it.streams.publish("a", fakePublisher())).toBe("already-live");
  expect(it.names()).toEqual(["published"]);
});

const WAYS_IN: [string, (first: ReturnType<typeof fakePublisher>, run: (ms: number) => void) => void][] = [
  ["has sent nothing for 1 s", (_first, run) => run(1000)],
  [
    "has a dead socket",
    (first) => {
      first.dead = true;
    },
  ],
];
for (const [name, make] of WAYS_IN) {
  test(`a second publisher takes over at once when the first ${name}, within the same take`, () => {
    const it = set();
    const old = fakePublisher();
    const first = it.publish(old);
    writeFrames(it.clock, first, { count: 30, from: 900_000 });
    const { all, reader } = readerOf(live(it));
    expect(reader.gop).toHaveLength(5);
    make(old, (ms) => it.clock.run(ms));
    const second = it.publish();
    expect(old.ends).toEqual(["taken-over"]);
    writeFrames(it.clock, first, { count: 5 });
    expect(all()).toEqual([]);
    writeFrames(it.clock, second, { count: 30, gop: 25 });
    const times = all().map((frame) => frame.unit.pts);
    expect(times).toHaveLength(30);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(reader.gop.at(-1)?.unit.pts ?? Number.MAX_VALUE);
    const published = it.events.filter((event) => event.event === "published");
    expect(published.map((event) => event.resumed)).toEqual([false, true]);
    expect(new Set(published.map((event) => event.stream.take)).size).toBe(1);
  });
}

test("an encoder takes over from the test signal at once, as a new take that the same reader sees", () => {
  const it = set();
  const signal = fakePublisher("test-signal");
  writeFrames(it.clock, it.publish(signal), { count: 3 });
  const { all, ended } = readerOf(live(it));
  writeFrames(it.clock, it.publish(), { count: 3 });
  expect(signal.ends).toEqual(["taken-over"]);
  expect(ended).toEqual(["taken-over"]);
  expect(all()).toHaveLength(3);
  expect(it.names()).toEqual(["published", "unpublished", "published"]);
});

test("no video for 500 ms is a stall, the next picture ends it, 15 s of silence end the publisher", () => {
  const it = set();
  const publisher = fakePublisher();
  const publication = it.publish(publisher);
  writeFrames(it.clock, publication, { count: 30 });
  it.clock.run(600);
  expect(it.names()).toEqual(["published", "stalled"]);
  writeFrames(it.clock, publication, { count: 1, from: 200_000 });
  expect(it.names()).toEqual(["published", "stalled", "recovered"]);
  it.clock.run(15_100);
  expect(publisher.ends).toEqual(["disconnected"]);
  expect(it.names().at(-1)).toBe("interrupted");
});

for (const away of [1, 10, 29]) {
  test(`an encoder that is back after ${away} s goes on with the take, readers wait for its keyframe`, () => {
    const it = set();
    const first = it.publish();
    writeFrames(it.clock, first, { count: 30, from: 5_000_000 });
    const { all, reader, ended } = readerOf(live(it));
    first.close("lost");
    it.clock.run(away * 1000);
    const second = it.publish();
    second.write({
      kind: "video",
      pts: 0,
      dts: 0,
      isKeyframe: false,
      units: [new Uint8Array(1)],
      arrivedAtMs: it.clock.now(),
    });
    writeFrames(it.clock, second, { count: 10, from: 3600 });
    const frames = all();
    expect(frames[0]).toSatisfy((frame) => isVideo(frame) && frame.unit.isKeyframe);
    const gap = (frames[0]?.unit.pts ?? 0) - (reader.gop.at(-1)?.unit.pts ?? 0);
    expect(gap / 90_000).toBeCloseTo(away + 0.08, 1);
    expect(ended).toEqual([]);
    expect(it.names()).toEqual(["published", "interrupted", "published"]);
  });
}

test("after 30 s the take is over and readers are told; one who stays sees the next take", () => {
  const it = set();
  const first = it.publish();
  writeFrames(it.clock, first, { count: 3 });
  const { all, ended } = readerOf(live(it));
  first.close("ended");
  it.clock.run(29_000);
  expect(it.streams.list()[0]?.state).toBe("interrupted");
  it.clock.run(1200);
  expect(ended).toEqual(["not-returned"]);
  expect(it.streams.find("a")).toBeNull();
  expect(it.streams.list()).toEqual([]);
  writeFrames(it.clock, it.publish(), { count: 3 });
  expect(all()).toHaveLength(3);
  const takes = it.events.flatMap((event) => (event.event === "published" ? [event.stream.take] : []));
  expect(new Set(takes).size).toBe(2);
});

test("a slow reader drops to the next keyframe and others lose nothing", () => {
  const it = set();
  const publication = it.publish();
  writeFrames(it.clock, publication, { count: 1 });
  const slow = readerOf(live(it));
  const quick = readerOf(live(it));
  let read = 0;
  for (let gop = 0; gop < 30; gop += 1) {
    writeFrames(it.clock, publication, { count: 25, from: 3600 * (1 + 25 * gop) });
    read += quick.all().length;
  }
  expect(read).toBe(750);
  expect(quick.reader.dropped()).toBe(0);
  const frames = slow.all();
  expect(frames.length + slow.reader.dropped()).toBe(750);
  expect(slow.reader.dropped()).toBeGreaterThanOrEqual(512);
  expect(frames[0]).toSatisfy((frame) => isVideo(frame) && frame.unit.isKeyframe);
});

test("a reader's queue holds at most 8 MB", () => {
  const it = set();
  const publication = it.publish();
  writeFrames(it.clock, publication, { count: 1 });
  const { reader, all } = readerOf(live(it));
  writeFrames(it.clock, publication, { count: 40, from: 3600, gop: 10, bytes: 1024 * 1024 });
  expect(reader.dropped()).toBeGreaterThan(0);
  expect(all().reduce((sum, frame) => sum + frame.bytes, 0)).toBeLessThanOrEqual(8 * 1024 * 1024);
});

test("the GOP of a stream without a second keyframe is let go at its bound", () => {
  const it = set();
  const publication = it.publish();
  writeFrames(it.clock, publication, { count: 601, gop: 10_000 });
  expect(live(it).gop()).toEqual([]);
  const { all } = readerOf(live(it));
  writeFrames(it.clock, publication, { count: 2, from: 601 * 3600, gop: 10_000 });
  expect(all()).toHaveLength(2);
});

test("rates, frame rate and GOP are measured; a GOP over 4 s is warned of", () => {
  const it = set();
  const publication = it.publish();
  writeFrames(it.clock, publication, { count: 60, bytes: 5000 });
  const video = it.streams.list()[0]?.video;
  expect(video?.frameRate).toBe(25);
  expect(video?.gopFrames).toBe(25);
  expect(video?.bitsPerSecond).toBeGreaterThan(950_000);
  expect(video?.bitsPerSecond).toBeLessThan(1_050_000);
  expect(it.streams.list()[0]?.warnings).toEqual([]);
  writeFrames(it.clock, publication, { count: 110, from: 60 * 3600, gop: 1000 });
  expect(it.streams.list()[0]?.warnings).toEqual(["long-gop"]);
});

test("what browsers cannot show is warned of", () => {
  const it = set();
  const publication = it.publish();
  publication.videoFormat({ ...FORMAT, codec: "h265", colour: null, reorderFrames: 2 });
  writeFrames(it.clock, publication, { count: 5 });
  expect(it.streams.list()[0]?.warnings).toEqual(["b-frames", "untagged-colour", "codec-not-in-webrtc"]);
  const silent = it.streams.publish("b", fakePublisher());
  it.clock.run(5200);
  expect(it.streams.list().find((stream) => stream.stream === "b")?.warnings).toEqual(["no-video"]);
  expect(silent).not.toBe("already-live");
});

test("B-frames are seen in the times although the bitstream does not say so", () => {
  const it = set();
  const publication = it.publish();
  for (const [dts, pts] of [
    [0, 7200],
    [3600, 14_400],
    [7200, 10_800],
  ] as const) {
    publication.write({
      kind: "video",
      dts,
      pts,
      isKeyframe: dts === 0,
      units: [new Uint8Array(4)],
      arrivedAtMs: it.clock.now(),
    });
  }
  expect(it.streams.list()[0]?.warnings).toEqual(["b-frames"]);
  expect(it.streams.list()[0]?.video?.reorderFrames).toBe(1);
});

test("measures are told at most every 2 s while live", () => {
  const it = set();
  const publication = it.publish();
  writeFrames(it.clock, publication, { count: 5 });
  const before = it.events.length;
  writeFrames(it.clock, publication, { count: 250, from: 18_000 });
  expect(it.events.length - before).toBeGreaterThanOrEqual(4);
  expect(it.events.length - before).toBeLessThanOrEqual(6);
});

const audioUnit = (pts: number): AudioUnit => ({
  kind: "audio",
  pts,
  payload: new Uint8Array(10),
  arrivedAtMs: 0,
});
const aac = { codec: "aac", sampleRate: 48_000, channels: 2, config: Uint8Array.of(0x11, 0x90) } as const;

test("AAC goes through the transcoder for WebRTC and stays itself for others", () => {
  const written: AudioUnit[] = [];
  let out: TranscoderCallbacks | null = null;
  let closed = 0;
  const it = set((callbacks) => {
    out = callbacks;
    return {
      format: () => undefined,
      write: (unit) => {
        written.push(unit);
        callbacks.state("ok");
        callbacks.opus({ ...unit, payload: new Uint8Array(3) });
      },
      close: () => {
        closed += 1;
      },
    };
  });
  const publication: Publication = it.publish();
  expect(it.streams.list()[0]?.sound).toBe("none-sent");
  publication.audioFormat(aac);
  const opus = readerOf(live(it), { tracks: "audio" });
  const raw = readerOf(live(it), { tracks: "both", audio: "as-sent" });
  publication.write(audioUnit(0));
  expect(it.streams.list()[0]?.sound).toBe("ok");
  expect(opus.all().map((frame) => [frame.bytes, frame.unit.pts])).toEqual([[3, written[0]?.pts]]);
  expect(raw.all().map((frame) => frame.bytes)).toEqual([10]);
  publication.close("ended");
  it.clock.run(31_000);
  expect(closed).toBe(1);
  expect(out).not.toBeNull();
});

test("without a codec the sound is codec-missing; Opus passes through", () => {
  const it = set();
  const publication = it.publish();
  publication.audioFormat(aac);
  expect(it.streams.list()[0]?.sound).toBe("codec-missing");
  publication.audioFormat({ ...aac, codec: "opus", config: new Uint8Array(0) });
  const opus = readerOf(live(it), { tracks: "audio" });
  publication.write(audioUnit(0));
  expect(opus.all()).toHaveLength(1);
  expect(it.streams.list()[0]?.sound).toBe("ok");
});

test("who takes both tracks as sent begins with the sound since the keyframe; nobody else does", () => {
  const it = set();
  const publication = it.publish();
  publication.audioFormat({ codec: "opus", sampleRate: 48_000, channels: 2, config: new Uint8Array() });
  for (let at = 0; at < 60; at += 1) {
    const time = at * 3600;
    const arrivedAtMs = it.clock.now();
    // The keyframe comes after the sound of its time, as it takes longer to encode.
    publication.write({ kind: "audio", pts: time, payload: Uint8Array.of(at), arrivedAtMs });
    const units = [new Uint8Array(10)];
    publication.write({ kind: "video", pts: time, dts: time, isKeyframe: at % 25 === 0, units, arrivedAtMs });
    it.clock.run(40);
  }
  const wants = { tracks: "both", audio: "as-sent" } as const;
  const { gop, gopSound } = readerOf(live(it), wants).reader;
  expect(gop).toHaveLength(10);
  expect(gopSound.map(({ unit }) => unit.payload[0])).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
  expect(gopSound[0]?.unit.pts).toBe(gop[0]?.unit.pts);
  expect(readerOf(live(it), { ...wants, audio: "opus" }).reader.gopSound).toEqual([]);
  expect(readerOf(live(it), { ...wants, tracks: "audio" }).reader.gopSound).toEqual([]);
});
