import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clip, makeH264Clip } from "../../egress/whep/fixtures/clip.js";
import { ask } from "../../egress/whep/fixtures/whep-viewer.js";
import { isVideo, type VideoFrame } from "../../hub/frame.js";
import { makeOffer, post, publish, VIDEO, type WhipClient } from "./fixtures/whip-client.js";
import { startWhip } from "./fixtures/whip-server.js";

let clip: Clip;
let engine: Awaited<ReturnType<typeof startWhip>>;

beforeAll(async () => {
  clip = makeH264Clip({ seconds: 6, size: "640x360", bitrate: "4M" });
  engine = await startWhip();
});
afterAll(() => engine.close());

const hashOf = (nals: readonly Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const nal of nals) hash.update(`${nal.length}:`).update(nal);
  return hash.digest("hex");
};

/** A picture as encoders for WebRTC send it: parameter sets in band with each keyframe. */
const nalsOf = (at: number): readonly Uint8Array[] => {
  const picture = clip.pictures[at];
  if (picture === undefined) throw new Error(`no picture ${at}`);
  return picture.isKeyframe ? [...clip.format.parameterSets, ...picture.nals] : picture.nals;
};

/** Reads what comes into a stream. */
function record(name: string) {
  const stream = engine.streams.find(name);
  if (stream === null) throw new Error(`no stream ${name}`);
  const video: VideoFrame[] = [];
  const audio: { pts: number; payload: Uint8Array }[] = [];
  const drain = () => {
    for (let frame = reader.read(); frame !== null; frame = reader.read()) {
      if (isVideo(frame)) video.push(frame);
      else audio.push(frame.unit);
    }
  };
  const reader = stream.read({
    tracks: "both",
    audio: "opus",
    isViewer: false,
    wake: () => queueMicrotask(drain),
    takeEnded: () => undefined,
  });
  video.push(...reader.gop);
  return { stream, video, audio, close: () => reader.close() };
}

async function until(holds: () => boolean, what: string, ms = 20_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(10);
  }
}

const START = 0xffff0000; // the RTP time wraps after 0.7 s

async function play(client: WhipClient, from: number, to: number, everyMs: number): Promise<void> {
  for (let at = from; at < to; at += 1) {
    client.picture(nalsOf(at), START + at * 3750);
    client.sound(Uint8Array.of(0xfc, at & 0xff), START + at * 2000);
    if (everyMs > 0) await sleep(everyMs);
  }
}

test("every access unit comes in hash for hash, over both wraps, in order", async () => {
  const client = await publish(engine.httpPath, "ok-exact");
  client.picture(nalsOf(0), START);
  await until(() => engine.streams.find("exact")?.gop().length === 1, "the first picture");
  const seen = record("exact");
  await play(client, 1, 144, 2);
  await until(() => seen.video.length >= 144, "144 pictures");
  expect(seen.video.map(({ unit }) => hashOf(unit.units))).toEqual(
    clip.pictures.map((_, at) => hashOf(nalsOf(at))),
  );
  const steps = seen.video.slice(1).map(({ unit }, at) => unit.pts - (seen.video[at]?.unit.pts ?? 0));
  expect(new Set(steps)).toEqual(new Set([3750]));
  expect(seen.stream.videoFormat()).toMatchObject({
    codec: "h264",
    width: 640,
    height: 360,
    colour: { primaries: 1 },
  });
  const [state] = engine.streams.list().filter(({ stream }) => stream === "exact");
  expect(state?.source).toEqual({ protocol: "whip", address: "127.0.0.1", encoder: "test-client/1" });
  expect(state?.link).toMatchObject({ lostPercent: 0, missingPercent: 0, isEncrypted: true });
  await until(() => seen.audio.length >= 140, "the sound");
  seen.close();
  client.close();
});

test.each([
  ["by RTX", true],
  ["as they were", false],
])("lost packets come again %s, and every picture is whole", async (_how, hasRtx) => {
  const name = hasRtx ? "rtx" : "plain";
  const client = await publish(engine.httpPath, `ok-${name}`, hasRtx);
  client.picture(nalsOf(0), START);
  await until(() => engine.streams.find(name)?.gop().length === 1, "the first picture");
  const seen = record(name);
  let lost = 0;
  client.loses = (number) => {
    const isLost = number % 23 === 5;
    if (isLost) lost += 1;
    return isLost;
  };
  await play(client, 1, 100, 8);
  client.loses = () => false;
  await play(client, 100, 110, 8);
  await until(() => seen.video.length >= 110, "110 pictures");
  expect(lost).toBeGreaterThan(20);
  expect(seen.video.map(({ unit }) => hashOf(unit.units))).toEqual(
    clip.pictures.slice(0, 110).map((_, at) => hashOf(nalsOf(at))),
  );
  expect(client.rtcp.some((packet) => packet.is === "pli")).toBe(false);
  await until(
    () => (engine.streams.find(name)?.snapshot()?.link?.lostPercent ?? 0) > 1,
    "the loss in the studio",
  );
  expect(engine.streams.find(name)?.snapshot()?.link?.missingPercent).toBe(0);
  seen.close();
  client.close();
});

test("what never comes is given up: no broken picture goes on, and a keyframe is asked for", async () => {
  const client = await publish(engine.httpPath, "ok-hole");
  client.picture(nalsOf(0), START);
  await until(() => engine.streams.find("hole")?.gop().length === 1, "the first picture");
  const seen = record("hole");
  client.repairs = false;
  client.loses = (number) => number % 5 === 0;
  client.picture(nalsOf(1), START + 3750);
  client.loses = () => false;
  await play(client, 2, 24, 5);
  await until(() => client.rtcp.some((packet) => packet.is === "pli"), "a keyframe asked for");
  await play(client, 24, 30, 5); // 24 is the next keyframe
  await until(() => seen.video.length >= 7, "the pictures from there on");
  expect(client.rtcp.some((packet) => packet.is === "nack")).toBe(true);
  expect(seen.video.map(({ unit }) => hashOf(unit.units))).toEqual(
    [0, 24, 25, 26, 27, 28, 29].map((at) => hashOf(nalsOf(at))),
  );
  await until(() => (seen.stream.snapshot()?.link?.missingPercent ?? 0) > 0, "the loss in the studio");
  seen.close();
  client.close();
});

test("a keyframe that is asked for is asked for at most twice a second, and again until it comes", async () => {
  const client = await publish(engine.httpPath, "ok-pli");
  client.picture(nalsOf(0), START);
  await until(() => engine.streams.find("pli")?.gop().length === 1, "the first picture");
  const stream = engine.streams.find("pli");
  const plis = () =>
    client.rtcp.filter((packet) => packet.is === "pli" && packet.media === VIDEO.ssrc).length;
  const from = performance.now();
  for (let at = 0; at < 200; at += 1) expect(stream?.requestKeyframe()).toBe(true);
  await until(() => plis() >= 3, "three asks");
  const passed = performance.now() - from;
  expect(plis()).toBeLessThanOrEqual(1 + Math.ceil(passed / 500));
  client.picture(nalsOf(24), START + 24 * 3750);
  await until(() => (stream?.gop()[0]?.unit.pts ?? 0) > 0 && stream?.gop().length === 1, "the keyframe");
  client.close();
});

test("reports tell of loss, room and time", async () => {
  const client = await publish(engine.httpPath, "ok-reports");
  await play(client, 0, 20, 10);
  await until(
    () => client.rtcp.some((one) => one.is === "receiver-report" && one.reports.length === 2),
    "a report",
  );
  const remb = client.rtcp.find((one) => one.is === "remb");
  expect(remb).toMatchObject({ bitsPerSecond: 60_000_000 });
  const time = client.rtcp.find((one) => one.is === "reference-time");
  if (time?.is !== "reference-time") throw new Error("no reference time");
  const lastTime = ((time.ntp.seconds & 0xffff) * 0x10000 + (time.ntp.fraction >>> 16)) >>> 0;
  client.send([
    { is: "reference-delay", ssrc: VIDEO.ssrc, reports: [{ ssrc: time.ssrc, lastTime, delay: 0 }] },
  ]);
  await until(() => engine.streams.find("reports")?.snapshot()?.link?.rttMs != null, "the round trip");
  client.close();
});

test("a second publisher is refused while the first sends, and told to the studio", async () => {
  const client = await publish(engine.httpPath, "ok-twice");
  client.picture(nalsOf(0), START);
  await until(() => engine.streams.find("twice")?.gop().length === 1, "the first picture");
  const sending = setInterval(() => client.sound(Uint8Array.of(0xfc, 1), (Date.now() * 48) >>> 0), 20);
  const { connection, offer } = await makeOffer();
  const refused = await post(engine.httpPath, "ok-twice", offer);
  expect([refused.status, JSON.parse(refused.body).error]).toEqual([409, "already_live"]);
  expect(engine.refusals.at(-1)).toMatchObject({ stream: "twice", reason: "already-live" });
  clearInterval(sending);
  await sleep(1200);
  const taken = await post(engine.httpPath, "ok-twice", offer);
  expect(taken.status, taken.body).toBe(201);
  connection.close();
  client.close();
});

test("a session ends by DELETE with its key and by nobody else's", async () => {
  const client = await publish(engine.httpPath, "ok-delete");
  client.picture(nalsOf(0), START);
  await until(() => engine.streams.find("delete")?.gop().length === 1, "the first picture");
  const asked = (key: string, method: string, body?: string) =>
    ask(engine.httpPath, {
      method,
      path: client.location,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/trickle-ice-sdpfrag" }),
      },
      ...(body === undefined ? {} : { body }),
    });
  expect((await asked("ok-other", "DELETE")).status).toBe(403);
  expect((await asked("ok-delete", "PATCH", "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n")).status).toBe(
    204,
  );
  const restart = "a=ice-ufrag:restarted\r\na=ice-pwd:0123456789012345678901\r\n";
  expect((await asked("ok-delete", "PATCH", restart)).status).toBe(422);
  expect((await asked("ok-delete", "DELETE")).status).toBe(200);
  expect(engine.streams.find("delete")?.snapshot()?.state).toBe("interrupted");
  expect((await asked("ok-delete", "DELETE")).status).toBe(404);
  client.close();
});

test("who may not publish is told so; ten wrong keys, and the address waits", async () => {
  const { connection, offer } = await makeOffer();
  connection.close();
  const statuses: [string, number, string][] = [
    ["blocked", 403, "address_blocked"],
    ["early", 503, "not_ready"],
    ["wrong", 401, "unknown_key"],
  ];
  for (const [key, status, error] of statuses) {
    const answered = await post(engine.httpPath, key, offer, "192.0.2.1");
    expect([key, answered.status, JSON.parse(answered.body).error]).toEqual([key, status, error]);
    if (status === 401) expect(answered.headers["www-authenticate"]).toBe("Bearer");
    if (status === 503) expect(answered.headers["retry-after"]).toBe("1");
  }
  for (let at = 1; at < 10; at += 1) {
    expect((await post(engine.httpPath, `wrong${at}`, offer, "192.0.2.1")).status).toBe(401);
  }
  expect((await post(engine.httpPath, "ok-room", offer, "192.0.2.1")).status).toBe(429);
  expect((await post(engine.httpPath, "wrong", offer, "192.0.2.2")).status).toBe(401);
});

const OFFERS: [string, (offer: string) => string, number, string, RegExp][] = [
  [
    "only receives",
    (offer) => offer.replaceAll("a=sendonly", "a=recvonly"),
    400,
    "bad_offer",
    /no m=video line that sends/,
  ],
  ["has only VP8", (offer) => offer.replace("H264/90000", "VP8/90000"), 406, "no_common_codec", /vp8/],
  [
    "has packetization-mode 0",
    (offer) => offer.replace("packetization-mode=1", "packetization-mode=0"),
    406,
    "no_common_codec",
    /packetization-mode 1/,
  ],
  [
    "has no fingerprint",
    (offer) => offer.replaceAll(/a=fingerprint:.*\r\n/g, ""),
    400,
    "bad_offer",
    /fingerprint/,
  ],
  ["is no SDP", () => "hello", 400, "bad_sdp", /v=0/],
  ["is longer than 64 KiB", (offer) => offer + "a=x\r\n".repeat(20_000), 413, "too_large", /65536/],
];
test.each(OFFERS)(
  "an offer that %s is refused with its reason",
  async (_name, change, status, error, message) => {
    const { connection, offer } = await makeOffer();
    connection.close();
    const answered = await post(engine.httpPath, "ok-offers", change(offer));
    expect(answered.status, answered.body).toBe(status);
    expect(JSON.parse(answered.body)).toMatchObject({ error, message: expect.stringMatching(message) });
  },
);
