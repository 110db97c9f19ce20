import { mkdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import pino, { type Logger } from "pino";
import { ingestUrlsFor, linkBaseFor, openAddresses, relyingPartyFor, whyNoPasskeys } from "./addresses.js";
import { setUpPath } from "./auth/set-up.js";
import type { Backups } from "./backups/backups.js";
import { openBus } from "./bus/open-bus.js";
import { type Config, readConfig, replacesRelay } from "./config.js";
import { ConfigError } from "./config-error.js";
import { askEngine } from "./engine/embedded/ask-engine.js";
import { createEmbeddedEngine, type EmbeddedEngine } from "./engine/embedded/embedded.js";
import { openEngine } from "./engine/embedded/open-engine.js";
import { EnginePortError } from "./engine/embedded/process.js";
import { createOmeEngine, type OmeEngine } from "./engine/ovenmediaengine/ovenmediaengine.js";
import { createApp } from "./http/app.js";
import { createLog } from "./log.js";
import { createOperator } from "./operator/commands.js";
import { type InstanceLock, takeLock } from "./operator/lock.js";
import { prepareRunDir } from "./operator/run-dir.js";
import { createProduct, openSealer, recordingsFolder, VERSION } from "./product.js";
import { SWEEP_EVERY_MS } from "./rooms/expiry.js";
import { openSettings } from "./settings.js";
import { awaitStore } from "./store/await-store.js";
import { DatabaseError } from "./store/database-error.js";
import { MigrationError } from "./store/migrate.js";
import { createTidy } from "./tidy.js";

const STOP_MS = 4_800; // Ctrl-C to the end, whatever hangs
const SECOND_CTRL_C_MS = 1_000; // npm passes a terminal's Ctrl-C on a second time
const COMMAND_WAIT_MS = 10_000; // a command on the data directory is done in a second
const TIDY_EVERY_MS = 3_600_000;
const DRAIN_MS = 1_500; // a proxy that asks /healthz each second sends nobody here any more; others take them
const BACKUP_LOOK_MS = 60_000;

/** A reason not to start that its reader can do something about: said in one line, without a stack. */
class StartError extends Error {}

try {
  await main();
} catch (error) {
  const isTheirs = [StartError, ConfigError, EnginePortError, DatabaseError, MigrationError].some(
    (kind) => error instanceof kind,
  );
  console.error(isTheirs ? `ColourStream cannot start: ${(error as Error).message}` : error);
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const isTerminal = process.stdout.isTTY === true;
  const log = createLog(
    config.logLevel ?? (isTerminal ? "warn" : "info"),
    pino.destination({ fd: 2, sync: true }),
  );
  const warn = (message: string, error: unknown): void => log.warn({ err: error }, message);

  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const runDir = await prepareRunDir(config.dataDir);
  const lock = await lockDataDir(runDir, config);
  const store = await awaitStore(config, { warn, say: (line) => console.error(line) });

  let port = config.port;
  let embedded: EmbeddedEngine | undefined;
  let ome: OmeEngine | undefined;
  const sealer = await openSealer(config);
  const { bus, begin } = await openBus(config, { mayBeFirst: true, warn });
  const settings = await openSettings({
    config,
    store: store.settings,
    sealer,
    httpPort: () => port,
    bus,
    warn,
  });
  const where = () => ({ ...config, publicAddress: settings.now().publicAddress });
  const linkBase = (origin: string | null): string => linkBaseFor(where(), port, origin);
  const logOfEngine = (level: "info" | "warn", message: string, about?: object): void =>
    log[level](about ?? {}, message);
  const product = await createProduct({
    config,
    bus,
    store,
    sealer,
    settings,
    linkBase,
    relyingParty: () => relyingPartyFor(config, port),
    wallClock: Date.now,
    warn,
    engine: (over) => {
      if (config.ome !== null) {
        ome = createOmeEngine({
          ...over,
          config: config.ome,
          publicUrl: config.publicUrl,
          settings: settings.now,
          recordingsDir: recordingsFolder(config),
          bus,
          clock: () => performance.now(),
          wallClock: Date.now,
          log: logOfEngine,
        });
        return ome;
      }
      embedded = createEmbeddedEngine({
        ...over,
        settings: settings.now,
        logLevel: config.logLevel ?? "warn",
        runDir,
        build: VERSION,
        wallClock: Date.now,
        rtmpsFiles: config.rtmpsFiles,
        recordingsDir: recordingsFolder(config),
        ingestUrls: (ports, access, origin) => ingestUrlsFor(where(), port, ports, access, origin),
        log: logOfEngine,
      });
      return embedded;
    },
  });
  const { app, realtime, probes } = await createApp({
    product,
    log,
    askEngine: (request) => askEngine(embedded?.httpPath ?? "", request),
    openEngine: (request) => openEngine(embedded?.httpPath ?? "", request),
    admission: ome?.admission ?? null,
  });
  begin();

  const stop = stopOnSignal(log, async () => {
    probes.drain();
    if (bus.others().length > 0) await wait(DRAIN_MS);
    realtime.closeAll();
    await Promise.all([app.close(), product.engine.stop()]);
    await product.recordings.close();
    await bus.close();
    await store.close();
    await lock.release();
  });

  try {
    await app.listen({ port: config.port, host: config.host });
    const address = app.server.address();
    if (typeof address === "object" && address !== null) port = address.port;
    await product.engine.start();
  } catch (error) {
    if (stop.isUnderWay()) return;
    await Promise.allSettled([app.close(), product.engine.stop(), bus.close()]);
    await store.close();
    await lock.release();
    throw explain(error, config);
  }
  await product.recordings.recover();
  lock.serve(createOperator(product));
  const tidy = createTidy(product, store);
  keepTidy(async () => (bus.isFirst() ? tidy() : undefined), warn);
  keepBackups(product.backups, warn);
  setInterval(() => {
    if (!bus.isFirst()) return;
    product.expiry.sweep().catch((error) => warn("a room whose time is over was not shut", error));
  }, SWEEP_EVERY_MS).unref();

  const [local, ...others] = openAddresses(config, port);
  console.log(`ColourStream ${VERSION}`);
  console.log(`  Open           ${local}`);
  for (const other of others) console.log(`                 ${other}`);
  if (await product.setUp.isNeeded()) {
    const link = product.relyingParty().origin + setUpPath(await product.setUp.makeCode("set_up"));
    console.log(`  Set up (once)  ${link}`);
    if (await product.setUp.passwordWorks())
      console.log("                 or by ADMIN_PASSWORD, until there is a passkey");
  }
  const shown = { key: "", srtId: "", srtPassphrase: null };
  for (const { server } of product.engine.ingestUrls(shown, null)) console.log(`  Publish to     ${server}`);
  const relayAt = product.engine.relayPort();
  const { relayOn, relayPort } = settings.now();
  if (relayAt !== null)
    console.log(`  Calls          relayed where they must, by port ${relayAt} (UDP and TCP)`);
  else if (config.ome === null && relayOn && !replacesRelay(config) && !product.engine.isAway())
    console.log(
      `  Calls          without a relay: port ${relayPort} (RELAY_PORT) is in use by another program`,
    );
  if (product.engine.isAway())
    console.log("  Video          not yet: the media engine does not start; the log says why");
  const noPasskeys = whyNoPasskeys(config);
  if (noPasskeys !== null) console.log(`  Passkeys       do not work: ${noPasskeys}`);
  console.log("  Press Ctrl-C to stop");
}

/** One process on a data directory. A command that is just working on it is waited for. */
async function lockDataDir(runDir: string, config: Config): Promise<InstanceLock> {
  const until = performance.now() + COMMAND_WAIT_MS;
  for (;;) {
    const taken = await takeLock(runDir, "server");
    if ("serve" in taken) return taken;
    if (taken.kind === "server" || performance.now() > until) {
      throw new StartError(`another ColourStream (process ${taken.pid}) is running on ${config.dataDir}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Ends in order at the first signal; at a second one that is not the echo of the first, at once. */
function stopOnSignal(log: Logger, stop: () => Promise<void>): { isUnderWay(): boolean } {
  let stoppedAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppedAt !== null) {
      if (performance.now() - stoppedAt > SECOND_CTRL_C_MS) process.exit(1);
      return;
    }
    stoppedAt = performance.now();
    log.info({ signal }, "stopping");
    setTimeout(() => {
      log.error("stopping took too long; ended");
      process.exit(1);
    }, STOP_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return { isUnderWay: () => stoppedAt !== null };
}

function explain(error: unknown, { port, host }: Config): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "EADDRINUSE":
      return new StartError(
        `port ${port} (PORT) is in use by another program. Stop it, or set PORT to another port.`,
      );
    case "EACCES":
      return new StartError(
        `port ${port} (PORT) may not be opened by this user. Set PORT to one above 1023.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new StartError(`${host} (HOST) is not an address of this machine.`);
    default:
      return error;
  }
}

/** Looks at once and then each minute whether the night's backup is due. */
function keepBackups({ nightly }: Backups, warn: (message: string, error: unknown) => void): void {
  const look = (): void => {
    nightly().catch((error) => warn("the nightly backup's failure was not noted", error));
  };
  look();
  setInterval(look, BACKUP_LOOK_MS).unref();
}

/** Once an hour: what is over, and what has been kept for as long as the settings say, goes. */
function keepTidy(tidy: () => Promise<void>, warn: (message: string, error: unknown) => void): void {
  setInterval(() => {
    tidy().catch((error) => warn("tidying up failed", error));
  }, TIDY_EVERY_MS).unref();
}
