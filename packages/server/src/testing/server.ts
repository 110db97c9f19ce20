import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API_PREFIX, type StreamStatus } from "@colourstream/contract";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import pino from "pino";
import { ingestUrlsFor, linkBaseFor, plannedPorts, relyingPartyFor } from "../addresses.js";
import { createAlone } from "../bus/alone.js";
import type { Bus } from "../bus/bus.js";
import { readConfig } from "../config.js";
import { askEngine } from "../engine/embedded/ask-engine.js";
import { openEngine } from "../engine/embedded/open-engine.js";
import type { EngineNews, MediaEngine } from "../engine/engine.js";
import { createNoEngine } from "../engine/none.js";
import { createApp } from "../http/app.js";
import type { Product } from "../http/context.js";
import type { Probes } from "../http/probes.js";
import { createProduct, type EngineOver, openSealer } from "../product.js";
import { openOwnKeyFile } from "../secrets.js";
import { openSettings } from "../settings.js";
import type { Store } from "../store/store.js";
import { openTestStore } from "./database.js";
import { type BusLines, joinBuses } from "./pair.js";

/** What an engine was asked to cut, and a way to have it tell something. */
export type EngineProbe = {
  readonly cuts: unknown[];
  tell(news: EngineNews): void;
  isAway: boolean;
  reconfigured: number;
  /** What the next change of the engine's settings ends in. */
  refusesSettings: Error | null;
  /** What is live, by room; a recording can begin there. */
  readonly live: Map<string, StreamStatus>;
  /** What it was asked to record, and by what answer it begins. */
  readonly recordings: { readonly roomId: string; readonly id: string }[];
  startsRecording: "started" | "disk-full" | "failed";
};

/** The whole HTTP side over a database of its own, with a probe in the engine's place. */
export type TestServer = {
  readonly app: FastifyInstance;
  readonly product: Product;
  readonly store: Store;
  readonly engine: EngineProbe;
  /** What tells a proxy that it stops. */
  readonly probes: Probes;
  /** The address, listening on a free port. */
  readonly url: string;
  close(): Promise<void>;
};

const UNTOUCHED = { way: "webrtc", rendition: "untouched" } as const;

/** What several servers have in common: their database, the key of what is sealed in it, and their bus. */
export type SharedParts = {
  readonly store: Store;
  /** SECRET_KEY_FILE. */
  readonly keyFile: string;
  readonly bus: Bus;
};

/**
 * `wallClock`: for tests in which time passes. `makeEngine`: a real one in the probe's place. `shared`: with another
 * server on one database; the store stays the caller's to close.
 */
export async function startTestServer(
  environment: Record<string, string> = {},
  wallClock: () => number = Date.now,
  makeEngine: ((over: EngineOver, dataDir: string) => MediaEngine) | null = null,
  shared: SharedParts | null = null,
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "cs-"));
  const keyFile = shared === null ? {} : { SECRET_KEY_FILE: shared.keyFile };
  const config = readConfig({ DATA_DIR: dataDir, ...keyFile, ...environment });
  const store = shared?.store ?? (await openTestStore());
  const listeners: ((news: EngineNews) => void)[] = [];
  let port = 0;
  const probe: EngineProbe = {
    cuts: [],
    isAway: false,
    reconfigured: 0,
    refusesSettings: null,
    live: new Map(),
    recordings: [],
    startsRecording: "started",
    tell: (news) => {
      for (const listener of listeners) listener(news);
    },
  };
  const sealer = await openSealer(config);
  const bus = shared?.bus ?? createAlone("test");
  const warn = (message: string, error: unknown): void => {
    throw new Error(message, { cause: error });
  };
  const settings = await openSettings({
    config,
    store: store.settings,
    sealer,
    httpPort: () => port,
    bus,
    warn,
  });
  const now = () => ({ ...config, ...settings.now() });
  const none = createNoEngine((access, origin) =>
    ingestUrlsFor(now(), port, plannedPorts(now()), access, origin),
  );
  const engine: MediaEngine = {
    ...none,
    isAway: () => probe.isAway,
    ticket: (roomId, viewer, wish) => {
      if (probe.isAway) return none.ticket(roomId, viewer, wish);
      const protocol = wish.way === "webrtc" ? "whep" : "hls";
      return {
        protocol,
        rendition: "untouched",
        url: `/${protocol}`,
        ticket: randomBytes(32).toString("base64url"),
        expiresAt: 0,
        iceServers: [],
      };
    },
    checkTicket: async () =>
      engine.ticket("check", { participantId: "check", sessionExpiresAt: 0 }, UNTOUCHED),
    publishTicket: () => ({
      url: "/whip",
      ticket: randomBytes(32).toString("base64url"),
      expiresAt: 0,
      iceServers: [],
    }),
    disconnect: async (who) => {
      probe.cuts.push(who);
    },
    disconnectAddresses: async (isTheirs) => {
      probe.cuts.push(isTheirs);
    },
    reconfigure: async () => {
      probe.reconfigured += 1;
      if (probe.refusesSettings !== null) throw probe.refusesSettings;
    },
    stream: (roomId) => probe.live.get(roomId) ?? null,
    startRecording: async (roomId, id) => {
      if (probe.startsRecording === "started") probe.recordings.push({ roomId, id });
      return probe.startsRecording;
    },
    stopRecording: async () => true,
    allowTakeOver: async () => undefined,
    startTestSignal: async () => "started",
    stopTestSignal: async () => undefined,
    on: (listener) => {
      listeners.push(listener);
    },
  };
  const product = await createProduct({
    config,
    store,
    sealer,
    settings,
    bus,
    engine: (over) => makeEngine?.(over, dataDir) ?? engine,
    linkBase: (origin) => linkBaseFor(now(), port, origin),
    relyingParty: () => relyingPartyFor(config, port),
    wallClock,
    warn,
  });
  const { app, realtime, probes } = await createApp({
    product,
    log: pino({ level: "silent" }),
    askEngine: (request) => askEngine(join(dataDir, "engine-http.sock"), request),
    openEngine: (request) => openEngine(join(dataDir, "engine-http.sock"), request),
    admission: null,
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const address = app.server.address();
  if (typeof address === "object" && address !== null) port = address.port;
  return {
    app,
    product,
    store,
    engine: probe,
    probes,
    url: `http://localhost:${port}`,
    close: async () => {
      realtime.closeAll();
      await app.close();
      await product.engine.stop();
      await product.recordings.close();
      if (shared === null) await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Two servers on one database, joined by their buses. */
export type ServerPair = {
  readonly one: TestServer;
  readonly two: TestServer;
  readonly lines: BusLines;
  close(): Promise<void>;
};

/** Starts two servers, "one" and "two", on a database of the test's own. */
export async function startServerPair(environment: Record<string, string> = {}): Promise<ServerPair> {
  const folder = await mkdtemp(join(tmpdir(), "cs-pair-"));
  const keyFile = join(folder, "secret.key");
  await openOwnKeyFile(keyFile);
  const store = await openTestStore();
  const lines = joinBuses("one", "two");
  const start = (bus: Bus): Promise<TestServer> =>
    startTestServer(environment, Date.now, null, { store, keyFile, bus });
  const [busOne, busTwo] = lines.buses;
  if (busOne === undefined || busTwo === undefined) throw new Error("two buses were asked for");
  const one = await start(busOne);
  const two = await start(busTwo);
  return {
    one,
    two,
    lines,
    close: async () => {
      await one.close();
      await two.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A browser: keeps cookies, names its origin. */
export type Browser = {
  ask(method: string, path: string, body?: unknown): Promise<LightMyRequestResponse>;
  readonly cookies: Map<string, string>;
  cookieHeader(): string;
};

export function openBrowser(server: TestServer, address = "192.0.2.1"): Browser {
  const cookies = new Map<string, string>();
  const cookieHeader = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return {
    cookies,
    cookieHeader,
    ask: async (method, path, body) => {
      const answer = await server.app.inject({
        method: method as "GET",
        url: path.startsWith("/api/") || path.startsWith("/whep") ? path : API_PREFIX + path,
        remoteAddress: address,
        headers: {
          origin: server.url,
          ...(cookies.size > 0 && { cookie: cookieHeader() }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      });
      for (const { name, value, expires } of answer.cookies) {
        if (expires !== undefined && expires.getTime() <= Date.now()) cookies.delete(name);
        else cookies.set(name, value);
      }
      return answer;
    },
  };
}

/** A browser in which the owner is signed in, as after showing a passkey; makes the owner when there is none. */
export async function openOwner(server: TestServer): Promise<Browser> {
  const { setUp, sessions } = server.product;
  const code = await setUp.makeCode((await server.store.users.owner()) === null ? "set_up" : "recovery");
  const user = (await setUp.spend(code, "Olga"))?.user;
  if (user === undefined) throw new Error("the owner was not made");
  const browser = openBrowser(server, "192.0.2.100");
  const device = { userAgent: "a test", address: "192.0.2.100" };
  browser.cookies.set("session", (await sessions.startUser(user, "full", device)).token);
  return browser;
}
