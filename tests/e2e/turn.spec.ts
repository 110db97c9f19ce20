import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { freeTcpPort, freeUdpPort } from "../tools/ports.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { waitFor } from "../tools/wait.js";
import { expectState, joinAsReviewer } from "./pages.js";

// A browser that is allowed nothing but a relay gets its picture through coturn, with the credentials that we made.
// coturn is a daemon, which a test must not put on anybody's machine: where it is not installed this file has no test,
// and what we compute is held to its draft by packages/server/src/engine/ice-servers.test.ts.

const PATH = (process.env["PATH"] ?? "").split(delimiter);
const hasCoturn = PATH.some((folder) => existsSync(join(folder, "turnserver")));
const SECRET = randomBytes(16).toString("hex");

type Coturn = { readonly url: string; readonly log: () => string; end(): Promise<void> };

/**
 * coturn on loopback, by UDP. By TCP Chromium cannot: it writes a tie-breaker of 0 into its checks there, which our ICE
 * library (libjuice 1.7) answers by 400, though RFC 8445 §16.1 allows it (its issue 355). HLS is for such networks.
 */
async function startCoturn(folder: string): Promise<Coturn> {
  const port = await freeTcpPort();
  const firstRelay = await freeUdpPort();
  const child: ChildProcess = spawn(
    "turnserver",
    [
      ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file", "stdout", "--verbose"],
      ...["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", `${port}`],
      ...["--min-port", `${firstRelay}`, "--max-port", `${firstRelay + 20}`, "--allow-loopback-peers"],
      ...["--realm", "test", "--use-auth-secret", "--static-auth-secret", SECRET],
      ...["--userdb", join(folder, "turndb"), "--pidfile", join(folder, "turnserver.pid")],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-256 * 1024);
    });
  }
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await waitFor("coturn to listen", 10_000, async () => /UDP listener opened/i.test(log));
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    log: () => log,
    end: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** As a network would force it: host and reflexive candidates are not there. */
async function allowRelaysOnly(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const Plain = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: "relay" });
      }
    };
  });
}

async function picture(page: Page): Promise<number> {
  return page
    .locator("video")
    .first()
    .evaluate((video: HTMLVideoElement) => video.videoWidth);
}

if (hasCoturn) {
  let product: Product;
  let owner: ApiClient;
  let room: TestRoom;
  let coturn: Coturn;
  let folder: string;
  test.beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "cs-turn-"));
    coturn = await startCoturn(folder);
    product = await startProduct();
    owner = await product.owner();
    room = await product.createRoom("Behind a firewall");
    await owner.ask("POST", `/rooms/${room.id}/test-signal`);
    await owner.ask("PATCH", "/settings", { iceUrls: [coturn.url], turnAuth: "secret", turnSecret: SECRET });
  });
  test.afterAll(async () => {
    await product?.remove();
    await coturn?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a viewer who can be reached by a relay alone gets the picture, with credentials of their own", async ({
    context,
  }) => {
    await allowRelaysOnly(context);
    const { page, complaints } = await joinAsReviewer(context, room, "Fia behind a firewall");
    await expectState(page, "live", 20_000);
    await expect.poll(() => picture(page)).toBeGreaterThan(0);
    const users = [...coturn.log().matchAll(/user <(\d+):([\w-]+)>/g)].map(([, until, who]) => [
      Number(until),
      who,
    ]);
    expect(users.length).toBeGreaterThan(0);
    for (const [until] of users) expect(Number(until) * 1000 - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(complaints).toEqual([]);
  });
}
