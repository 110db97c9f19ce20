import { isIP } from "node:net";
import { type SettingName, type Settings, SettingsChange } from "@colourstream/contract";
import { Check } from "typebox/value";
import { type Config, isPublicAddress, MAX_WEBRTC_PORTS } from "./config.js";
import type { SettingStore } from "./store/settings.js";

/** The settings that can be changed and shown, as they are now. */
export type SettingValues = Required<Omit<SettingsChange, "turnSecret">>;

/** What can be changed while it runs. The environment's word counts before what is stored, that before the default. */
export type RuntimeSettings = {
  /** As they are now, from memory. */
  now(): Omit<Settings, "engine" | "rtmpsCertificate">;
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
    "publicUrl" | "publicAddress" | "rtmpPort" | "rtmpsPort" | "srtPort" | "webrtc" | "named"
  >;
  readonly store: SettingStore;
  readonly httpPort: () => number;
};

/** Which variable fixes which setting. */
const VARIABLES: Partial<Record<SettingName, string>> = {
  rtmpPort: "RTMP_PORT",
  rtmpsPort: "RTMPS_PORT",
  srtPort: "SRT_PORT",
  webrtcFirstPort: "WEBRTC_PORTS",
  webrtcLastPort: "WEBRTC_PORTS",
  publicAddress: "PUBLIC_ADDRESS",
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
];

const NAMES = Object.keys(SettingsChange.properties) as SettingName[];

/** Reads what is stored, once. */
export async function openSettings({ config, store, httpPort }: SettingsOptions): Promise<RuntimeSettings> {
  const isFixed = (name: SettingName): boolean => config.named.has(VARIABLES[name] ?? "");
  const fixed = NAMES.filter(isFixed).map((setting) => ({ setting, variable: VARIABLES[setting] ?? "" }));
  let values: SettingValues = {
    ...defaultsFrom(config),
    ...Object.fromEntries(
      Object.entries(readStored(await store.all())).filter(([name]) => !isFixed(name as SettingName)),
    ),
  };
  let engineFollows: () => Promise<void> = async () => undefined;
  let last: Promise<unknown> = Promise.resolve();

  const applied = async (change: SettingsChange): Promise<void> => {
    const before = values;
    const next = { ...before, ...change };
    const changed = NAMES.filter((name) => next[name] !== before[name]);
    for (const name of changed) if (isFixed(name)) throw new SettingRefusedError(name, fixedBy(name));
    refuseWrong(next, changed, httpPort());
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
    const rows = new Map(changed.map((name) => [name as string, JSON.stringify(next[name])]));
    await store.put(rows).catch(back);
  };

  return {
    turnSecret: () => null, // not built yet
    now: () => ({
      ...values,
      hasTurnSecret: false,
      fixed,
      publicUrl: config.publicUrl,
      httpPort: httpPort(),
    }),
    change: (change) => {
      const mine = last.then(() => applied(change)); // one after another
      last = mine.catch(() => undefined); // told to whoever asked for it
      return mine;
    },
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
    iceUrls: [],
    turnAuth: "none",
    turnUsername: "",
  };
}

/** What another version has stored and this one does not understand is as if it were not there. */
function readStored(rows: ReadonlyMap<string, string>): SettingsChange {
  const known = [...rows].flatMap(([name, text]) => {
    const value = { [name]: parsed(text) };
    return value[name] !== undefined && Check(SettingsChange, value) ? [value] : [];
  });
  return Object.assign({}, ...known) as SettingsChange;
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
  const { rtmpPort, webrtcFirstPort: first, webrtcLastPort: last, publicAddress } = next;
  if (has("rtmpPort") && rtmpPort === httpPort)
    throw new SettingRefusedError("rtmpPort", `${rtmpPort} is the port of these pages (PORT).`);
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
  if (has("rtmpPort", "webrtcFirstPort", "webrtcLastPort") && rtmpPort >= first && rtmpPort <= last) {
    const setting = has("rtmpPort") ? "rtmpPort" : "webrtcFirstPort";
    throw new SettingRefusedError(setting, `${rtmpPort} cannot be for encoders and for viewers.`);
  }
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
