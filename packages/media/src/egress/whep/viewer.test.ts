import { expect, test } from "vitest";
import { FORMAT, fakePublisher, writeFrames } from "../../hub/fixtures/publisher.js";
import { createVirtualClock } from "../../hub/fixtures/virtual-clock.js";
import { createStreams } from "../../hub/streams.js";
import { isRtcp, parseRtpPacket, type RtpPacket } from "../../wire/rtp/packet.js";
import { parseRtcp, type RtcpPacket } from "../../wire/rtp/rtcp.js";
import { writeRtcp } from "../../wire/rtp/rtcp-write.js";
import { createPacketRing } from "./packet-ring.js";
import { createViewer } from "./viewer.js";

const VIDEO = { payloadType: 102, ssrc: 1, rtx: null, extensions: new Map() };
const AUDIO = { payloadType: 111, ssrc: 2, rtx: null, extensions: new Map() };

/** A viewer whose peer is a list, on a clock that only moves when told to. `start` is every random number. */
function watching(start = 0) {
  const clock = createVirtualClock();
  const streams = createStreams({
    clock,
    random: (bytes) => new Uint8Array(bytes),
    listener: () => undefined,
  });
  const publication = streams.publish("a", fakePublisher());
  const stream = streams.find("a");
  if (publication === "already-live" || stream === null) throw new Error("not live");
  publication.videoFormat(FORMAT);
  publication.audioFormat({ codec: "opus", sampleRate: 48_000, channels: 2, config: new Uint8Array(0) });
  const sent: { atMs: number; packet: RtpPacket }[] = [];
  const rtcp: RtcpPacket[] = [];
  const ends: string[] = [];
  const peer = {
    send(bytes: Buffer) {
      const copy = Buffer.from(bytes);
      if (isRtcp(copy)) rtcp.push(...parseRtcp(copy));
      else sent.push({ atMs: clock.now(), packet: parseRtpPacket(copy) });
      return true;
    },
  };
  const viewer = createViewer(
    { stream, ring: createPacketRing(clock), peer },
    { codec: "h264", video: VIDEO, audio: AUDIO, cname: "c" },
    { clock, randomU32: () => start },
    { ended: (reason) => ends.push(reason) },
  );
  const video = () => sent.filter(({ packet }) => packet.ssrc === VIDEO.ssrc).map(({ packet }) => packet);
  const ask = (packet: RtcpPacket) => viewer.rtcp(writeRtcp([packet]));
  /** Says once a second that it is there, as browsers do. */
  const stay = () => {
    ask({ is: "receiver-report", ssrc: 9, reports: [] });
    clock.after(1000, stay);
  };
  return { clock, streams, publication, sent, rtcp, ends, viewer, video, ask, stay };
}

test("sequence numbers and times that begin 10 s before their wrap go on over it", () => {
  const tenSeconds = 10 * 90_000;
  const it = watching(2 ** 32 - tenSeconds - 10_000 * 90);
  it.viewer.start();
  it.stay();
  writeFrames(it.clock, it.publication, { count: 500, bytes: 5000 });
  const packets = it.video();
  const first = packets[0];
  expect(first?.timestamp).toBe(2 ** 32 - tenSeconds);
  expect(packets.some(({ timestamp }) => timestamp < tenSeconds)).toBe(true);
  const times = packets.map(({ timestamp }) => (timestamp - (first?.timestamp ?? 0)) >>> 0);
  expect(times.at(-1)).toBe(499 * 3600);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const numbers = packets.map(
    ({ sequenceNumber }) => (sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff,
  );
  expect(numbers).toEqual(packets.map((_, at) => at & 0xffff));
  const reports = it.rtcp.flatMap((packet) =>
    packet.is === "sender-report" && packet.ssrc === 1 ? [packet] : [],
  );
  const drift = ((reports.at(-1)?.rtpTimestamp ?? 0) - (packets.at(-1)?.timestamp ?? 0)) | 0;
  expect(Math.abs(drift)).toBeLessThan(90_000);
});

test("more than a whole circle of sequence numbers is sent without a hole, and the old ones are not found", () => {
  const it = watching(0xffff_fff0);
  it.viewer.start();
  it.stay();
  writeFrames(it.clock, it.publication, { count: 800, bytes: 100_000, gop: 50 });
  const packets = it.video();
  expect(packets.length).toBeGreaterThan(66_000);
  for (let at = 1; at < packets.length; at += 1) {
    const step = ((packets[at]?.sequenceNumber ?? 0) - (packets[at - 1]?.sequenceNumber ?? 0)) & 0xffff;
    if (step !== 1) throw new Error(`a step of ${step} at ${at}`);
  }
  const before = it.sent.length;
  const old = packets[packets.length - 5000]?.sequenceNumber ?? 0;
  it.ask({ is: "nack", sender: 9, media: 1, lost: [old] });
  expect(it.sent.length).toBe(before);
  const young = packets.at(-10)?.sequenceNumber ?? 0;
  it.ask({ is: "nack", sender: 9, media: 1, lost: [young] });
  expect(it.sent.at(-1)?.packet).toEqual(packets.at(-10));
});

test("a small picture goes out in the same call, a large one at 24 packets a millisecond", () => {
  const it = watching();
  it.viewer.start();
  writeFrames(it.clock, it.publication, { count: 1, bytes: 60_000 });
  const at = it.sent[0]?.atMs ?? 0;
  expect(it.sent.filter(({ atMs }) => atMs === at).length).toBeGreaterThanOrEqual(51);
  const before = it.sent.length;
  const start = it.clock.now();
  writeFrames(it.clock, it.publication, { count: 1, from: 3600, gop: 1, bytes: 600_000 });
  const large = it.sent.slice(before).filter(({ packet }) => packet.ssrc === 1);
  expect(large.length).toBeGreaterThan(500);
  const within = (ms: number) => large.filter(({ atMs }) => atMs - start <= ms).length;
  expect(within(0)).toBeLessThanOrEqual(64);
  expect(within(10)).toBeLessThanOrEqual(64 + 240);
  expect(within(25)).toBe(large.length);
});

test("1,000 keyframe requests a second bring the GOP less and less often", () => {
  const it = watching();
  it.viewer.start();
  writeFrames(it.clock, it.publication, { count: 26, gop: 1000 });
  const replays: number[] = [];
  const keyframe = it.video()[0]?.payload;
  for (let second = 0; second < 10; second += 1) {
    for (let frame = 0; frame < 25; frame += 1) {
      for (let count = 0; count < 40; count += 1) it.ask({ is: "pli", sender: 9, media: 1 });
      const dts = (26 + second * 25 + frame) * 3600;
      const units = [Uint8Array.of(0x41, frame)];
      const arrivedAtMs = it.clock.now();
      it.publication.write({ kind: "video", pts: dts, dts, isKeyframe: false, units, arrivedAtMs });
      it.clock.run(40);
      if (it.ends.length > 0) throw new Error(it.ends[0]);
    }
  }
  for (const { atMs, packet } of it.sent.slice(1)) {
    if (packet.ssrc === 1 && keyframe !== undefined && Buffer.compare(packet.payload, keyframe) === 0)
      replays.push(atMs);
  }
  expect(replays.length).toBeGreaterThan(0);
  for (let at = 1; at < replays.length; at += 1) {
    expect((replays[at] ?? 0) - (replays[at - 1] ?? 0)).toBeGreaterThanOrEqual(500);
  }
  const times = it.video().map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("a viewer that is sent to and silent for 14 s is let go, whether it ever reported or not", () => {
  const it = watching();
  it.viewer.start();
  it.ask({ is: "receiver-report", ssrc: 9, reports: [] });
  writeFrames(it.clock, it.publication, { count: 330 });
  expect(it.ends).toEqual([]);
  writeFrames(it.clock, it.publication, { count: 60, from: 330 * 3600 });
  expect(it.ends).toEqual(["no report from the viewer for 14 s"]);
  expect(it.rtcp.at(-1)).toEqual({ is: "bye", ssrcs: [1, 2] });
  const other = watching();
  other.viewer.start();
  writeFrames(other.clock, other.publication, { count: 330 });
  expect(other.ends).toEqual([]);
  writeFrames(other.clock, other.publication, { count: 60, from: 330 * 3600 });
  expect(other.ends).toEqual(["no report from the viewer for 14 s"]);
});

test("RTCP that is none ends the viewer who sent it, with the reason", () => {
  const it = watching();
  it.viewer.start();
  it.viewer.rtcp(Uint8Array.of(0x81, 205, 0, 9, 0));
  expect(it.ends[0]).toMatch(/rtcp: wanted 36 bytes/);
});

test("a viewer waits for a new take and leaves when it is in another codec", () => {
  const it = watching();
  it.viewer.start();
  writeFrames(it.clock, it.publication, { count: 5 });
  it.publication.close("ended");
  it.clock.run(31_000);
  expect(it.ends).toEqual([]);
  const next = it.streams.publish("a", fakePublisher());
  if (next === "already-live") throw new Error("already live");
  next.videoFormat(FORMAT);
  const before = it.video();
  writeFrames(it.clock, next, { count: 5 });
  expect(it.video().length).toBe(2 * before.length);
  expect(it.video().at(-1)?.timestamp).toBeGreaterThan((before.at(-1)?.timestamp ?? 0) + 30 * 90_000);
  next.videoFormat({ ...FORMAT, codec: "vp9", parameterSets: [] });
  writeFrames(it.clock, next, { count: 1, from: 5 * 3600 });
  expect(it.ends[0]).toMatch(/codec is now vp9/);
});

test("Opus times follow the samples although the source's are rounded to milliseconds", () => {
  const it = watching();
  it.viewer.start();
  for (let at = 0; at < 100; at += 1) {
    const pts = Math.round((at * 1024) / 44.1) * 90;
    it.publication.write({
      kind: "audio",
      pts: pts - (at % 2) * 90,
      payload: Uint8Array.of(0xfc, at),
      arrivedAtMs: it.clock.now(),
    });
    if (at * 20 > 200) break;
    it.clock.run(20);
  }
  const times = it.sent.filter(({ packet }) => packet.ssrc === 2).map(({ packet }) => packet.timestamp);
  const steps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  expect(steps.slice(0, 3)).toEqual([960, 960, 960]);
});
