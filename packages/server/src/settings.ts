import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { type SettingName, type Settings, SettingsChange } from "@colourstream/contract";
import { Check } from "typebox/value";
import type { Bus } from "./bus/bus.js";
import { rereadAfterGaps } from "./bus/reread.js";
import { type Config, isIceUrl, isPublicAddress, MAX_WEBRTC_PORTS } from "./config.js";
import { isTurnUrl } from "./engine/ice-servers.js";
import type { Sealer } from "./secrets.js";
import type { SettingStore } from "./store/settings.js";

/** The settings that can be changed and shown, as they are now. */
export type SettingValues = Required<Omit<SettingsChange, "turnSecret">>;

/** What can be changed while it runs. The environment's word counts before what is stored, that before the default. */
export type RuntimeSettings = {
  /** As they are now, from memory. */
  now(): Omit<Settings, "engine" | "relay" | "rtmpsCertificate" | "rtmpsProblem">;
  /** The TURN server's password or shared secret; null: none is kept. */
  turnSecret(): string | null;
  /** Throws `SettingRefusedError` naming the first setting that is wrong or fixed. On disk before it is answered. */
  change(change: SettingsChange): Promise<void>;
  /** Who makes the media engine follow a change; when it throws, the settings before are in force again. */
  followedBy(engine: () => Promise<void>): void;
};

/** A setting that cannot be changed like that. The message begins with its name. */
export class SettingRefusedError extends Error {
  readonly setting: SettingName;

  constructor(setting: SettingName, why: string) {
    super(`${setting}: ${why}`);
    this.name = "SettingRefusedError";
    this.setting = setting;
  }
}

/** What the settings are read from. `httpPort` is asked late: with port 0 it is known only once the server listens. */
export type SettingsOptions = {
  readonly config: Pick<
    Config,
    | "publicUrl"
    | "publicAddress"
    | "rtmpPort"
    | "rtmpsPort"
    | "srtPort"
    | "webrtc"
    | "relayPort"
    | "turn"
    | "named"
  >;
  readonly store: SettingStore;
  /** Keeps the TURN server's secret unreadable in the database. */
  readonly sealer: Pick<Sealer, "seal" | "unseal">;
  readonly httpPort: () => number;
  /** Where the processes tell each other that the settings are others. */
  readonly bus: Pick<Bus, "say" | "hear" | "onGap">;
  warn(message: string, error: unknown): void;
};

/** Which variable fixes which setting. */
const VARIABLES: Partial<Record<SettingName, string>> = {
  rtmpPort: "RTMP_PORT",
  rtmpsPort: "RTMPS_PORT",
  srtPort: "SRT_PORT",
  webrtcFirstPort: "WEBRTC_PORTS",
  webrtcLastPort: "WEBRTC_PORTS",
  publicAddress: "PUBLIC_ADDRESS",
  relayPort: "RELAY_PORT",
  iceUrls: "TURN_URLS",
  turnAuth: "TURN_URLS",
  turnUsername: "TURN_URLS",
};

/** A change of one of these makes the engine start anew. */
const OF_ENGINE: readonly SettingName[] = [
  "rtmpOn",
  "rtmpPort",
  "rtmpsOn",
  "rtmpsPort",
  "srtOn",
  "srtPort",
  "whipOn",
  "webrtcFirstPort",
  "webrtcLastPort",
  "publicAddress",
  "relayOn",
  "relayPort",
];

const OF_TURN: readonly SettingName[] = ["iceUrls", "turnAuth", "turnUsername"];
const TURN_SECRET = "turnSecret"; // its row, and what its seal is bound to
const NAMES = Object.keys(SettingsChange.properties).filter((name) => name !== TURN_SECRET) as SettingName[];

/** Reads what is stored, once. */
export async function openSettings({
  config,
  store,
  sealer,
  httpPort,
  bus,
  warn,
}: SettingsOptions): Promise<RuntimeSettings> {
  const isFixed = (name: SettingName): boolean => config.named.has(VARIABLES[name] ?? "");
  const fixed = NAMES.filter(isFixed).map((setting) => ({ setting, variable: VARIABLES[setting] ?? "" }));
  const read = async (): Promise<{ values: SettingValues; turnSecret: string | null }> => {
    const rows = await store.all();
    const stored = Object.entries(readStored(rows)).filter(([name]) => !isFixed(name as SettingName));
    return {
      values: { ...defaultsFrom(config), ...Object.fromEntries(stored) },
      turnSecret: config.turn === null ? readSecret(rows.get(TURN_SECRET), sealer) : config.turn.secret,
    };
  };
  let { values, turnSecret } = await read();
  let engineFollows: () => Promise<void> = async () => undefined;
  let last: Promise<unknown> = Promise.resolve();

  const applied = async ({ turnSecret: secretGiven, ...change }: SettingsChange): Promise<void> => {
    const before = values;
    const next = { ...before, ...change };
    const nextSecret = secretGiven === undefined ? turnSecret : secretGiven;
    const changed = NAMES.filter((name) => !isDeepStrictEqual(next[name], before[name]));
    for (const name of changed) if (isFixed(name)) throw new SettingRefusedError(name, fixedBy(name));
    if (secretGiven !== undefined && isFixed("turnAuth"))
      throw new SettingRefusedError("turnAuth", fixedBy("turnAuth"));
    refuseWrong(next, changed, httpPort());
    const concernsTurn = secretGiven !== undefined || changed.some((name) => OF_TURN.includes(name));
    if (concernsTurn) refuseWrongTurn(next, nextSecret);
    const concernsEngine = changed.some((name) => OF_ENGINE.includes(name));
    const back = async (error: unknown): Promise<never> => {
      values = before;
      if (concernsEngine) await engineFollows();
      throw error;
    };

    values = next;
    // The engine first: what it cannot work with is never stored.
    if (concernsEngine)
      await engineFollows().catch((error) => {
        values = before; // the engine itself is back with these already
        throw error;
      });
    const toStore = new Map(changed.map((name) => [name as string, JSON.stringify(next[name])]));
    if (secretGiven !== undefined) toStore.set(TURN_SECRET, JSON.stringify(sealed(secretGiven, sealer)));
    await store.put(toStore).catch(back);
    turnSecret = nextSecret;
    bus.say("settings", null);
  };

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work); // one after another
    last = mine.catch(() => undefined); // told to whoever asked for it
    return mine;
  };

  /** What another process has stored counts here too; an engine of this process's own follows. */
  const readAgain = rereadAfterGaps(
    bus,
    () =>
      inTurn(async () => {
        const before = values;
        ({ values, turnSecret } = await read());
        const isOther = OF_ENGINE.some((name) => !isDeepStrictEqual(values[name], before[name]));
        if (isOther)
          await engineFollows().catch((error) => warn("the engine cannot work with the settings", error));
      }),
    (error) => warn("the settings were not read again", error),
  );
  bus.hear("settings", readAgain);

  return {
    turnSecret: () => turnSecret,
    now: () => ({
      ...values,
      hasTurnSecret: turnSecret !== null,
      fixed,
      publicUrl: config.publicUrl,
      httpPort: httpPort(),
    }),
    change: (change) => inTurn(() => applied(change)),
    followedBy: (engine) => {
      engineFollows = engine;
    },
  };
}

function defaultsFrom({
  rtmpPort,
  rtmpsPort,
  srtPort,
  webrtc,
  publicAddress,
  relayPort,
  turn,
}: SettingsOptions["config"]): SettingValues {
  return {
    rtmpOn: true,
    rtmpPort,
    rtmpsOn: true,
    rtmpsPort,
    srtOn: true,
    srtPort,
    whipOn: true,
    webrtcFirstPort: webrtc.firstPort,
    webrtcLastPort: webrtc.lastPort,
    publicAddress,
    relayOn: true,
    relayPort,
    newRoomWaitingRoom: false,
    newRoomWatermark: false,
    newRoomAutoRecord: false,
    newRoomDays: null,
    newInvitationDays: 30,
    auditDays: 400,
    takesDays: null,
    archivedRoomsDays: null,
    recordingsDays: null,
    recordingsDiskPercent: 80,
    iceUrls: [...(turn?.urls ?? [])],
    turnAuth: turn?.auth ?? "none",
    turnUsername: turn?.username ?? "",
  };
}

/** What another version has stored and this one does not understand is as if it were not there. */
function readStored(rows: ReadonlyMap<string, string>): SettingsChange {
  const known = [...rows].flatMap(([name, text]) => {
    if (name === TURN_SECRET) return [];
    const value = { [name]: parsed(text) };
    return value[name] !== undefined && Check(SettingsChange, value) ? [value] : [];
  });
  return Object.assign({}, ...known) as SettingsChange;
}

function readSecret(text: string | undefined, sealer: Pick<Sealer, "unseal">): string | null {
  const value = text === undefined ? null : parsed(text);
  return typeof value === "string" ? sealer.unseal(TURN_SECRET, Buffer.from(value, "base64")) : null;
}

function sealed(secret: string | null, sealer: Pick<Sealer, "seal">): string | null {
  return secret === null ? null : Buffer.from(sealer.seal(TURN_SECRET, secret)).toString("base64");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fixedBy(name: SettingName): string {
  return `the variable ${VARIABLES[name]} fixes it. Take it out of the environment to change it here.`;
}

function refuseWrong(next: SettingValues, changed: readonly SettingName[], httpPort: number): void {
  const has = (...names: SettingName[]): boolean => names.some((name) => changed.includes(name));
  const { webrtcFirstPort: first, webrtcLastPort: last, publicAddress } = next;
  if (has("webrtcFirstPort", "webrtcLastPort")) {
    if (last < first)
      throw new SettingRefusedError("webrtcLastPort", `${last} is below the first port, ${first}.`);
    if (last - first >= MAX_WEBRTC_PORTS)
      throw new SettingRefusedError("webrtcLastPort", `at most ${MAX_WEBRTC_PORTS} ports, from ${first} on.`);
    if (httpPort >= first && httpPort <= last)
      throw new SettingRefusedError(
        "webrtcFirstPort",
        `${httpPort}, the port of these pages, is among them.`,
      );
  }
  refuseSamePorts(next, changed, httpPort);
  if (has("publicAddress") && publicAddress !== null) {
    if (!isPublicAddress(publicAddress)) {
      const expected = "an IP address or a host name, without port";
      throw new SettingRefusedError(
        "publicAddress",
        `${JSON.stringify(publicAddress)}; expected ${expected}.`,
      );
    }
    if (isIP(publicAddress) !== 0 && /^(0\.|::$)/.test(publicAddress))
      throw new SettingRefusedError("publicAddress", `${publicAddress} is no address that can be reached.`);
  }
}

/** What has a port of its own; a TCP and a UDP one may have the same number. */
const LISTENERS = [
  { name: "RTMP", on: "rtmpOn", port: "rtmpPort", tcp: true, udp: false },
  { name: "RTMPS", on: "rtmpsOn", port: "rtmpsPort", tcp: true, udp: false },
  { name: "SRT", on: "srtOn", port: "srtPort", tcp: false, udp: true },
  { name: "the relay for calls", on: "relayOn", port: "relayPort", tcp: true, udp: true },
] as const;

/** One that is switched off may have any port: it is looked at when it is switched on. */
function refuseSamePorts(next: SettingValues, changed: readonly SettingName[], httpPort: number): void {
  const { webrtcFirstPort: first, webrtcLastPort: last } = next;
  const isRangeNew = changed.includes("webrtcFirstPort") || changed.includes("webrtcLastPort");
  const on = LISTENERS.filter((one) => next[one.on]);
  for (const one of on) {
    const port = next[one.port];
    const isNew = changed.includes(one.port) || changed.includes(one.on);
    if (isNew && one.tcp && port === httpPort)
      throw new SettingRefusedError(one.port, `${port} is the port of these pages (PORT).`);
    const other = on.find(({ tcp, udp, ...another }) => {
      const isAlike = (tcp && one.tcp) || (udp && one.udp);
      return isAlike && another.port !== one.port && next[another.port] === port;
    });
    if (isNew && other !== undefined)
      throw new SettingRefusedError(one.port, `${port} is the port of ${other.name} already.`);
    if ((isNew || isRangeNew) && port >= first && port <= last) {
      const setting = isNew ? one.port : "webrtcFirstPort";
      const whose = one.port === "relayPort" ? "calls" : "encoders";
      throw new SettingRefusedError(setting, `${port} cannot be for ${whose} and for viewers.`);
    }
  }
}

/** What a browser would refuse, and with it every picture. */
function refuseWrongTurn({ iceUrls, turnAuth, turnUsername }: SettingValues, secret: string | null): void {
  const wrong = iceUrls.find((url) => !isIceUrl(url));
  if (wrong !== undefined) {
    const expected = "such as stun:stun.example.org:3478 or turn:turn.example.org:3478?transport=udp";
    throw new SettingRefusedError("iceUrls", `${wrong} is no address of a STUN or TURN server, ${expected}.`);
  }
  if (turnAuth === "none" && iceUrls.some(isTurnUrl))
    throw new SettingRefusedError("turnAuth", "a TURN server needs a password or a shared secret.");
  if (turnAuth === "password" && turnUsername.trim() === "")
    throw new SettingRefusedError("turnUsername", "the password needs a user name.");
  if (turnAuth !== "none" && secret === null) {
    const missing = turnAuth === "password" ? "password" : "shared secret";
    throw new SettingRefusedError("turnAuth", `the TURN server's ${missing} is missing.`);
  }
}
