import { randomBytes } from "node:crypto";
import type { SettingsChange } from "@colourstream/contract";
import { expect, test } from "vitest";
import { createAlone } from "./bus/alone.js";
import { readConfig } from "./config.js";
import { createSealer } from "./secrets.js";
import { openSettings, SettingRefusedError } from "./settings.js";

type Rows = Map<string, string>;

const sealer = createSealer(randomBytes(32));

const open = (rows: Rows = new Map(), environment: Record<string, string> = {}, fail = { store: false }) =>
  openSettings({
    config: readConfig(environment),
    store: {
      all: async () => new Map(rows),
      put: async (settings) => {
        if (fail.store) throw new Error("the disk is full");
        for (const [key, value] of settings) rows.set(key, value);
      },
    },
    sealer,
    httpPort: () => 3000,
    bus: createAlone("test"),
    warn: () => undefined,
  });

test("what the environment says counts before what is stored, and that before the default", async () => {
  const rows = new Map([
    ["rtmpPort", "1940"],
    ["publicAddress", '"203.0.113.1"'],
    ["auditDays", "30"],
  ]);
  const settings = await open(rows, { PUBLIC_ADDRESS: "203.0.113.9" });
  expect(settings.now()).toMatchObject({
    rtmpPort: 1940,
    publicAddress: "203.0.113.9",
    auditDays: 30,
    rtmpOn: true,
    webrtcFirstPort: 10_000,
    fixed: [{ setting: "publicAddress", variable: "PUBLIC_ADDRESS" }],
    httpPort: 3000,
  });
});

test("a change is in force at once and there after a restart; what it leaves out stays", async () => {
  const rows: Rows = new Map();
  const settings = await open(rows);
  await settings.change({ newRoomWaitingRoom: true, newRoomDays: 14 });
  await settings.change({ newRoomDays: null, auditDays: 90 });
  const changed = { newRoomWaitingRoom: true, newRoomDays: null, auditDays: 90 };
  expect(settings.now()).toMatchObject(changed);
  expect((await open(rows)).now()).toMatchObject(changed);
});

test("what another version has stored, and what is damaged, is as if it were not there", async () => {
  const rows = new Map([
    ["rtmpPort", "70000"],
    ["auditDays", "many"],
    ["newRoomWatermark", '"yes"'],
    ["colour", "1"],
    ["takesDays", "7"],
  ]);
  expect((await open(rows)).now()).toMatchObject({
    rtmpPort: 1935,
    auditDays: 400,
    newRoomWatermark: false,
    takesDays: 7,
  });
});

test.each([
  [{ rtmpPort: 3000 }, "rtmpPort: 3000 is the port of these pages"],
  [{ rtmpPort: 10_005 }, "rtmpPort: 10005 cannot be for encoders and for viewers"],
  [{ rtmpsPort: 3000 }, "rtmpsPort: 3000 is the port of these pages"],
  [{ rtmpPort: 1936 }, "rtmpPort: 1936 is the port of RTMPS already"],
  [{ rtmpsPort: 1935 }, "rtmpsPort: 1935 is the port of RTMP already"],
  [{ relayPort: 1935 }, "relayPort: 1935 is the port of RTMP already"],
  [{ relayPort: 9999 }, "relayPort: 9999 is the port of SRT already"],
  [{ relayPort: 3000 }, "relayPort: 3000 is the port of these pages"],
  [{ relayPort: 10_001 }, "relayPort: 10001 cannot be for calls and for viewers"],
  [{ srtPort: 3478 }, "srtPort: 3478 is the port of the relay for calls already"],
  [{ srtPort: 10_009 }, "srtPort: 10009 cannot be for encoders and for viewers"],
  [{ iceUrls: ["stun:example.org?transport=udp"] }, "iceUrls: stun:example.org?transport=udp is no address"],
  [{ iceUrls: ["stun:example.org:70000"] }, "iceUrls: "],
  [{ iceUrls: ["stun:exa_mple.org"] }, "iceUrls: "],
  [{ iceUrls: ["turn:[10.0.0.1]"] }, "iceUrls: "],
  [{ iceUrls: ["turn:example.org"] }, "turnAuth: a TURN server needs a password or a shared secret"],
  [{ turnAuth: "secret" }, "turnAuth: the TURN server's shared secret is missing"],
  [{ turnAuth: "password", turnUsername: "cs" }, "turnAuth: the TURN server's password is missing"],
  [{ turnAuth: "password", turnSecret: "north wind" }, "turnUsername: the password needs a user name"],
  [{ webrtcFirstPort: 1_900, webrtcLastPort: 1_999 }, "webrtcFirstPort: 1935 cannot be for encoders"],
  [{ webrtcFirstPort: 2_990, webrtcLastPort: 3_010 }, "webrtcFirstPort: 3000, the port of these pages"],
  [{ webrtcLastPort: 9_999 }, "webrtcLastPort: 9999 is below the first port, 10000"],
  [{ webrtcFirstPort: 20_000, webrtcLastPort: 21_000 }, "webrtcLastPort: at most 1000 ports"],
  [{ publicAddress: "https://edit.example.com" }, "publicAddress: "],
  [{ publicAddress: "edit.example.com:3000" }, "publicAddress: "],
  [{ publicAddress: "10.0.0.300" }, "publicAddress: "],
  [{ publicAddress: "0.0.0.0" }, "publicAddress: "],
] satisfies [SettingsChange, string][])(
  "%j is refused with a sentence that names the setting",
  async (change, said) => {
    const rows: Rows = new Map();
    const settings = await open(rows);
    const before = settings.now();
    const refused = settings.change({ auditDays: 1, ...change });
    await expect(refused).rejects.toThrow(SettingRefusedError);
    await expect(refused).rejects.toThrow(said);
    expect(settings.now()).toEqual(before);
    expect(rows.size).toBe(0);
  },
);

test("a setting that the environment fixes cannot be changed, and can be said again as it is", async () => {
  const settings = await open(new Map(), { RTMP_PORT: "1940", WEBRTC_PORTS: "20000-20001" });
  await expect(settings.change({ rtmpPort: 1941 })).rejects.toThrow(
    "rtmpPort: the variable RTMP_PORT fixes it",
  );
  await expect(settings.change({ webrtcLastPort: 20_002 })).rejects.toThrow("WEBRTC_PORTS");
  await settings.change({ rtmpPort: 1940, webrtcLastPort: 20_001, auditDays: 7 });
  expect(settings.now()).toMatchObject({ rtmpPort: 1940, auditDays: 7 });
});

test("TURN servers of the environment are there and stay; their secret is neither shown nor changed", async () => {
  const rows: Rows = new Map([["iceUrls", '["stun:stored.test"]']]);
  const environment = { TURN_URLS: "turn:a.test", TURN_SECRET: "north wind" };
  const settings = await open(rows, environment);
  expect(settings.turnSecret()).toBe("north wind");
  const turn = { iceUrls: ["turn:a.test"], turnAuth: "secret", hasTurnSecret: true };
  expect(settings.now()).toMatchObject(turn);
  expect(JSON.stringify(settings.now())).not.toContain("north");
  expect(settings.now().fixed.map(({ setting }) => setting)).toEqual(["iceUrls", "turnAuth", "turnUsername"]);
  for (const change of [
    { iceUrls: [] },
    { turnAuth: "none" },
    { turnSecret: "mine" },
    { turnSecret: null },
  ] as const)
    await expect(settings.change(change as SettingsChange)).rejects.toThrow(
      "the variable TURN_URLS fixes it",
    );
  await settings.change({ auditDays: 7 });
  expect(settings.now()).toMatchObject(turn);
});

test("the relay can be switched off and moved, and the engine follows both", async () => {
  const settings = await open();
  const seen: unknown[] = [];
  settings.followedBy(async () => {
    const { relayOn, relayPort } = settings.now();
    seen.push([relayOn, relayPort]);
  });
  expect(settings.now()).toMatchObject({ relayOn: true, relayPort: 3478 });
  await settings.change({ relayPort: 3479 });
  await settings.change({ relayOn: false });
  expect(seen).toEqual([
    [true, 3479],
    [false, 3479],
  ]);
});

test("the engine follows a change of its own settings, and of no others", async () => {
  const settings = await open();
  const seen: number[] = [];
  settings.followedBy(async () => void seen.push(settings.now().rtmpPort));
  await settings.change({ auditDays: 7, rtmpPort: 1935 });
  expect(seen).toEqual([]);
  await settings.change({ rtmpPort: 1940 });
  expect(seen).toEqual([1940]);
});

test("what the engine cannot work with is refused, not stored, and the settings before are in force", async () => {
  const rows: Rows = new Map();
  const settings = await open(rows);
  settings.followedBy(async () => {
    if (settings.now().rtmpPort === 1940) throw new Error("port 1940 is in use");
  });
  await expect(settings.change({ rtmpPort: 1940, auditDays: 7 })).rejects.toThrow("port 1940 is in use");
  expect(settings.now()).toMatchObject({ rtmpPort: 1935, auditDays: 400 });
  expect(rows.size).toBe(0);
  await settings.change({ rtmpPort: 1941 });
  expect(settings.now().rtmpPort).toBe(1941);
});

test("when a change cannot be stored the engine is back with the settings before", async () => {
  const fail = { store: true };
  const settings = await open(new Map(), {}, fail);
  const seen: number[] = [];
  settings.followedBy(async () => void seen.push(settings.now().rtmpPort));
  await expect(settings.change({ rtmpPort: 1940 })).rejects.toThrow("the disk is full");
  expect(seen).toEqual([1940, 1935]);
  expect(settings.now().rtmpPort).toBe(1935);
});

test("two changes at once come one after the other: neither undoes the other", async () => {
  const settings = await open();
  let underWay = 0;
  settings.followedBy(async () => {
    underWay += 1;
    expect(underWay).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay -= 1;
    if (settings.now().rtmpPort === 1941) throw new Error("in use");
  });
  const all = [{ rtmpPort: 1940 }, { rtmpPort: 1941 }, { publicAddress: "203.0.113.1" }].map(settings.change);
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(settings.now()).toMatchObject({ rtmpPort: 1940, publicAddress: "203.0.113.1" });
});

test("a way in that is switched off may have any port; it is looked at when it is switched on", async () => {
  const settings = await open();
  await settings.change({ rtmpsOn: false, rtmpsPort: 1935 });
  await expect(settings.change({ rtmpsOn: true })).rejects.toThrow("rtmpsPort: 1935 is the port of RTMP");
  await settings.change({ rtmpsOn: true, rtmpPort: 1940 });
  await settings.change({ srtPort: 1940 }); // UDP beside TCP
  expect(settings.now()).toMatchObject({ rtmpPort: 1940, rtmpsPort: 1935, srtPort: 1940 });
});

test("the TURN secret is sealed where it is kept, there after a restart, never shown, and can be forgotten", async () => {
  const rows: Rows = new Map();
  const settings = await open(rows);
  const iceUrls = ["stun:stun.example.org", "turns:[2001:db8::1]:443?transport=tcp", "turn:192.0.2.1:3478"];
  await settings.change({ iceUrls, turnAuth: "secret", turnSecret: "north wind" });
  expect([...rows.values()].join()).not.toContain("north");
  for (const opened of [settings, await open(rows)]) {
    expect(opened.turnSecret()).toBe("north wind");
    expect(opened.now()).toMatchObject({ iceUrls, turnAuth: "secret", hasTurnSecret: true });
    expect(JSON.stringify(opened.now())).not.toContain("north");
  }
  await settings.change({ auditDays: 7 });
  expect(settings.turnSecret()).toBe("north wind");
  await expect(settings.change({ turnSecret: null })).rejects.toThrow("shared secret is missing");
  await settings.change({ turnSecret: null, turnAuth: "none", iceUrls: ["stun:stun.example.org"] });
  expect(settings.turnSecret()).toBeNull();
  expect((await open(rows)).now()).toMatchObject({ turnAuth: "none", hasTurnSecret: false });
});

test("a secret that could not be stored is not in force", async () => {
  const settings = await open(new Map(), {}, { store: true });
  await expect(settings.change({ turnSecret: "north" })).rejects.toThrow("the disk is full");
  expect(settings.turnSecret()).toBeNull();
});
