import { expect, test } from "vitest";
import { fakePublisher } from "../../hub/fixtures/publisher.js";
import { createVirtualClock } from "../../hub/fixtures/virtual-clock.js";
import { createStreams } from "../../hub/streams.js";
import { AAC, FORMAT, startEncoder } from "./fixtures/encoder.js";
import { createPackager, type Packager } from "./packager.js";

/** A stream whose encoder is moved by hand, in virtual time. */
function scene(withSound = true) {
  const clock = createVirtualClock();
  let takes = 0;
  const streams = createStreams({
    clock,
    random: (n) => new Uint8Array(n).fill(takes++),
    listener: () => {},
  });
  const refusals: string[] = [];
  let asked = 0;
  const publish = (format = FORMAT, canBeAsked = false) => {
    const port = fakePublisher();
    const requestKeyframe = canBeAsked ? () => void asked++ : null;
    const publication = streams.publish("a", { ...port, requestKeyframe });
    if (publication === "already-live") throw new Error("already live");
    publication.videoFormat(format);
    if (withSound) publication.audioFormat(AAC);
    return { publication, ...startEncoder(publication, clock, withSound) };
  };
  const packagerNow = () => {
    const stream = streams.find("a");
    if (stream === null) throw new Error("not live");
    return createPackager(stream, clock, (reason) => refusals.push(reason));
  };
  return { clock, streams, publish, packager: packagerNow, asked: () => asked, refusals };
}

const lines = (packager: Packager, tag: string) =>
  (packager.playlist() ?? "").split("\n").filter((line) => line.startsWith(tag));
const durations = (packager: Packager) =>
  lines(packager, "#EXT-X-PART:").map((line) => Number(/DURATION=([\d.]+)/.exec(line)?.[1]));

test("the first viewer gets the GOP that is cached, with a whole segment, in parts of five pictures", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(38);
  const packager = it.packager();
  expect(packager.playlist()).toBeNull(); // hls.js would call it empty
  encoder.send(13);
  expect(packager.variant("x")).toMatchObject({
    codecs: ["avc1.640028", "mp4a.40.2"],
    width: 1920,
    transfer: 1,
  });
  expect(lines(packager, "#EXTINF")).toEqual(["#EXTINF:1.00000,"]);
  expect(durations(packager)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  expect(lines(packager, "#EXT-X-PART:")[0]).toContain("INDEPENDENT=YES");
  expect(lines(packager, "#EXT-X-PRELOAD-HINT")).toEqual(['#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1.0.m4s"']);
  expect(lines(packager, "#EXT-X-PART-INF")).toEqual(["#EXT-X-PART-INF:PART-TARGET=0.206"]);
  packager.close();
});

test("with a long GOP the first viewer waits for no keyframe", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(60, 250);
  const packager = it.packager();
  expect(lines(packager, "#EXTINF")).toEqual(["#EXTINF:2.40000,"]);
  packager.close();

  const other = scene();
  const fresh = other.publish();
  fresh.send(1, 250);
  const early = other.packager();
  expect(early.playlist()).toBeNull();
  fresh.send(45, 250);
  expect(early.playlist()).not.toBeNull();
  early.close();
});

test("a part is there with its last picture, and not a picture later", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(25);
  const packager = it.packager();
  const seen: number[] = [];
  let pictures = 0;
  packager.onChange(() => seen.push(pictures));
  for (pictures = 1; pictures <= 25; pictures += 1) encoder.send(1);
  // The keyframe closes the segment before it; then every fifth picture closes a part.
  expect(seen).toEqual([1, 5, 10, 15, 20, 25]);
  packager.close();
});

test("segments begin with keyframes, last a second at least, and the oldest leave", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(25, 10);
  const packager = it.packager();
  encoder.send(500, 10);
  const extinf = lines(packager, "#EXTINF").map((line) => Number(/[\d.]+/.exec(line)?.[0]));
  expect(extinf).toHaveLength(6);
  for (const seconds of extinf) expect(seconds).toBeCloseTo(1.2); // three GOPs of 0.4 s
  const [sequence] = lines(packager, "#EXT-X-MEDIA-SEQUENCE");
  const first = Number(sequence?.split(":")[1]);
  expect(first).toBeGreaterThan(5);
  expect(packager.segment(first - 1)).toBeNull();
  expect(packager.segment(first)?.pieces.length).toBe(6);
  expect(packager.part(first, 0)).not.toBeNull();
  expect(lines(packager, "#EXT-X-TARGETDURATION")).toEqual(["#EXT-X-TARGETDURATION:2"]);
  packager.close();
});

test("a GOP of 10 s makes segments of 10 s; one without end is cut where the playlist promised", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(505, 250);
  const known = it.packager();
  encoder.send(500, 250);
  expect(lines(known, "#EXT-X-TARGETDURATION")).toEqual(["#EXT-X-TARGETDURATION:11"]);
  expect(lines(known, "#EXTINF").at(-1)).toBe("#EXTINF:10.00000,");
  known.close();

  const other = scene();
  const endless = other.publish();
  endless.send(1, 100_000);
  const packager = other.packager();
  endless.send(400, 100_000);
  expect(lines(packager, "#EXT-X-TARGETDURATION")).toEqual(["#EXT-X-TARGETDURATION:6"]);
  expect(lines(packager, "#EXTINF").slice(1)).toEqual(["#EXTINF:6.00000,", "#EXTINF:6.00000,"]);
  expect(lines(packager, "#EXT-X-DISCONTINUITY\n")).toEqual([]);
  packager.close();
});

test("an encoder that can be asked for keyframes is, every two seconds", () => {
  const it = scene();
  const encoder = it.publish(FORMAT, true);
  encoder.send(1, 100_000);
  const packager = it.packager();
  encoder.send(250, 100_000);
  expect(it.asked()).toBeGreaterThanOrEqual(3);
  expect(it.asked()).toBeLessThanOrEqual(5);
  packager.close();
});

test("what is asked for before it is there can be waited for, and only the next one", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(32);
  const packager = it.packager();
  expect(packager.edge()).toEqual({ segment: 0, part: 1 });
  expect(packager.has(0, 0)).toBe(true);
  expect(packager.has(0, 1)).toBe(false);
  expect(packager.has(0, null)).toBe(false);
  expect(packager.part(0, 1)).toBe("not-yet");
  expect(packager.part(0, 2)).toBeNull();
  expect(packager.segment(0)).toBeNull();
  encoder.send(3);
  expect(packager.has(0, 1)).toBe(true);
  expect(packager.part(0, 1)).toMatchObject({ pieces: [expect.any(Uint8Array)] });
  encoder.send(16);
  expect(packager.has(0, 7)).toBe(true); // past the segment's end: its successor has begun
  expect(packager.has(0, null)).toBe(true);
  packager.close();
});

test("a picture of another size begins with a header of its own, and so does sound that comes", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(50);
  const packager = it.packager();
  encoder.publication.videoFormat({ ...FORMAT, width: 1280, height: 720 });
  encoder.send(50);
  expect(lines(packager, "#EXT-X-MAP")).toEqual([
    '#EXT-X-MAP:URI="init-1.mp4"',
    '#EXT-X-MAP:URI="init-2.mp4"',
  ]);
  expect(lines(packager, "#EXT-X-DISCONTINUITY").filter((line) => !line.includes("SEQUENCE"))).toHaveLength(
    1,
  );
  expect(packager.variant("x")).toMatchObject({ width: 1280 });
  expect(packager.init(1)).not.toBeNull();
  packager.close();

  const silent = scene(false);
  const mute = silent.publish();
  mute.send(50);
  const late = silent.packager();
  mute.publication.audioFormat(AAC);
  mute.send(25, 25, 200, true);
  mute.send(50, 25, 200, true);
  expect(late.variant("x")?.codecs).toEqual(["avc1.640028", "mp4a.40.2"]);
  expect(late.init(1)).not.toEqual(late.init(2));
  mute.send(125, 25, 200, false);
  expect(late.variant("x")?.codecs).toEqual(["avc1.640028"]); // players would wait for sound that does not come
  late.close();
});

test("a returning encoder goes on after a discontinuity, with the same header", () => {
  const it = scene();
  const first = it.publish();
  first.send(60);
  const packager = it.packager();
  first.publication.close("lost");
  it.clock.run(8000);
  expect(packager.isEnded()).toBe(false);
  const again = it.publish({ ...FORMAT });
  again.send(60);
  expect(lines(packager, "#EXT-X-DISCONTINUITY").filter((line) => !line.includes("SEQUENCE"))).toHaveLength(
    1,
  );
  expect(new Set(lines(packager, "#EXT-X-MAP")).size).toBe(1);
  expect(packager.variant("x")?.codecs).toEqual(["avc1.640028", "mp4a.40.2"]);
  const times = lines(packager, "#EXT-X-PROGRAM-DATE-TIME").map((line) => Date.parse(line.slice(25)));
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(8000);
  packager.close();
});

test("when nobody comes back the playlist ends; within ten seconds the next take goes on in it", () => {
  const it = scene();
  const first = it.publish();
  first.send(60);
  const packager = it.packager();
  first.publication.close("ended");
  it.clock.run(35_000); // interrupted for 30 s, over for 5
  expect(packager.isEnded()).toBe(false);
  const next = it.publish();
  next.send(30);
  it.clock.run(10_000);
  expect(packager.isEnded()).toBe(false);
  next.publication.close("ended");
  it.clock.run(45_000);
  expect(packager.isEnded()).toBe(true);
  expect(lines(packager, "#EXT-X-ENDLIST")).toHaveLength(1);
  expect(lines(packager, "#EXT-X-PRELOAD-HINT")).toEqual([]);
  expect(it.streams.list()).toEqual([]); // nothing holds the stream any more
});

test("pictures that stop within a part are given out after a second", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(28);
  const packager = it.packager();
  expect(durations(packager)).toEqual([]);
  it.clock.run(1700);
  expect(durations(packager)).toEqual([0.12]);
  encoder.skip(43); // the encoder's clock went on
  encoder.send(12);
  expect(durations(packager)).toEqual([0.12, 0.2, 0.2]);
  packager.close();
});

test("200 Mb/s stay within 64 MiB", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(26, 250, 1024 * 1024);
  const packager = it.packager();
  encoder.send(120, 250, 1024 * 1024);
  const [sequence] = lines(packager, "#EXT-X-MEDIA-SEQUENCE");
  const first = Number(sequence?.split(":")[1]);
  let bytes = 0;
  for (let number = first; number <= packager.edge().segment; number += 1) {
    for (let part = 0; part < 100; part += 1) {
      const found = packager.part(number, part);
      if (found !== null && found !== "not-yet")
        bytes += found.pieces.reduce((sum, { length }) => sum + length, 0);
    }
  }
  expect(bytes).toBeLessThan(70 * 1024 * 1024); // the part that has just come may stand above it
  expect(bytes).toBeGreaterThan(30 * 1024 * 1024);
  packager.close();
});

test("a configuration that cannot be read ends the package, and not the encoder that sent it", () => {
  const it = scene();
  const encoder = it.publish();
  encoder.send(50);
  const packager = it.packager();
  encoder.publication.videoFormat({ ...FORMAT, width: 640, parameterSets: [] });
  encoder.send(50);
  expect(it.refusals).toEqual(["avcC: there is no SPS"]);
  expect(packager.isEnded()).toBe(true);
  expect(it.streams.list()[0]?.state).toBe("live");
  expect(it.packager().isEnded()).toBe(true); // who comes now is told at once
});
