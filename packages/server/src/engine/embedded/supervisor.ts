import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import {
  CONTROL_PROTOCOL,
  ControlFailure,
  connectEngine,
  ENGINE_AUDIENCE,
  type EngineCalls,
  type EngineLink,
  type EngineSettings,
  hashSettings,
  type ProductDuties,
} from "@colourstream/media";
import type { ServiceKeys } from "../../auth/service-keys.js";
import { EnginePortError, isAlive, killEngine, killNoted, spawnEngine, waitGone } from "./process.js";
import { createRestartPace } from "./restart-pace.js";

const PING_EVERY_MS = 500;
const SILENT_MS = 2_000; // no answer for so long: it hangs
const START_MS = 15_000; // from spawn to hello: 0.5 s measured, much longer on a small board under load
const CONNECT_EVERY_MS = 50;
const SHUTDOWN_MS = 2_000;
const FIRST_ATTEMPTS = 3;

/** What the engine says of itself when it is greeted. */
export type Hello = EngineCalls["hello"]["answer"];

/** The engine as it runs now. */
export type RunningEngine = { readonly link: EngineLink; readonly hello: Hello };

/** What the supervisor needs and whom it tells. */
export type SupervisorPorts = {
  /** Its keys are not looked at: an engine is started with those of the moment. */
  readonly settings: Omit<EngineSettings, "serviceKeys">;
  /** What the engine knows this process by. */
  readonly keys: Pick<ServiceKeys, "sign" | "jwks">;
  /** The version that an engine must be of to be taken over. */
  readonly build: string;
  readonly pidFile: string;
  readonly duties: Omit<ProductDuties, "deadlineMs" | "token">;
  /** Before the first question that the engine asks. */
  up(engine: RunningEngine): void;
  down(): void;
  log(level: "info" | "warn", message: string, about?: object): void;
};

/** Keeps one engine running and this process connected to it. */
export type Supervisor = {
  /**
   * Resolves when an engine answers, or after three attempts: it is then tried again for as long as we live, so that
   * rooms and notes are there without it. Rejects when a port is in use, which nobody but the operator can mend.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The keys are others now: a running engine is told. */
  trustKeys(): void;
};

export function createSupervisor(ports: SupervisorPorts): Supervisor {
  const { settings, pidFile } = ports;
  const settingsHash = hashSettings({ ...settings, serviceKeys: { keys: [] } });
  const stopping = new AbortController();
  const pace = createRestartPace(() => performance.now());
  let current: RunningEngine | null = null;
  let pid: number | null = null;
  let loop: Promise<void> = Promise.resolve();

  /** Shows the newest key's token, and to an engine that has not heard of that key yet the one before's. */
  const connect = async (): Promise<EngineLink> => {
    const by = (which: "newest" | "before"): Promise<EngineLink> =>
      connectEngine(settings.controlPath, {
        ...ports.duties,
        token: () => ports.keys.sign(ENGINE_AUDIENCE, which),
        deadlineMs: SILENT_MS,
      });
    try {
      return await by("newest");
    } catch (error) {
      if (error instanceof ControlFailure && error.code === "not-trusted") return by("before");
      throw error;
    }
  };

  /** Connects and greets. Null when nobody listens; a peer that does not believe us or answer `hello` rejects. */
  const greet = async (): Promise<RunningEngine | null> => {
    let link: EngineLink;
    try {
      link = await connect();
    } catch (error) {
      if (error instanceof ControlFailure && error.code === "unreachable") return null;
      throw error;
    }
    try {
      const hello = await link.ask("hello", { protocol: CONTROL_PROTOCOL, settingsHash });
      return { link, hello };
    } catch (error) {
      link.close();
      throw error;
    }
  };

  /** An engine that runs already, from before a restart of the product: it is taken over when it is the same. */
  const adopt = async (): Promise<RunningEngine | null> => {
    let found: RunningEngine | null;
    try {
      found = await greet();
    } catch (error) {
      ports.log("warn", "the engine that was running does not answer; it is ended", {
        reason: String(error),
      });
      await killNoted(pidFile);
      return null;
    }
    if (found === null) return null;
    const { hello } = found;
    const isSame =
      hello.protocol === CONTROL_PROTOCOL &&
      hello.settingsHash === settingsHash &&
      hello.build === ports.build;
    if (isSame) return found;
    ports.log("info", "the engine that was running has other settings or is another version; it is replaced");
    await endEngine(found);
    return null;
  };

  const startNew = async (): Promise<RunningEngine> => {
    await killNoted(pidFile); // an engine that listens no longer, yet holds the ports
    const started = await spawnEngine({ ...settings, serviceKeys: ports.keys.jwks() }, pidFile);
    const until = performance.now() + START_MS;
    while (!stopping.signal.aborted && performance.now() < until) {
      await wait(CONNECT_EVERY_MS);
      if (!isAlive(started)) throw new Error("the engine ended while it was starting; its log says why");
      const engine = await greet();
      if (engine !== null) return engine;
    }
    await killEngine(started);
    throw new Error(`the engine did not answer within ${START_MS} ms of its start`);
  };

  const tellKeys = ({ link }: RunningEngine): void => {
    link.ask("trustKeys", ports.keys.jwks()).catch((error) => {
      ports.log("warn", "the engine was not told the new keys", { reason: String(error) }); // the next connection does
    });
  };

  const bringUp = async (): Promise<RunningEngine> => {
    const engine = (await adopt()) ?? (await startNew());
    current = engine;
    pid = engine.hello.pid;
    tellKeys(engine); // there may have been a rotation that it has not heard of
    ports.up(engine);
    return engine;
  };

  /** Resolves when the engine has gone or hangs. */
  const watch = async ({ link, hello }: RunningEngine): Promise<void> => {
    let isOpen = true;
    void link.closed.then(() => {
      isOpen = false;
    });
    while (isOpen && !stopping.signal.aborted) {
      try {
        await link.ask("ping", {}, SILENT_MS);
      } catch (error) {
        if (!isOpen || stopping.signal.aborted) return;
        ports.log("warn", "the engine does not answer; it is ended and started again", {
          reason: String(error),
        });
        link.close();
        await killEngine(hello.pid);
        return;
      }
      await Promise.race([wait(PING_EVERY_MS), link.closed]);
    }
  };

  const run = async (first: RunningEngine | null): Promise<void> => {
    let engine: RunningEngine | null = first;
    while (!stopping.signal.aborted) {
      if (engine !== null) {
        await watch(engine);
        current = null;
        ports.down();
        if (stopping.signal.aborted) return;
        ports.log("warn", "the engine has gone; it is started again");
      }
      await Promise.race([wait(pace.next(engine !== null)), aborted(stopping.signal)]);
      if (stopping.signal.aborted) return;
      engine = await tryAgain();
    }
  };

  const tryAgain = async (): Promise<RunningEngine | null> => {
    try {
      return await bringUp();
    } catch (error) {
      ports.log("warn", "the engine could not be started", { reason: String(error) });
      return null;
    }
  };

  return {
    start: async () => {
      let first: RunningEngine | null = null;
      for (let attempt = 0; first === null && attempt < FIRST_ATTEMPTS; attempt++) {
        try {
          first = await bringUp();
        } catch (error) {
          if (error instanceof EnginePortError) throw error;
          ports.log("warn", "the engine could not be started", { reason: String(error) });
          if (attempt + 1 < FIRST_ATTEMPTS) await wait(pace.next(false));
        }
      }
      loop = run(first);
    },
    trustKeys: () => {
      if (current !== null) tellKeys(current);
    },
    stop: async () => {
      stopping.abort();
      const engine = current;
      current = null;
      if (engine !== null) await endEngine(engine);
      else if (pid !== null) await killEngine(pid);
      await loop;
      await rm(pidFile, { force: true });
    },
  };
}

/** Asks it to end, and ends it when it does not. */
async function endEngine({ link, hello }: RunningEngine): Promise<void> {
  const asked = link.ask("shutdown", {}, SHUTDOWN_MS).catch(() => null); // gone or hanging: either way it is ended below
  await asked;
  // Until it has gone it tells how what it does ends, such as a recording.
  if (!(await waitGone(hello.pid, SHUTDOWN_MS))) await killEngine(hello.pid);
  link.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
