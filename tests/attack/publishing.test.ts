import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IngestUrl } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSelfSigned } from "../tools/certificate.js";
import { publishUrl, startEncoder } from "../tools/encoder.js";
import { type LiveScene, startLiveScene } from "../tools/live-scene.js";
import { descendantsOf } from "../tools/processes.js";
import { type ApiClient, makeTicket, type TestRoom } from "../tools/product.js";
import { openRaw } from "../tools/raw-socket.js";
import { startViewers } from "../tools/viewers.js";
import { pause, waitFor, withDeadline } from "../tools/wait.js";
import { IS_FULL } from "./ask.js";

// 22 to 25: the stream key, who may publish, and the tickets that open the picture.

const FRAME_GAP_MS = 400; // encoder programs start meanwhile on the same two cores
const CUT_MS = 1_000;
const START_MS = 1_500; // an encoder program's own start and end on a busy machine
const SMALL = { width: 160, height: 128, sound: false } as const;

let scene: LiveScene;
let certificates: string;
let owner: ApiClient;
beforeAll(async () => {
  certificates = await mkdtemp(join(tmpdir(), "cs-certificates-"));
  const { certFile, keyFile } = await writeSelfSigned(certificates);
  scene = await startLiveScene(1, { RTMPS_CERT_FILE: certFile, RTMPS_KEY_FILE: keyFile });
  owner = await scene.product.owner();
});
afterAll(async () => {
  await scene?.end();
  await rm(certificates, { recursive: true, force: true });
});

/** The status that an offer with this ticket is answered with; the offer itself is good for nothing. */
async function offerWith(ticket: string): Promise<number> {
  const response = await fetch(`${scene.product.url}/whep`, {
    method: "POST",
    headers: { "content-type": "application/sdp", authorization: `Bearer ${ticket}` },
    body: "v=0\r\n",
    signal: AbortSignal.timeout(5_000),
  });
  await response.text();
  return response.status;
}

test.each(["rtmp", "rtmps", "srt"] as const)(
  "23: an encoder over %s whose key is replaced is cut within a second, and its key lets nobody in again",
  async (protocol) => {
    const room = await scene.product.createRoom(`Rotated ${protocol}`);
    const address = room.urls.find((one) => one.protocol === protocol);
    if (address === undefined) throw new Error(`no ${protocol} address among ${JSON.stringify(room.urls)}`);
    const encoder = startEncoder({ url: address.url, ...SMALL });
    await encoder.firstFrameAt;
    await scene.product.waitForStream(room, "live");
    const askedAt = performance.now();
    const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/rotate`);
    await waitFor("the old key's encoder to be cut", 10_000, async () => {
      return (await scene.product.stream(room))?.state !== "live";
    });
    expect(performance.now() - askedAt).toBeLessThan(CUT_MS + START_MS);
    await withDeadline("the old key's encoder to end", 10_000, encoder.ended);
    expect(urls.some(({ key }) => key === address.key)).toBe(false);
    // Once: ten wrong keys in a minute, over all protocols, and our own address would be kept out.
    const again = startEncoder({ url: address.url, ...SMALL });
    await withDeadline("an encoder with the old key to give up", 20_000, again.ended);
    expect((await scene.product.stream(room))?.state).not.toBe("live");
  },
);

test("24: a second encoder with the same key is refused while the first one sends, and no frame of it is seen", async () => {
  const before = (await scene.viewers.report(true)).length;
  const gap = await scene.longestGapDuring(async () => {
    const second = startEncoder({ url: publishUrl(scene.room.ingest), ...SMALL });
    await expect(second.firstFrameAt).rejects.toThrow();
    await pause(500);
  });
  expect(before).toBe(1);
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  const { lastRefused } = await owner.ask<{ lastRefused: { reason: string } | null }>(
    "GET",
    `/rooms/${scene.room.id}`,
  );
  expect(lastRefused?.reason).toBe("already-live");
});

test("24: an encoder that stands still for a second does not keep another one out", async () => {
  const room = await scene.product.createRoom("Frozen");
  const frozen = startEncoder({ url: publishUrl(room.ingest), ...SMALL });
  await frozen.firstFrameAt;
  await scene.product.waitForStream(room, "live");
  const program = descendantsOf(process.pid).find((one) => one.commandLine.includes(room.ingest.key));
  if (program === undefined) throw new Error("the encoder's program was not found");
  process.kill(program.pid, "SIGSTOP");
  await pause(1_200);
  const next = startEncoder({ url: publishUrl(room.ingest), ...SMALL });
  await next.firstFrameAt;
  await pause(500);
  await scene.product.waitForStream(room, "live", 5_000);
  process.kill(program.pid, "SIGCONT");
  await Promise.all([next.kill(), frozen.kill()]);
});

test("25: a ticket is good once, and an invented one never", async () => {
  const reviewer = await scene.product.join(scene.room, "Twice");
  const { ticket } = await makeTicket(reviewer, scene.room);
  expect(await offerWith(ticket)).toBeLessThan(500);
  expect(await offerWith(ticket)).toBe(401);
  expect(await offerWith("A".repeat(ticket.length))).toBe(401);
  expect(await offerWith(randomBytes(32).toString("base64url"))).toBe(401);
});

test("25: a ticket of one room shows that room: there is none to be had for another", async () => {
  const other = await scene.product.createRoom("Next door");
  const reviewer = await scene.product.join(scene.room, "Next to it");
  expect((await reviewer.send("POST", `/rooms/${other.id}/ticket`)).status).toBe(404);
  const { ticket } = await makeTicket(await scene.product.join(other, "Neighbour"), other);
  // The other room's picture is empty: whatever the address says, no packet of the live room comes.
  const crowd = startViewers(1);
  try {
    const address = `${scene.product.url}/whep?room=${scene.room.id}`;
    await crowd.connect(address, ticket).catch(() => undefined);
    await pause(1_000);
    const reports = await crowd.report();
    expect(reports.reduce((sum, { packets }) => sum + packets, 0)).toBe(0);
  } finally {
    await crowd.close();
  }
});

test("25: a ticket ends with its participant: removed, gone, sent out by another password, room ended", async () => {
  const ends: [string, (room: TestRoom, who: ApiClient, id: string) => Promise<unknown>][] = [
    ["removed", (room, _who, id) => owner.ask("DELETE", `/rooms/${room.id}/participants/${id}`)],
    ["left", (room, who) => who.ask("POST", `/rooms/${room.id}/leave`)],
    [
      "another password",
      (room) => owner.ask("PATCH", `/rooms/${room.id}`, { password: "quite another one" }),
    ],
    ["meeting ended", (room) => owner.ask("POST", `/rooms/${room.id}/end`)],
    ["archived", (room) => owner.ask("PATCH", `/rooms/${room.id}`, { archived: true })],
    ["deleted", (room) => owner.ask("DELETE", `/rooms/${room.id}`)],
  ];
  for (const [what, end] of ends) {
    const room = await scene.product.createRoom(`Ticket: ${what}`);
    const reviewer = await scene.product.join(room, "Holder");
    const seat = await reviewer.ask<{ participant: { id: string } }>("GET", `/rooms/${room.id}/seat`);
    const { ticket } = await makeTicket(reviewer, room);
    await end(room, reviewer, seat.participant.id);
    expect([what, await offerWith(ticket)]).toEqual([what, 401]);
    expect([what, (await reviewer.send("POST", `/rooms/${room.id}/ticket`)).status >= 400]).toEqual([
      what,
      true,
    ]);
  }
});

test("25: the key is no ticket, the ticket is no key, and the room's id is neither", async () => {
  const reviewer = await scene.product.join(scene.room, "Mixer");
  const { ticket } = await makeTicket(reviewer, scene.room);
  const { server, key } = scene.room.ingest;
  expect(await offerWith(key)).toBe(401);
  expect(await offerWith(scene.room.id)).toBe(401);
  for (const wrong of [ticket, scene.room.id]) {
    const encoder = startEncoder({ url: publishUrl({ server, key: wrong }), ...SMALL });
    await expect(encoder.firstFrameAt).rejects.toThrow();
  }
});

// A minute's wait has its place in the full size; packages/server/src/auth/tickets.test.ts does it with its own clock.
if (IS_FULL) {
  test("25: a ticket is over after 60 s", { timeout: 90_000 }, async () => {
    const reviewer = await scene.product.join(scene.room, "Late");
    const { ticket } = await makeTicket(reviewer, scene.room);
    await pause(61_000);
    expect(await offerWith(ticket)).toBe(401);
  });
}

// Last: it closes the door to this address for a while.
test("22: after ten wrong keys in a minute an address is turned away at the door; the live encoder is not", async () => {
  const { server } = scene.room.ingest;
  const gap = await scene.longestGapDuring(async () => {
    for (let round = 0; round < 12; round += 1) {
      const key = randomBytes(16).toString("base64url");
      const guess = startEncoder({ url: publishUrl({ server, key }), ...SMALL });
      const { code } = await guess.ended;
      expect(code).not.toBe(0);
    }
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  const late = openRaw(scene.product.rtmpPort);
  late.socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(8), randomBytes(1528)]));
  await waitFor("the door to shut", 3_000, () => !late.isOpen());
  expect(late.received()).toHaveLength(0);
  await scene.product.waitForStream(scene.room, "live");
});
