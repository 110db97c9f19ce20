import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verdict } from "../../control/protocol.js";
import { fakePublisher } from "../../hub/fixtures/publisher.js";
import type { Publication } from "../../hub/ports.js";
import { createStreams, type Streams } from "../../hub/streams.js";
import { systemClock } from "../../transport/system-clock.js";
import { ABSOLUTE_CAPTURE_TIME_URI, PLAYOUT_DELAY_URI } from "../../wire/rtp/header-extension.js";
import type { RtpPacket } from "../../wire/rtp/packet.js";
import { parseSdp } from "../../wire/rtp/sdp.js";
import { type Clip, makeH264Clip } from "./fixtures/clip.js";
import { startLossyRelay } from "./fixtures/lossy-relay.js";
import { startWhep } from "./fixtures/whep-server.js";
import { ask, makeOffer, picturesOf, VIDEO_TYPE, type WhepViewer, watch } from "./fixtures/whep-viewer.js";

const folder = mkdtempSync(join(tmpdir(), "whep-"));
const httpPath = join(folder, "http.sock");
let clip: Clip;
let streams: Streams;
let whep: Awaited<ReturnType<typeof startWhep>>;
let lifetimeMs: number | null = null;

const TICKETS: Record<string, Verdict> = {};
const admitted = (stream: string): Verdict => ({
  allowed: true,
  stream,
  viewer: "v1",
  lifetimeMs,
  passphrase: null,
});

beforeAll(async () => {
  clip = makeH264Clip({ seconds: 14, size: "640x360", bitrate: "4M" });
  streams = createStreams({ clock: systemClock, random: randomBytes, listener: () => undefined });
  whep = await startWhep({
    httpPath,
    webrtc: { firstPort: 0, lastPort: 0, publicAddress: null, bindAddress: "127.0.0.1" },
    mayPlay: async (ticket) =>
      TICKETS[ticket] ??
      (ticket.startsWith("ok-") ? admitted(ticket.slice(3)) : { allowed: false, reason: "invalid-ticket" }),
    streams,
    log: { info: () => undefined, warn: () => undefined },
  });
});

afterAll(async () => {
  await whep.close();
  streams.close();
  rmSync(folder, { recursive: true });
});

/** Plays the clip into a stream in real time or faster, from a keyframe on. */
function publish(name: string): {
  publication: Publication;
  play(from: number, to: number, everyMs: number): Promise<void>;
} {
  const publication = streams.publish(name, fakePublisher());
  if (publication === "already-live") throw new Error("already live");
  publication.videoFormat(clip.format);
  publication.audioFormat({ codec: "opus", sampleRate: 48_000, channels: 2, config: new Uint8Array(0) });
  return {
    publication,
    async play(from, to, everyMs) {
      const start = performance.now();
      for (let at = from; at < to; at += 1) {
        const picture = clip.pictures[at % clip.pictures.length];
        if (picture === undefined) throw new Error("no picture");
        const wait = start + (at - from) * everyMs - performance.now();
        if (wait > 0) await sleep(wait);
        const arrivedAtMs = performance.now();
        const dts = at * 3750;
        publication.write({
          kind: "video",
          pts: dts,
          dts,
          isKeyframe: picture.isKeyframe,
          units: picture.nals,
          arrivedAtMs,
        });
        for (const half of [0, 1]) {
          const payload = Uint8Array.of(0xfc, at & 0xff, half);
          publication.write({ kind: "audio", pts: dts + half * 1800, payload, arrivedAtMs });
        }
      }
    },
  };
}

const hashOf = (nals: readonly Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const nal of nals) hash.update(`${nal.length}:`).update(nal);
  return hash.digest("hex");
};

/** What a viewer must get of a picture: as sent, with the parameter sets behind the delimiter of a keyframe. */
const expectedOf = (at: number) => {
  const picture = clip.pictures[at];
  if (picture === undefined) throw new Error("no picture");
  const [delimiter, ...rest] = picture.nals;
  if (delimiter === undefined || !picture.isKeyframe) return hashOf(picture.nals);
  return hashOf([delimiter, ...clip.format.parameterSets, ...rest]);
};

async function until(holds: () => boolean, ms = 5000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("not within its time");
    await sleep(10);
  }
}

test("a viewer gets every access unit NAL for NAL, 312 of 312", { timeout: 30_000 }, async () => {
  const { play, publication } = publish("whole");
  await play(0, 1, 0);
  const viewer = await watch(httpPath, "ok-whole");
  await play(1, 312, 8);
  await until(() => picturesOf(viewer.video).length >= 312);
  const pictures = picturesOf(viewer.video);
  expect(pictures.every((picture) => picture.isWhole)).toBe(true);
  expect(pictures.map(({ nals }) => hashOf(nals))).toEqual(
    clip.pictures.slice(0, 312).map((_, at) => expectedOf(at)),
  );
  const steps = pictures.slice(2).map(({ time }, at) => (time - (pictures[at + 1]?.time ?? 0)) >>> 0);
  expect(new Set(steps)).toEqual(new Set([3750]));
  await until(() => viewer.audio.length >= 2 * 300); // sound is not kept for those who come while pictures already run
  viewer.close();
  publication.close("ended");
});

test("each packet asks for no playout delay, each first one tells when the picture came in", async () => {
  const { play, publication } = publish("extensions");
  await play(0, 1, 0);
  const viewer = await watch(httpPath, "ok-extensions");
  await play(1, 30, 5);
  await until(() => picturesOf(viewer.video).length >= 30);
  const [video] = parseSdp(viewer.answer).media;
  expect(video?.extensions).toEqual([
    { id: 3, uri: PLAYOUT_DELAY_URI },
    { id: 7, uri: ABSOLUTE_CAPTURE_TIME_URI },
  ]);
  let previous = -1;
  for (const packet of viewer.video) {
    const isFirst = packet.timestamp !== previous;
    previous = packet.timestamp;
    expect(packet.extensions.map(({ id }) => id)).toEqual(isFirst ? [3, 7] : [3]);
    expect([...(packet.extensions[0]?.data ?? [])]).toEqual([0, 0, 0]);
    if (!isFirst) continue;
    const time = Buffer.from(packet.extensions[1]?.data ?? []);
    const seconds = time.readUInt32BE(0) - 2_208_988_800 + time.readUInt32BE(4) / 2 ** 32;
    expect(Math.abs(Date.now() / 1000 - seconds)).toBeLessThan(10);
  }
  viewer.close();
  publication.close("ended");
});

test("who joins within a GOP gets its beginning at once, squeezed before the live picture", async () => {
  const { play, publication } = publish("join");
  await play(0, 20, 2);
  const viewer = await watch(httpPath, "ok-join");
  await until(() => picturesOf(viewer.video).length >= 20);
  await play(20, 22, 40);
  await until(() => picturesOf(viewer.video).length >= 22);
  const pictures = picturesOf(viewer.video);
  expect(pictures.slice(0, 22).map(({ nals }) => hashOf(nals))).toEqual(
    Array.from({ length: 22 }, (_, at) => expectedOf(at)),
  );
  const steps = pictures.slice(1).map(({ time }, at) => (time - (pictures[at]?.time ?? 0)) >>> 0);
  expect(steps.slice(0, 19)).toEqual(new Array(19).fill(90));
  expect(steps[19]).toBe(3750);
  viewer.close();
  publication.close("ended");
});

for (const hasRtx of [true, false]) {
  const how = hasRtx ? "by RTX" : "under their own numbers";
  test(`lost packets come again ${how} and every picture is whole`, { timeout: 60_000 }, async () => {
    await watchLossy(hasRtx);
  });
}

/** The numbers that a receiver would ask for: the holes between its first and its last packet. */
function missingOf(packets: readonly RtpPacket[]): number[] {
  const first = packets[0]?.sequenceNumber ?? 0;
  const have = new Set(packets.map(({ sequenceNumber }) => (sequenceNumber - first) & 0xffff));
  const last = Math.max(...[...have].filter((number) => number < 0x8000));
  const missing: number[] = [];
  for (let number = 0; number < last; number += 1)
    if (!have.has(number)) missing.push((first + number) & 0xffff);
  return missing.slice(0, 200);
}

async function watchLossy(hasRtx: boolean) {
  const { play, publication } = publish("lossy");
  await play(0, 1, 0);
  const relay = await startLossyRelay(whep.udpPort);
  const viewer = await watch(httpPath, "ok-lossy", relay.port, hasRtx);
  await until(() => viewer.video.length > 0);
  let seed = 1;
  const lost = new Set<number>();
  relay.loses = (sequence, type) => {
    seed = (seed * 48_271) % 2_147_483_647;
    if (type !== VIDEO_TYPE || lost.has(sequence) || seed % 100 >= 5) return false;
    lost.add(sequence);
    return true;
  };
  const asking = setInterval(() => {
    const missing = missingOf(viewer.video);
    const media = viewer.video[0]?.ssrc ?? 0;
    if (missing.length > 0) viewer.send([{ is: "nack", sender: 1, media, lost: missing }]);
  }, 40);
  await play(1, 150, 25);
  // What came before the viewer's SRTP was ready it cannot ask for: from the second GOP on all must be there.
  const tail = () => picturesOf(viewer.video).slice(-126);
  const isThere = () => tail().length === 126 && tail().every(({ isWhole }) => isWhole);
  await until(() => isThere() && hashOf(tail().at(-1)?.nals ?? []) === expectedOf(149), 20_000);
  clearInterval(asking);
  expect(lost.size).toBeGreaterThan(20);
  expect(tail().map(({ nals }) => hashOf(nals))).toEqual(
    Array.from({ length: 126 }, (_, at) => expectedOf(24 + at)),
  );
  viewer.close();
  relay.close();
  publication.close("ended");
}

test("a storm of keyframe requests replays the GOP once, with later times", async () => {
  const { play, publication } = publish("pli");
  await play(0, 1, 0);
  const viewer = await watch(httpPath, "ok-pli");
  await play(1, 17, 40);
  await until(() => picturesOf(viewer.video).length >= 17);
  const ssrc = viewer.video[0]?.ssrc ?? 0;
  for (let count = 0; count < 300; count += 1) viewer.send([{ is: "pli", sender: 1, media: ssrc }]);
  await until(() => picturesOf(viewer.video).length >= 34);
  await play(17, 19, 40);
  await until(() => picturesOf(viewer.video).length >= 36);
  await sleep(50);
  const pictures = picturesOf(viewer.video);
  const order = [...Array(17).keys(), ...Array(17).keys(), 17, 18];
  expect(pictures.map(({ nals }) => hashOf(nals))).toEqual(order.map(expectedOf));
  for (const [at, { time }] of pictures.slice(1).entries())
    expect((time - (pictures[at]?.time ?? 0)) | 0).toBeGreaterThan(0);
  viewer.close();
  publication.close("ended");
});

test("repairs stay within their share however much is asked for", { timeout: 30_000 }, async () => {
  const { play, publication } = publish("greedy");
  await play(0, 1, 0);
  const relay = await startLossyRelay(whep.udpPort);
  const viewer = await watch(httpPath, "ok-greedy", relay.port);
  await play(1, 200, 10);
  await sleep(50);
  const before = relay.bytes();
  const rate = streams.list().find(({ stream }) => stream === "greedy")?.video?.bitsPerSecond ?? 0;
  const ssrc = viewer.video[0]?.ssrc ?? 0;
  const first = viewer.video[0]?.sequenceNumber ?? 0;
  const lost = Array.from({ length: 4000 }, (_, at) => (first + at) & 0xffff);
  for (let round = 0; round < 40; round += 1) {
    for (let at = 0; at < lost.length; at += 500) {
      viewer.send([{ is: "nack", sender: 1, media: ssrc, lost: lost.slice(at, at + 500) }]);
    }
    await sleep(20);
  }
  const again = relay.bytes() - before;
  // What was saved up for an outage of 1.5 s, and a tenth of the rate for the second since.
  expect(again).toBeGreaterThan(100_000);
  expect(again).toBeLessThan((rate / 8) * 1.7);
  viewer.close();
  relay.close();
  publication.close("ended");
});

test("sender reports tie picture and sound to one clock", async () => {
  const { play, publication } = publish("reports");
  await play(0, 1, 0);
  const viewer = await watch(httpPath, "ok-reports");
  await play(1, 50, 1000 / 24);
  const reports = viewer.rtcp.flatMap((packet) => (packet.is === "sender-report" ? [packet] : []));
  const last = (ssrc: number | undefined) => reports.filter((report) => report.ssrc === ssrc).at(-1);
  const video = last(viewer.video[0]?.ssrc);
  const audio = last(viewer.audio[0]?.ssrc);
  if (video === undefined || audio === undefined) throw new Error("no report");
  expect(video.ntp).toEqual(audio.ntp);
  // Picture and sound of the same time at the source get the same time by their reports.
  const picture = viewer.video.find(
    (packet) => packet.marker && packet.timestamp !== viewer.video[0]?.timestamp,
  );
  const sound = viewer.audio.find(({ payload }) => payload[1] === 3 && payload[2] === 0);
  const shown = picturesOf(viewer.video)[3];
  if (picture === undefined || sound === undefined || shown === undefined) throw new Error("nothing came");
  const pictureMs = ((shown.time - video.rtpTimestamp) | 0) / 90;
  const soundMs = ((sound.timestamp - audio.rtpTimestamp) | 0) / 48;
  expect(Math.abs(pictureMs - soundMs)).toBeLessThan(16);
  viewer.close();
  publication.close("ended");
});

test("a viewer stays through an interruption and sees the returning encoder", {
  timeout: 30_000,
}, async () => {
  const first = publish("returning");
  await first.play(0, 10, 5);
  const viewer = await watch(httpPath, "ok-returning");
  await until(() => picturesOf(viewer.video).length >= 10);
  first.publication.close("lost");
  await sleep(300);
  const second = publish("returning");
  await second.play(5, 30, 5);
  await until(() => picturesOf(viewer.video).length >= 16);
  const pictures = picturesOf(viewer.video);
  expect(pictures.slice(10).map(({ nals }) => hashOf(nals))).toEqual(
    [24, 25, 26, 27, 28, 29].map(expectedOf),
  );
  for (const [at, { time }] of pictures.slice(1).entries())
    expect((time - (pictures[at]?.time ?? 0)) | 0).toBeGreaterThan(0);
  viewer.close();
  second.publication.close("ended");
});

test("the product ends a viewer at once, with a goodbye", async () => {
  const { play, publication } = publish("kicked");
  await play(0, 2, 1);
  const viewer: WhepViewer = await watch(httpPath, "ok-kicked");
  await until(() => viewer.video.length > 0);
  expect(whep.disconnectStream("kicked")).toBe(1);
  await until(() => viewer.rtcp.some((packet) => packet.is === "bye"));
  expect(streams.list().find(({ stream }) => stream === "kicked")?.viewers).toBe(0);
  viewer.close();
  publication.close("ended");
});

test("a session ends when its time is over", async () => {
  const { play, publication } = publish("short");
  await play(0, 2, 1);
  lifetimeMs = 700;
  const viewer = await watch(httpPath, "ok-short");
  lifetimeMs = null;
  await until(() => viewer.rtcp.some((packet) => packet.is === "bye"), 2000);
  viewer.close();
  publication.close("ended");
});

test("what cannot be answered is refused with its reason", async () => {
  const { play, publication } = publish("refusals");
  await play(0, 1, 0);
  const { connection, offer } = await makeOffer();
  connection.close();
  const sdp = { "content-type": "application/sdp" };
  const bearer = { ...sdp, authorization: "Bearer ok-refusals" };
  const cases: [string, Record<string, string>, string, number, string, RegExp][] = [
    ["no ticket", sdp, offer, 401, "no_token", /Bearer/],
    ["a wrong ticket", { ...sdp, authorization: "Bearer nope" }, offer, 401, "invalid_ticket", /not valid/],
    [
      "a wrong ticket, no SDP",
      { ...sdp, authorization: "Bearer nope" },
      "hello",
      401,
      "invalid_ticket",
      /not/,
    ],
    [
      "another type",
      { authorization: "Bearer ok-refusals", "content-type": "text/plain" },
      offer,
      415,
      "unsupported_type",
      /text\/plain/,
    ],
    ["not live", { ...sdp, authorization: "Bearer ok-nobody" }, offer, 409, "not_live", /not live/],
    ["no SDP", bearer, "hello", 400, "bad_sdp", /expected "v=0"/],
    ["no media", bearer, "v=0\r\n", 400, "bad_sdp", /no m= line/],
    [
      "a bad fingerprint",
      bearer,
      offer.replace(/(fingerprint:sha-256 ..):..:..:../g, "$1"),
      400,
      "bad_sdp",
      /sha-256/,
    ],
    ["other codecs", bearer, offer.replace(/H264\/90000/g, "VP8/90000"), 406, "no_common_codec", /h264.*vp8/],
    ["too much", bearer, `v=0\r\n${"a=x\r\n".repeat(14_000)}`, 413, "too_large", /65536/],
  ];
  for (const [name, headers, body, status, error, message] of cases) {
    const answered = await ask(httpPath, { method: "POST", headers, body });
    expect([name, answered.status], answered.body).toEqual([name, status]);
    expect(JSON.parse(answered.body)).toMatchObject({ error, message: expect.stringMatching(message) });
  }
  const refused = await ask(httpPath, {
    method: "POST",
    headers: { ...sdp, authorization: "Bearer ok-nobody" },
    body: offer,
  });
  expect(refused.headers["retry-after"]).toBe("1");
  expect((await ask(httpPath, { method: "GET" })).status).toBe(405);
  expect((await ask(httpPath, { method: "POST", path: "/nothing" })).status).toBe(404);
  const options = await ask(httpPath, { method: "OPTIONS" });
  expect([options.status, options.headers["accept-post"]]).toEqual([204, "application/sdp"]);
  publication.close("ended");
});

test("a session takes candidates and its end only from the ticket that made it", async () => {
  const { play, publication } = publish("owned");
  await play(0, 2, 1);
  const viewer = await watch(httpPath, "ok-owned");
  const path = viewer.location;
  expect(path).toMatch(/^\/whep\/[A-Za-z0-9_-]{22}$/);
  const mine = { authorization: "Bearer ok-owned" };
  const fragment = { "content-type": "application/trickle-ice-sdpfrag" };
  const candidate = "a=candidate:1 1 UDP 2114977791 127.0.0.1 9 typ host\r\n";
  const statusOf = async (method: string, headers: Record<string, string>, body?: string) =>
    (await ask(httpPath, body === undefined ? { method, path, headers } : { method, path, headers, body }))
      .status;
  expect(await statusOf("PATCH", { authorization: "Bearer other", ...fragment }, candidate)).toBe(403);
  expect(await statusOf("PATCH", { ...mine, ...fragment }, candidate)).toBe(204);
  expect(await statusOf("PATCH", { ...mine, ...fragment, "if-match": '"old"' }, candidate)).toBe(412);
  expect(await statusOf("PATCH", { ...mine, ...fragment }, "a=ice-ufrag:ABCDEF\r\n")).toBe(422);
  expect(await statusOf("DELETE", {})).toBe(401);
  expect(await statusOf("DELETE", { authorization: "Bearer other" })).toBe(403);
  expect(await statusOf("DELETE", mine)).toBe(200);
  expect(await statusOf("DELETE", mine)).toBe(404);
  viewer.close();
  publication.close("ended");
});
