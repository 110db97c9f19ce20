import { createHash } from "node:crypto";
import { parsePublicKeys } from "./checks.js";
import { isObject } from "./line.js";
import type { EngineSettings, PublicKeys } from "./protocol.js";

/** The environment variable that holds `EngineSettings` as JSON. */
export const SETTINGS_VARIABLE = "COLOURSTREAM_ENGINE";

/**
 * Names settings so that a product can tell an engine that was started with others. The keys are not among them: they
 * change while it runs.
 */
export function hashSettings({ serviceKeys: _keys, ...settings }: EngineSettings): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(settings)))
    .digest("hex")
    .slice(0, 32);
}

/** The same value with the keys of every object in order: two writers of the same settings get the same hash. */
const sorted = (value: unknown): unknown => {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
};

/** What is wrong with a setting: its name and what was expected. */
export class SettingsError extends Error {
  constructor(setting: string, expected: string, got: unknown) {
    super(`${SETTINGS_VARIABLE}: ${setting}: expected ${expected}, got ${JSON.stringify(got) ?? "nothing"}`);
    this.name = "SettingsError";
  }
}

type Check<T> = (name: string, value: unknown) => T;

const text: Check<string> = (name, value) => {
  if (typeof value !== "string" || value === "") throw new SettingsError(name, "text", value);
  return value;
};

const whole =
  (least: number, most: number): Check<number> =>
  (name, value) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw new SettingsError(name, `a whole number from ${least} to ${most}`, value);
    }
    return value;
  };

const flag: Check<boolean> = (name, value) => {
  if (typeof value !== "boolean") throw new SettingsError(name, "true or false", value);
  return value;
};

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (name, value) =>
    value === null ? null : check(name, value);

const fields: Check<Readonly<Record<string, unknown>>> = (name, value) => {
  if (!isObject(value)) throw new SettingsError(name, "an object", value);
  return value;
};

const keys: Check<PublicKeys> = (name, value) => {
  try {
    return parsePublicKeys(value);
  } catch {
    throw new SettingsError(name, "one or two public keys", value);
  }
};

const SHORTEST_RELAY_SECRET = 22; // 128 bits in base64url: whoever has credentials could try secrets at home

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Reads the engine's settings; throws `SettingsError` that names the first wrong one. */
export function parseSettings(json: string | undefined): EngineSettings {
  if (json === undefined) throw new SettingsError("the variable", "settings as JSON", undefined);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new SettingsError("the variable", "JSON", `${json.slice(0, 20)}…`);
  }
  const given = fields("the variable", value);
  const webrtc = fields("webrtc", given.webrtc);
  const logLevel = LOG_LEVELS.find((level) => level === given.logLevel);
  if (logLevel === undefined) throw new SettingsError("logLevel", LOG_LEVELS.join(", "), given.logLevel);

  const firstPort = whole(0, 65_535)("webrtc.firstPort", webrtc.firstPort);
  return {
    controlPath: text("controlPath", given.controlPath),
    httpPath: text("httpPath", given.httpPath),
    rtmp: orNull((name, rtmpValue) => {
      const rtmp = fields(name, rtmpValue);
      return { host: text("rtmp.host", rtmp.host), port: whole(0, 65_535)("rtmp.port", rtmp.port) };
    })("rtmp", given.rtmp),
    rtmps: orNull((name, rtmpsValue) => {
      const rtmps = fields(name, rtmpsValue);
      return {
        host: text("rtmps.host", rtmps.host),
        port: whole(0, 65_535)("rtmps.port", rtmps.port),
        certFile: text("rtmps.certFile", rtmps.certFile),
        keyFile: text("rtmps.keyFile", rtmps.keyFile),
      };
    })("rtmps", given.rtmps),
    srt: orNull((name, srtValue) => {
      const srt = fields(name, srtValue);
      return { host: text("srt.host", srt.host), port: whole(0, 65_535)("srt.port", srt.port) };
    })("srt", given.srt),
    whip: flag("whip", given.whip),
    relay: orNull((name, relayValue) => {
      const relay = fields(name, relayValue);
      if (typeof relay.secret !== "string" || relay.secret.length < SHORTEST_RELAY_SECRET)
        throw new SettingsError("relay.secret", `${SHORTEST_RELAY_SECRET} characters or more`, "(hidden)");
      return {
        host: text("relay.host", relay.host),
        port: whole(0, 65_535)("relay.port", relay.port),
        secret: relay.secret,
      };
    })("relay", given.relay),
    recordingsDir: text("recordingsDir", given.recordingsDir),
    webrtc: {
      firstPort,
      lastPort: whole(firstPort, 65_535)("webrtc.lastPort", webrtc.lastPort),
      publicAddress: orNull(text)("webrtc.publicAddress", webrtc.publicAddress),
      bindAddress: orNull(text)("webrtc.bindAddress", webrtc.bindAddress),
    },
    logLevel,
    orphanMs: whole(1, 24 * 3_600_000)("orphanMs", given.orphanMs),
    serviceKeys: keys("serviceKeys", given.serviceKeys),
  };
}
