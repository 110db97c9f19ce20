import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  AccountLink,
  BodyOf,
  IngestUrl,
  PlaybackTicket,
  ReviewRoom,
  Room,
  roomRoutes,
} from "@colourstream/contract";
import { API_PREFIX } from "@colourstream/contract";
import { type Authenticator, createAuthenticator } from "./authenticator.js";
import { enrol, signIn } from "./ceremony.js";
import { freeTcpPort, freeUdpPort } from "./ports.js";
import { processesWith, type RunningProcess } from "./processes.js";
import { PROJECT_ROOT } from "./root.js";
import { waitFor, withDeadline } from "./wait.js";

/** An answer of the API: its status, and its body when that is JSON. */
export type ApiAnswer<T> = { readonly status: number; readonly headers: Headers; readonly body: T };

/** One browser's worth of cookies at the API. */
export type ApiClient = {
  send<T = unknown>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>>;
  /** As `send`, but anything that is not a success is an error that shows the answer. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** The cookies as a request's header. */
  cookie(): string;
};

/** A room that was made for a test, with what its encoder and its reviewers need. */
export type TestRoom = {
  readonly id: string;
  readonly name: string;
  readonly reviewerLink: string;
  readonly reviewerPassword: string;
  /** By RTMP. */
  readonly ingest: IngestUrl;
  /** By every way in that is on. */
  readonly urls: readonly IngestUrl[];
};

/** The built product, running as an operator would run it. */
export type Product = {
  /** The origin that a browser opens. */
  readonly url: string;
  readonly rtmpPort: number;
  readonly rtmpsPort: number;
  readonly srtPort: number;
  readonly webrtcPort: number;
  /** UDP and TCP. */
  readonly relayPort: number;
  readonly dataDir: string;
  /** The one-time link that it printed at its first start. */
  readonly setUpLink: string;
  /** Everything it has written so far. */
  log(): string;
  /** Process numbers: of what `npm start` runs, of the media engine, both as they are now. */
  pid(): number;
  enginePid(): number | null;
  /** A visitor without a cookie. */
  visitor(): ApiClient;
  /** The owner; the first call spends the set-up link and adds a passkey. */
  owner(): Promise<ApiClient>;
  /** The owner's passkey, of which `owner()` has made the first. */
  readonly ownersAuthenticator: Authenticator;
  /** A colourist with a passkey, invited by the owner; the same name is the same person in the same browser. */
  colourist(name: string): Promise<ApiClient>;
  /** Another browser, signed in by the passkeys of this authenticator. */
  signIn(authenticator: Authenticator): Promise<ApiClient>;
  createRoom(name: string): Promise<TestRoom>;
  /** Joins as a reviewer. */
  join(room: TestRoom, name: string): Promise<ApiClient>;
  /** What is live in the room, as the studio's API tells it. */
  stream(room: TestRoom): Promise<Room["stream"]>;
  /** Waits until the room's stream is as wanted. */
  waitForStream(
    room: TestRoom,
    state: "live" | "stalled" | "interrupted" | "none",
    deadlineMs?: number,
  ): Promise<void>;
  /** Ctrl-C: resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to everything but the media engine; the data stays. */
  kill(): Promise<void>;
  /** Starts again on the same data and ports. */
  restart(): Promise<void>;
  /** Stops what runs and removes the data. */
  remove(): Promise<void>;
};

const START_MS = 60_000; // a cold PGlite on a busy two-core machine takes up to 15 s
const STOP_MS = 10_000;
const MAX_LOG_CHARACTERS = 4 * 1024 * 1024;

/** Starts the product on its own data folder and free ports and waits until it has said where it is. */
export async function startProduct(
  environment: Readonly<Record<string, string>> = {},
  ports: { readonly port?: number; readonly rtmpPort?: number; readonly webrtcPort?: number } = {},
): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), "colourstream-test-"));
  const port = ports.port ?? (await freeTcpPort());
  const rtmpPort = ports.rtmpPort ?? (await freeTcpPort());
  const rtmpsPort = await freeTcpPort();
  const srtPort = await freeUdpPort();
  const webrtcPort = ports.webrtcPort ?? (await freeUdpPort());
  const relayPort = await freeTcpPort();
  const url = `http://localhost:${port}`; // passkeys are bound to a name: an IP address has none
  let child: ChildProcess;
  let log = "";
  let ownerClient: Promise<ApiClient> | undefined;
  const ownersAuthenticator = createAuthenticator();
  const colourists = new Map<string, Promise<ApiClient>>();

  async function launch(): Promise<string> {
    const started = spawn(process.execPath, [join(PROJECT_ROOT, "scripts/start.mjs")], {
      cwd: PROJECT_ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NODE_ENV: "test",
        DATA_DIR: dataDir,
        HOST: "127.0.0.1",
        PORT: String(port),
        RTMP_PORT: String(rtmpPort),
        RTMPS_PORT: String(rtmpsPort),
        SRT_PORT: String(srtPort),
        WEBRTC_PORTS: String(webrtcPort),
        RELAY_PORT: String(relayPort),
        PUBLIC_ADDRESS: "127.0.0.1",
        PUBLIC_URL: url,
        ...environment,
      },
    });
    child = started;
    const before = log.length;
    const take = (text: string) => {
      log = (log + text).slice(-MAX_LOG_CHARACTERS);
    };
    started.stdout.setEncoding("utf8").on("data", take);
    started.stderr.setEncoding("utf8").on("data", take);
    return waitFor("the product to print its addresses", START_MS, async () => {
      if (started.exitCode !== null || started.signalCode !== null) {
        throw new Error(
          `the product ended with ${started.exitCode ?? started.signalCode}:\n${log.slice(before)}`,
        );
      }
      const printed = log.slice(before);
      if (!printed.includes("rtmp://") || !(await answers(url))) return null;
      return printed;
    }).catch((error: unknown) => {
      started.kill("SIGKILL");
      throw new Error(`${String(error)}\nIt wrote:\n${log.slice(before)}`);
    });
  }

  /** Every process of this product, its engine also when the server that started it is gone. */
  function living(): RunningProcess[] {
    return processesWith(dataDir).filter((one) => one.state !== "Z");
  }
  function isBelowEngine(one: RunningProcess): boolean {
    return one.parent === product.enginePid();
  }

  const printed = await launch();
  const setUpLink = /https?:\/\/\S+\/set-up#[^\s"')]+/.exec(printed)?.[0] ?? "";

  const product: Product = {
    url,
    rtmpPort,
    rtmpsPort,
    srtPort,
    webrtcPort,
    relayPort,
    dataDir,
    setUpLink,
    log: () => log,
    pid: () => child.pid ?? 0,
    enginePid: () => living().find(isEngine)?.pid ?? null,
    visitor: () => makeClient(url),
    owner() {
      ownerClient ??= (async () => {
        const client = makeClient(url);
        await enrol(client.ask, setUpLink, ownersAuthenticator, { origin: url }, "Olive Owner");
        return client;
      })();
      return ownerClient;
    },
    ownersAuthenticator,
    colourist(name) {
      const known = colourists.get(name);
      if (known !== undefined) return known;
      const made = (async () => {
        const owner = await product.owner();
        const { link } = await owner.ask<AccountLink>("POST", "/users", { name });
        const client = makeClient(url);
        await enrol(client.ask, link, createAuthenticator(), { origin: url });
        return client;
      })();
      colourists.set(name, made);
      return made;
    },
    async signIn(authenticator) {
      const client = makeClient(url);
      await signIn(client.ask, authenticator, { origin: url });
      return client;
    },
    async createRoom(name) {
      const owner = await product.owner();
      const room = await owner.ask<Room>("POST", "/rooms", { name });
      const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/reveal`);
      const ingest = urls.find((one) => one.protocol === "rtmp");
      if (ingest === undefined) throw new Error(`no RTMP address among ${JSON.stringify(urls)}`);
      const { id, reviewerLink, reviewerPassword } = room;
      return { id, name, reviewerLink, reviewerPassword, ingest, urls };
    },
    async join(room, name) {
      const client = makeClient(url);
      const body: BodyOf<typeof roomRoutes.joinRoom> = { name, password: room.reviewerPassword };
      await client.ask<ReviewRoom>("POST", `/rooms/${room.id}/join`, body);
      return client;
    },
    async stream(room) {
      const owner = await product.owner();
      return (await owner.ask<Room>("GET", `/rooms/${room.id}`)).stream;
    },
    async waitForStream(room, state, deadlineMs = 10_000) {
      await waitFor(`the stream in ${room.name} to be ${state}`, deadlineMs, async () => {
        return ((await product.stream(room))?.state ?? "none") === state;
      });
    },
    async stop() {
      const end = ended(child);
      child.kill("SIGINT");
      return withDeadline("the product to stop", STOP_MS, end);
    },
    async kill() {
      const end = ended(child);
      for (const one of living()) if (!isEngine(one) && !isBelowEngine(one)) killIfThere(one.pid);
      await withDeadline("the product to die", STOP_MS, end);
    },
    async restart() {
      await launch();
    },
    async remove() {
      const end = ended(child);
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await end.finally(() => clearTimeout(timer));
      for (const one of living()) killIfThere(one.pid);
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return product;
}

function isEngine(one: RunningProcess): boolean {
  return /media\/dist\/main\.js/.test(one.commandLine);
}

/** Asks for a playback ticket as a participant. */
export function makeTicket(participant: ApiClient, room: TestRoom): Promise<PlaybackTicket> {
  return participant.ask<PlaybackTicket>("POST", `/rooms/${room.id}/ticket`);
}

function makeClient(url: string): ApiClient {
  const cookies = new Map<string, string>();
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  async function send<T>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>> {
    const headers: Record<string, string> = { origin: url };
    if (cookies.size > 0) headers["cookie"] = cookie();
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(`${url}${API_PREFIX}${path}`, {
      method,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(15_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }
  return {
    send,
    cookie,
    async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
      const answer = await send<T>(method, path, body);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}${API_PREFIX}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok;
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError"))
      return false;
    throw error;
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
