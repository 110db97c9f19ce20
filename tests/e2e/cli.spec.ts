import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { waitForPicture } from "../tools/picture-watch.js";
import { type Product, startProduct } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { wallMs } from "../tools/wait.js";
import { joinAsReviewer } from "./pages.js";

test.describe.configure({ mode: "serial" });

type CreatedRoom = {
  readonly roomId: string;
  readonly name: string;
  readonly ingest: readonly { readonly protocol: string; readonly server: string; readonly key: string }[];
  readonly reviewerLink: string;
  readonly reviewerPassword: string;
};

let product: Product;
let room: CreatedRoom;
let encoder: Encoder | undefined;

test.beforeAll(async () => {
  product = await startProduct();
});
test.afterAll(async () => {
  await encoder?.kill();
  await product?.remove();
});

function cli(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(PROJECT_ROOT, "scripts/cli.mjs"), ...args], {
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      DATA_DIR: product.dataDir,
      PORT: new URL(product.url).port,
      HOST: "127.0.0.1",
      RTMP_PORT: String(product.rtmpPort),
      SRT_PORT: String(product.srtPort),
      WEBRTC_PORTS: String(product.webrtcPort),
      RELAY_PORT: String(product.relayPort),
      PUBLIC_URL: product.url,
      PUBLIC_ADDRESS: "127.0.0.1",
    },
  });
}

test("room create prints one JSON object with which an encoder and a reviewer get a picture", async ({
  context,
}) => {
  const made = cli("room", "create", "--name", "Grade 1", "--json");
  expect(made.status, made.stderr).toBe(0);
  room = JSON.parse(made.stdout) as CreatedRoom;
  expect(room.name).toBe("Grade 1");
  const rtmp = room.ingest.find((one) => one.protocol === "rtmp");
  if (rtmp === undefined) throw new Error(`no RTMP address in ${made.stdout}`);
  encoder = startEncoder({ url: publishUrl(rtmp) });
  await encoder.firstFrameAt;
  const { page, complaints } = await joinAsReviewer(context, room, "Rita Reviewer");
  await waitForPicture(page, wallMs(), 8000);
  expect(complaints).toEqual([]);
});

test("the same works while the server is stopped", async () => {
  await encoder?.kill();
  expect(await product.stop()).toBe(0);
  const made = cli("room", "create", "--name", "Grade 2", "--json");
  expect(made.status, made.stderr).toBe(0);
  const listed = cli("room", "list", "--json");
  expect(listed.status, listed.stderr).toBe(0);
  for (const name of ["Grade 1", "Grade 2"]) expect(listed.stdout).toContain(name);
  const removed = cli("room", "delete", room.roomId, "--yes", "--json");
  expect(removed.status, removed.stderr).toBe(0);
  expect(cli("room", "list", "--json").stdout).not.toContain("Grade 1");
});

test("a second start on the same data refuses and says why", async () => {
  await product.restart();
  const second = spawnSync(process.execPath, [join(PROJECT_ROOT, "scripts/start.mjs")], {
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      DATA_DIR: product.dataDir,
      PORT: "0",
      RTMP_PORT: "0",
      SRT_PORT: "0",
      RELAY_PORT: "0",
      HOST: "127.0.0.1",
    },
  });
  expect(second.status).not.toBe(0);
  expect(second.status).not.toBeNull();
  expect(`${second.stdout}${second.stderr}`).toMatch(/already|in use|running/i);
});

test("Ctrl-C ends everything within 5 s, with exit code 0 and no process left", async () => {
  const engine = product.enginePid();
  expect(engine).not.toBeNull();
  const startedAt = performance.now();
  expect(await product.stop()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(product.enginePid()).toBeNull();
});
