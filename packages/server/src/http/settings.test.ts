import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { About, AuditEvent, IngestAddresses, Settings } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSelfSigned } from "../../../../tests/tools/certificate.js";
import { EngineSettingError } from "../engine/engine.js";
import { invite, makeRoom, openColourist } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const read = async (): Promise<Settings> => (await owner.ask("GET", "/settings")).json();

test("a change is answered with the settings as they are then, and is in the log", async () => {
  const answer = await owner.ask("PATCH", "/settings", { rtmpPort: 1942, auditDays: 90 });
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    { rtmpPort: 1942, auditDays: 90, engine: "ok" },
  ]);
  expect(await read()).toMatchObject({ rtmpPort: 1942, auditDays: 90 });
  expect(server.engine.reconfigured).toBe(1);
  const { events } = (await owner.ask("GET", "/audit?action=settings")).json() as { events: AuditEvent[] };
  expect(events).toMatchObject([{ action: "settings.changed", detail: "rtmpPort: 1942, auditDays: 90" }]);
});

test("what is wrong, and what the engine cannot do, is refused with the setting's name first", async () => {
  const before = await read();
  const wrong = await owner.ask("PATCH", "/settings", { publicAddress: "a b" });
  expect([wrong.statusCode, wrong.json().error]).toEqual([409, "setting_refused"]);
  expect(wrong.json().message).toMatch(/^publicAddress: /);
  server.engine.refusesSettings = new EngineSettingError(
    "rtmpPort",
    "port 1943 is in use by another program.",
  );
  const taken = await owner.ask("PATCH", "/settings", { rtmpPort: 1943 });
  server.engine.refusesSettings = null;
  expect(taken.json()).toMatchObject({
    error: "setting_refused",
    message: "rtmpPort: port 1943 is in use by another program.",
  });
  expect((await owner.ask("PATCH", "/settings", { rtmpPort: 0 })).statusCode).toBe(400);
  expect((await owner.ask("PATCH", "/settings", { colour: "red" })).statusCode).toBe(400);
  expect(await read()).toEqual(before);
});

test("new rooms and invitations are as the settings say, and rooms say the address and port in force", async () => {
  await owner.ask("PATCH", "/settings", {
    newRoomWaitingRoom: true,
    newRoomWatermark: true,
    newRoomDays: 3,
    newInvitationDays: 2,
    publicAddress: "203.0.113.44",
  });
  const room = await makeRoom(owner);
  const inDays = (at: number | null): number => ((at ?? 0) - Date.now()) / 86_400_000;
  expect(room).toMatchObject({ waitingRoom: true, watermark: true });
  expect(inDays(room.expiresAt)).toBeCloseTo(3, 2);
  expect(room.reviewerLink).toMatch(/^http:\/\/203\.0\.113\.44:/);
  expect(inDays((await invite(owner, room)).expiresAt)).toBeCloseTo(2, 2);
  const ingest = async () =>
    (await owner.ask("POST", `/rooms/${room.id}/ingest/reveal`)).json() as IngestAddresses;
  const waysIn = async () => (await ingest()).urls.map(({ protocol }) => protocol);
  expect((await ingest()).urls[0]).toMatchObject({ server: "rtmp://203.0.113.44:1942/live" });
  await owner.ask("PATCH", "/settings", { rtmpOn: false, srtPort: 9_998 });
  expect(await waysIn()).not.toContain("rtmp");
  expect((await ingest()).urls.find(({ protocol }) => protocol === "srt")?.server).toMatch(
    /^srt:\/\/203\.0\.113\.44:9998\?/,
  );
  await owner.ask("PATCH", "/settings", { rtmpOn: true, newRoomDays: null, whipOn: false, srtOn: false });
  expect(await waysIn()).not.toContain("whip");
  expect(await waysIn()).not.toContain("srt");
});

test("about says what it runs on", async () => {
  const about: About = (await owner.ask("GET", "/about")).json();
  expect(about).toMatchObject({
    version: server.product.version,
    node: process.versions.node,
    engine: "embedded, answering",
    dataDir: server.product.config.dataDir,
    licence: "AGPL-3.0-only",
  });
  expect(about.database).toMatch(/^PostgreSQL \d+\.\d+.*, (embedded|on a server of its own)$/);
  expect(about.diskFreeBytes).toBeGreaterThan(0);
  expect(about.backup).toEqual({ isOn: false, lastAt: null, problem: null });
  expect(Math.abs(about.startedAt - Date.now())).toBeLessThan(120_000);
});

test("how the relay for calls is: without its port, with the engine away, switched off", async () => {
  const relay = async () => ((await owner.ask("GET", "/settings")).json() as Settings).relay;
  expect(await relay()).toBe("port-in-use"); // this engine has none
  server.engine.isAway = true;
  expect(await relay()).toBe("away");
  server.engine.isAway = false;
  await owner.ask("PATCH", "/settings", { relayOn: false });
  expect(await relay()).toBe("off");
  await owner.ask("PATCH", "/settings", { relayOn: true });
});

test("a colourist may not read or change them", async () => {
  const colourist = await openColourist(server);
  for (const path of ["/settings", "/about"])
    expect((await colourist.ask("GET", path)).json().error).toBe("not_allowed");
  expect((await colourist.ask("PATCH", "/settings", { auditDays: 1 })).json().error).toBe("not_allowed");
});

test("the TURN secret is never given back, and the log says that it was changed, not to what", async () => {
  const change = { iceUrls: ["turn:turn.example.org"], turnAuth: "secret", turnSecret: "north wind" };
  const answer = await owner.ask("PATCH", "/settings", change);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    { hasTurnSecret: true, turnAuth: "secret" },
  ]);
  expect(answer.body).not.toContain("north");
  expect((await owner.ask("GET", "/settings")).body).not.toContain("north");
  await owner.ask("PATCH", "/settings", { turnSecret: null, turnAuth: "none", iceUrls: [] });
  const { events } = (await owner.ask("GET", "/audit?action=settings&limit=2")).json() as {
    events: AuditEvent[];
  };
  expect(events.map(({ detail }) => detail)).toEqual([
    "turnAuth: none, iceUrls: , turnSecret: forgotten",
    "iceUrls: turn:turn.example.org, turnAuth: secret, turnSecret: changed",
  ]);
});

test("RTMPS's certificate is shown as it is now, and what is wrong with it in words", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cs-cert-"));
  const { certFile, keyFile } = await writeSelfSigned(folder, "edit.example.org");
  const other = await startTestServer({ RTMPS_CERT_FILE: certFile, RTMPS_KEY_FILE: keyFile });
  try {
    const its = await openOwner(other);
    const shown = async (): Promise<Settings> => (await its.ask("GET", "/settings")).json();
    const { rtmpsCertificate, rtmpsProblem } = await shown();
    expect(rtmpsProblem).toBeNull();
    expect(rtmpsCertificate).toMatchObject({
      subject: "edit.example.org",
      names: expect.arrayContaining(["edit.example.org"]),
      isSelfSigned: true,
    });
    expect(rtmpsCertificate?.expiresAt).toBeGreaterThan(Date.now());
    await rm(keyFile);
    expect(await shown()).toMatchObject({
      rtmpsCertificate: null,
      rtmpsProblem: `RTMPS_KEY_FILE, ${keyFile}, cannot be read: there is no such file.`,
    });
  } finally {
    await other.close();
    await rm(folder, { recursive: true });
  }
});

test("without a certificate the settings say that there is none", async () => {
  expect(await read()).toMatchObject({ rtmpsCertificate: null, rtmpsProblem: null });
});
