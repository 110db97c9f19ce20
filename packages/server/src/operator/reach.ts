import { mkdir } from "node:fs/promises";
import { ingestUrlsFor, linkBaseFor, plannedPorts, relyingPartyFor } from "../addresses.js";
import { openBus } from "../bus/open-bus.js";
import type { Config } from "../config.js";
import { createNoEngine } from "../engine/none.js";
import { omeIngestUrls } from "../engine/ovenmediaengine/addresses.js";
import { createProduct, openSealer } from "../product.js";
import { openSettings } from "../settings.js";
import { openStore } from "../store/store.js";
import { createOperator, type OperatorCommands } from "./commands.js";
import { askInstance, type OperatorRequest, takeLock } from "./lock.js";
import { prepareRunDir } from "./run-dir.js";

const TRY_AGAIN_MS = 250;
const SLOW_MS = 600_000; // the whole database is read for it
const SLOW: readonly (keyof OperatorCommands)[] = ["backup"];
const WAIT_MS = 20_000; // another command, or a server that is just starting or stopping

/** What went wrong, in words for the operator. */
export class OperatorError extends Error {}

/** Has a command done: by the running server, or here on the data directory when no server runs. */
export async function command<C extends keyof OperatorCommands>(
  config: Config,
  name: C,
  given: OperatorCommands[C]["ask"],
): Promise<OperatorCommands[C]["answer"]> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const runDir = await prepareRunDir(config.dataDir);
  const request: OperatorRequest = { command: name, with: given };
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const taken = await takeLock(runDir, "command");
    if ("serve" in taken) {
      try {
        return (await doHere(config, request)) as OperatorCommands[C]["answer"];
      } finally {
        await taken.release();
      }
    }
    if (taken.kind === "server") {
      const answer = await askInstance(runDir, request, SLOW.includes(name) ? SLOW_MS : undefined);
      if (answer !== null && "is" in answer) return answer.is as OperatorCommands[C]["answer"];
      const isStarting = answer === null || answer.failed.includes("still starting");
      if (!isStarting) throw new OperatorError(answer.failed);
    }
    if (performance.now() > until)
      throw new OperatorError(`process ${taken.pid} holds ${config.dataDir} and does not answer`);
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
}

async function doHere(config: Config, request: OperatorRequest): Promise<unknown> {
  const warn = (message: string, error: unknown): void => console.error(message, error);
  const store = await openStore(config, warn);
  // Other machines may have servers on the same database: they are told what is done here.
  const { bus, begin } = await openBus(config, { mayBeFirst: false, warn });
  try {
    const sealer = await openSealer(config);
    const settings = await openSettings({
      config,
      store: store.settings,
      sealer,
      httpPort: () => config.port,
      bus,
      warn,
    });
    const now = () => ({ ...config, ...settings.now() });
    const linkBase = (origin: string | null): string => linkBaseFor(now(), config.port, origin);
    const product = await createProduct({
      config,
      store,
      sealer,
      settings,
      linkBase,
      bus,
      relyingParty: () => relyingPartyFor(config, config.port),
      wallClock: Date.now,
      warn,
      engine: () =>
        createNoEngine((access, origin) =>
          config.ome === null
            ? ingestUrlsFor(now(), config.port, plannedPorts(now()), access, origin)
            : omeIngestUrls(config.ome, config.publicUrl, now(), access),
        ),
    });
    begin();
    return await createOperator(product)(request);
  } finally {
    await bus.close();
    await store.close();
  }
}
