import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IngestUrl, Room, StreamStatus } from "@colourstream/contract";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { writeSelfSigned } from "../tools/certificate.js";
import { type ApiClient, makeTicket, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { waitFor } from "../tools/wait.js";
import { connectWhepViewer } from "../tools/whep-viewer.js";
import { type Obs, startObs } from "./obs.js";

// A real OBS, with the two fields that the studio shows typed into it, and the picture at a viewer.

const LIVE_MS = 30_000;
const RECONNECT_MS = 60_000; // 1 s, then half as long again at every attempt
const PICTURES = 50; // two seconds
const START_CODE = Buffer.of(0, 0, 0, 1);

let folder: string;
let obs: Obs;
let product: Product;
let owner: ApiClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "colourstream-obs-test-"));
  const { certFile, keyFile } = await writeSelfSigned(folder);
  product = await startProduct({ RTMPS_CERT_FILE: certFile, RTMPS_KEY_FILE: keyFile });
  owner = await product.owner();
  obs = await startObs();
}, 180_000);
afterEach(() => obs?.stopStreaming());
afterAll(async () => {
  await obs?.end();
  await product?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function fieldsOf(room: TestRoom, protocol: IngestUrl["protocol"]): Promise<IngestUrl> {
  const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/reveal`);
  const fields = urls.find((one) => one.protocol === protocol);
  if (fields === undefined) throw new Error(`no ${protocol} among ${urls.map((one) => one.protocol)}`);
  return fields;
}

const studiosView = (room: TestRoom) => owner.ask<Room>("GET", `/rooms/${room.id}`);

/** What OBS sends, once its first pictures and sound have come. */
function waitForPicture(room: TestRoom): Promise<StreamStatus> {
  return waitFor("what OBS sends to be known", LIVE_MS, async () => {
    const { stream } = await studiosView(room);
    const isKnown = stream?.state === "live" && stream.video?.frameRate != null && stream.audio !== null;
    return isKnown ? stream : null;
  });
}

/** Watches for two seconds' worth of pictures and has FFmpeg decode them. */
async function expectPictureAtViewer(room: TestRoom): Promise<void> {
  const reviewer = await product.join(room, "Rita");
  const { url, ticket } = await makeTicket(reviewer, room);
  const pictures: Buffer[] = [];
  let broken = 0;
  const viewer = await connectWhepViewer({
    url: new URL(url, product.url).href,
    ticket,
    nack: true,
    onPicture({ nalUnits, isWhole }) {
      if (!isWhole) broken += 1;
      pictures.push(Buffer.concat(nalUnits.flatMap((unit) => [START_CODE, unit])));
    },
  });
  await waitFor("two seconds of pictures", LIVE_MS, () => pictures.length >= PICTURES).finally(() =>
    viewer.close(),
  );
  expect(broken).toBe(0);
  const decoded = spawnSync("ffmpeg", ["-v", "error", "-f", "h264", "-i", "pipe:0", "-f", "framecrc", "-"], {
    input: Buffer.concat(pictures),
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(decoded.stderr).toBe("");
  expect(decoded.stdout.split("\n").filter((line) => /^\d/.test(line)).length).toBeGreaterThanOrEqual(
    PICTURES,
  );
}

test.each([
  ["RTMP", "rtmp", false],
  ["SRT", "srt", false],
  ["SRT with the room's passphrase", "srt", true],
] as const)(
  "OBS over %s is live with what it sends, and a viewer decodes it",
  async (_name, protocol, isEncrypted) => {
    const room = await product.createRoom(`${protocol} ${isEncrypted}`);
    await owner.ask("PATCH", `/rooms/${room.id}`, { srtEncrypted: isEncrypted });
    await obs.stream(await fieldsOf(room, protocol));
    await obs.waitForState("STARTED");
    const stream = await waitForPicture(room);
    expect(stream.source?.protocol).toBe(protocol);
    expect(stream.video).toMatchObject({ codec: "h264", width: 640, height: 360, reorderFrames: 0 });
    expect(stream.audio).toMatchObject({ codec: "aac", sampleRate: 48_000, channels: 2 });
    if (protocol === "srt") expect(stream.link?.isEncrypted).toBe(isEncrypted);
    await expectPictureAtViewer(room);
    await obs.stopStreaming();
    await waitFor("the studio to see that it has ended", LIVE_MS, async () => {
      const { stream: after } = await studiosView(room);
      return after === null || after.state === "interrupted";
    });
  },
);

test("a wrong stream key is refused: OBS stops at once and is never live", async () => {
  const room = await product.createRoom("Wrong key");
  const { server, key } = await fieldsOf(room, "rtmp");
  await obs.stream({ server, key: key.split("").reverse().join("") });
  await obs.waitForState("STOPPED");
  expect(obs.states()).not.toContain("STARTED");
  expect((await studiosView(room)).stream).toBeNull();
});

test("OBS refuses RTMPS with a self-signed certificate, as the studio says", async () => {
  const room = await product.createRoom("Self-signed");
  await obs.stream(await fieldsOf(room, "rtmps"));
  await obs.waitForState("STOPPED");
  expect(obs.states()).not.toContain("STARTED");
  expect(obs.log()).toMatch(/Cert verify failed/);
  expect((await studiosView(room)).stream).toBeNull();
});

test.each(["rtmp", "srt"] as const)(
  "the media engine is killed: OBS comes back over %s by itself, and so does the picture",
  async (protocol) => {
    const room = await product.createRoom(`Killed, ${protocol}`);
    await obs.stream(await fieldsOf(room, protocol));
    await waitForPicture(room);
    const before = product.enginePid();
    if (before === null) throw new Error("no engine runs");
    process.kill(before, "SIGKILL");
    await waitFor("another engine", LIVE_MS, () => ![null, before].includes(product.enginePid()));
    await obs.waitForState("RECONNECTED", RECONNECT_MS);
    await waitForPicture(room);
    await expectPictureAtViewer(room);
  },
);
