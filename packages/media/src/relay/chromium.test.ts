import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../transport/system-clock.js";
import { type Relay, startRelay } from "./relay.js";

const CHROMIUM = "/usr/bin/chromium";
const CALL = fileURLToPath(new URL("./fixtures/call.js", import.meta.url));
const SECRET = randomBytes(32).toString("base64url");
const HOST = "127.0.0.1";
const isOnPath = (name: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));

type End = {
  local: string;
  remote: string;
  transport: string;
  address: string | null;
  packets: number;
  lost: number;
};
type Called = { said: string; both: [End, End] };

/** As the product makes them. */
const credentials = (secret: string): { username: string; credential: string } => {
  const username = `${Math.floor(Date.now() / 1000) + 3600}:somebody`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
};

let browser: Browser;
let page: Page;
let relay: Relay;
beforeAll(async () => {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  relay = await startRelay({
    host: HOST,
    port: 0,
    secret: SECRET,
    clock: systemClock,
    random: randomBytes,
    log,
  });
  if (!existsSync(CHROMIUM)) return;
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
  });
  page = await browser.newPage();
  await page.addScriptTag({ path: CALL });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await relay?.close();
});

const callBy = (port: number, transport: string, secret: string): Promise<Called> =>
  page.evaluate<Called>(
    `callThroughRelay(${JSON.stringify([
      { urls: [`turn:${HOST}:${port}?transport=${transport}`], ...credentials(secret) },
    ])})`,
  );

const expectRelayed = ({ said, both }: Called, transport: string): void => {
  expect(said).toBe("heard north wind");
  for (const end of both) expect(end).toMatchObject({ local: "relay", remote: "relay", transport, lost: 0 });
};

test.skipIf(!existsSync(CHROMIUM)).each(["udp", "tcp"])(
  "Chromium calls through the relay by %s: words and sound, both ends relayed, nothing lost",
  { timeout: 60_000 },
  async (transport) => {
    const called = await callBy(relay.port() ?? 0, transport, SECRET);
    expectRelayed(called, transport);
    for (const { address } of called.both) expect(address).toBe("192.0.2.1");
  },
);

test.skipIf(!existsSync(CHROMIUM) || !isOnPath("turnserver"))(
  "the same page through coturn, with credentials made the same way",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "coturn-"));
    const port = await freePort();
    const coturn = startCoturn(port, folder);
    try {
      await listens(coturn);
      expectRelayed(await callBy(port, "udp", SECRET), "udp");
    } finally {
      coturn.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

function startCoturn(port: number, folder: string): ChildProcess {
  return spawn(
    "turnserver",
    [
      ...[
        "-n",
        "--no-cli",
        "--no-tls",
        "--no-dtls",
        "--log-file",
        "stdout",
        "--verbose",
        "--allow-loopback-peers",
      ],
      ...["--listening-ip", HOST, "--relay-ip", HOST, "--listening-port", `${port}`],
      ...["--min-port", `${port + 1}`, "--max-port", `${Math.min(65_535, port + 40)}`],
      ...["--realm", "test", "--use-auth-secret", "--static-auth-secret", SECRET],
      ...["--userdb", join(folder, "turndb"), "--pidfile", join(folder, "turnserver.pid")],
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
}

function listens(coturn: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("coturn does not listen")), 20_000);
    let log = "";
    coturn.stdout?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-64 * 1024);
      if (!/UDP listener opened/i.test(log)) return;
      clearTimeout(late);
      resolve();
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createTcpServer();
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === "object" ? address.port : 0));
    });
  });
}
