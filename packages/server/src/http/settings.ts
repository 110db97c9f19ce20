import { statfs } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { About, Settings, settingsRoutes } from "@colourstream/contract";
import { encoderHost, readCertificate } from "../certificate.js";
import { replacesRelay } from "../config.js";
import { EngineSettingError } from "../engine/engine.js";
import { SettingRefusedError } from "../settings.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

const DATABASE_ANSWER_MS = 2_000;

/** The installation's own settings, and what it runs on. */
export function settingsHandlers(product: Product): HandlersOf<typeof settingsRoutes> {
  const { config, settings, backups, engine, journal, store, version, startedAt, wallClock } = product;
  const view = async (): Promise<Settings> => {
    const now = settings.now();
    return {
      ...now,
      ...(await readCertificate(config.rtmpsFiles, encoderHost(now), wallClock())),
      relay: relayState(now),
      engine: engine.isAway() ? "away" : "ok",
    };
  };

  const relayState = ({ relayOn }: { relayOn: boolean }): Settings["relay"] => {
    if (replacesRelay(config)) return "replaced";
    if (!relayOn || config.ome !== null) return "off"; // OvenMediaEngine has none for calls
    if (engine.isAway()) return "away";
    return engine.relayPort() === null ? "port-in-use" : "on";
  };

  const backupView = (): About["backup"] => {
    const { isOn, lastAt, problem } = backups.state();
    return { isOn, lastAt, problem };
  };

  return {
    readSettings: view,

    changeSettings: async ({ body, actor }) => {
      const before = settings.now();
      try {
        await settings.change(body);
      } catch (error) {
        if (error instanceof SettingRefusedError)
          throw new ApiError("setting_refused", { message: error.message });
        if (error instanceof EngineSettingError)
          throw new ApiError("setting_refused", { message: `${error.setting}: ${error.message}` });
        throw error;
      }
      const { turnSecret, ...shown } = body;
      const changed: [string, unknown][] = Object.entries(shown).filter(
        ([name, value]) => !isDeepStrictEqual(before[name as keyof typeof shown], value),
      );
      if (turnSecret !== undefined)
        changed.push(["turnSecret", turnSecret === null ? "forgotten" : "changed"]);
      if (changed.length > 0) {
        const detail = changed.map(([name, value]) => `${name}: ${value}`).join(", ");
        await journal.note("settings.changed", actor, { detail });
      }
      return view();
    },

    readAbout: async () => {
      const database = await store.version(DATABASE_ANSWER_MS);
      const where = config.databaseUrl === null ? "embedded" : "on a server of its own";
      return {
        version,
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        database: database === null ? "does not answer" : `PostgreSQL ${database}, ${where}`,
        engine: engineWords(config.ome !== null, engine.isAway()),
        conference: config.mirotalk === null ? "built in" : `MiroTalk P2P at ${config.mirotalk.url}`,
        startedAt,
        dataDir: config.dataDir,
        diskFreeBytes: await freeBytes(config.dataDir),
        backup: backupView(),
        licence: "AGPL-3.0-only",
      };
    },
  };
}

function engineWords(isOme: boolean, isAway: boolean): string {
  if (isOme) return isAway ? "OvenMediaEngine, does not answer" : "OvenMediaEngine, answering";
  return isAway ? "embedded, restarting" : "embedded, answering";
}

/** Null where the system does not tell, as on some network drives. */
async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
