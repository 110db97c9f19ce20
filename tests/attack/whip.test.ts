import { randomBytes } from "node:crypto";
import type { IngestUrl, Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveScene, startLiveScene } from "../tools/live-scene.js";
import type { ApiClient, TestRoom } from "../tools/product.js";
import { pause, waitFor } from "../tools/wait.js";
import { connectWhipPublisher, makeWhipOffer, postOffer, videoPacket } from "../tools/whip-publisher.js";

// What WHIP makes possible, beside a stream that runs: keys, second publishers, offers that are bombs, sessions that
// never connect, publishers that send nonsense. Tests 4, 5, 10, 16, 22, 23 and 24 of reliability.

const FRAME_GAP_MS = 400; // two busy cores run the encoder, the engine, the viewers and the attacker

let scene: LiveScene;
let owner: ApiClient;
let offer: Awaited<ReturnType<typeof makeWhipOffer>>;
beforeAll(async () => {
  scene = await startLiveScene();
  owner = await scene.product.owner();
  offer = await makeWhipOffer();
}, 60_000);
afterAll(async () => {
  offer?.peer.close();
  await scene?.end();
});

function keyOf(room: TestRoom): string {
  const address = room.urls.find(({ protocol }) => protocol === "whip");
  if (address === undefined) throw new Error("WHIP is off");
  return address.key;
}

const offerTo = (room: TestRoom, sdp = offer.sdp) => postOffer(scene.product.url, keyOf(room), sdp);

test("24: a second publisher by WHIP is refused while an encoder sends, the studio is told, no frame is missed", async () => {
  const gap = await scene.longestGapDuring(async () => {
    for (let at = 0; at < 5; at += 1) {
      const { status, body } = await offerTo(scene.room);
      expect([status, JSON.parse(body).error]).toEqual([409, "already_live"]);
    }
    await pause(500);
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  const { lastRefused } = await owner.ask<Room>("GET", `/rooms/${scene.room.id}`);
  expect(lastRefused).toMatchObject({ reason: "already-live", protocol: "whip" });
});

test("4: offers that are bombs are refused, and cost the stream nothing", async () => {
  const room = await scene.product.createRoom("Bombs");
  const bombs: [string, string, number][] = [
    ["1 MB", `v=0\r\n${"a=x:y\r\n".repeat(150_000)}`, 413],
    ["thousands of m-lines", `v=0\r\n${"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(1_800)}`, 400],
    ["a line of 60 kB", `v=0\r\ns=${"x".repeat(60_000)}\r\n`, 400],
    [
      "thousands of codecs",
      offer.sdp.replace(/m=video.*/, `m=video 9 UDP/TLS/RTP/SAVPF ${"96 ".repeat(15_000)}96`),
      400,
    ],
    [
      "thousands of candidates",
      offer.sdp + "a=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n".repeat(1_200),
      201,
    ],
    ["binary", randomBytes(20_000).toString("latin1"), 400],
  ];
  const gap = await scene.longestGapDuring(async () => {
    for (const [name, sdp, status] of bombs)
      expect([name, (await offerTo(room, sdp)).status]).toEqual([name, status]);
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
});

test("10: a publisher that sends nonsense loses its own connection only", async () => {
  const room = await scene.product.createRoom("Nonsense");
  const publisher = await connectWhipPublisher(scene.product.url, keyOf(room));
  const gap = await scene.longestGapDuring(async () => {
    for (
      let at = 0;
      at < 3_000 && publisher.send(videoPacket(at, at * 3_000, true, randomBytes(200)));
      at += 1
    ) {
      if (at % 20 === 0) await pause(2);
    }
    await waitFor("its connection to end", 20_000, () => publisher.isCut());
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  await waitFor(
    "the studio to know",
    5_000,
    async () => (await scene.product.stream(room))?.state !== "live",
  );
  publisher.close();
});

test("23: a publisher by WHIP whose key is replaced is cut within a second", async () => {
  const room = await scene.product.createRoom("Rotated by WHIP");
  const publisher = await connectWhipPublisher(scene.product.url, keyOf(room));
  publisher.send(videoPacket(1, 0, true, Buffer.of(0x09, 0xf0))); // so that the engine knows whom it speaks to
  await pause(700);
  const askedAt = performance.now();
  const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/rotate`);
  await waitFor("the publisher to be cut", 10_000, () => publisher.isCut());
  expect(performance.now() - askedAt).toBeLessThan(2_000);
  expect(urls.some(({ key }) => key === keyOf(room))).toBe(false);
  expect((await offerTo(room)).status).toBe(401);
  publisher.close();
});

test("5: sessions that never connect are bounded for an address, and gone after ten seconds", async () => {
  const rooms = await Promise.all(
    Array.from({ length: 9 }, (_, at) => scene.product.createRoom(`Silent ${at}`)),
  );
  const statuses: number[] = [];
  for (const room of rooms) statuses.push((await offerTo(room)).status);
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(8);
  expect(statuses.at(-1)).toBe(429);
  const [, , last] = rooms;
  if (last === undefined) throw new Error("no room");
  await waitFor("a place to be free again", 15_000, async () => (await offerTo(last)).status === 201);
  await pause(2_000); // the others go too
});

test("22: an archived room and a wrong key look the same; after ten wrong keys in a minute the right one waits too", async () => {
  const room = await scene.product.createRoom("Archived");
  const good = await scene.product.createRoom("Good key");
  await owner.ask("PATCH", `/rooms/${room.id}`, { archived: true });
  const archived = await offerTo(room);
  const guess = () => postOffer(scene.product.url, randomBytes(20).toString("hex"), offer.sdp);
  const wrong = await guess();
  expect([archived.status, archived.body]).toEqual([401, wrong.body]);
  let guesses = 0;
  while ((await guess()).status === 401 && guesses < 20) guesses += 1;
  expect(guesses).toBeLessThanOrEqual(10);
  const { status, body } = await offerTo(good);
  expect([status, JSON.parse(body).error]).toEqual([429, "too_many_attempts"]);
});
