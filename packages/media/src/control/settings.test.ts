import { expect, test } from "vitest";
import type { EngineSettings } from "./protocol.js";
import { hashSettings, parseSettings } from "./settings.js";

const SETTINGS: EngineSettings = {
  controlPath: "/run/x/control.sock",
  httpPath: "/run/x/http.sock",
  rtmp: { host: "127.0.0.1", port: 1935 },
  rtmps: { host: "127.0.0.1", port: 1936, certFile: "/etc/tls/cert.pem", keyFile: "/etc/tls/key.pem" },
  srt: { host: "127.0.0.1", port: 9999 },
  whip: true,
  relay: { host: "127.0.0.1", port: 3478, secret: "a secret of 22 letters" },
  recordingsDir: "/var/lib/x/recordings",
  webrtc: { firstPort: 10_000, lastPort: 10_009, publicAddress: null, bindAddress: null },
  logLevel: "info",
  orphanMs: 30_000,
  serviceKeys: { keys: [{ kty: "OKP", crv: "Ed25519", x: "x", kid: "k", alg: "EdDSA", use: "sig" }] },
};

test("right settings pass unchanged", () => {
  expect(parseSettings(JSON.stringify(SETTINGS))).toEqual(SETTINGS);
  expect(parseSettings(JSON.stringify({ ...SETTINGS, rtmp: null }))).toEqual({ ...SETTINGS, rtmp: null });
});

const WRONG: readonly [string, unknown][] = [
  ["controlPath", { ...SETTINGS, controlPath: "" }],
  ["httpPath", { ...SETTINGS, httpPath: 7 }],
  ["rtmp", { ...SETTINGS, rtmp: "1935" }],
  ["rtmps.certFile", { ...SETTINGS, rtmps: { host: "::", port: 1936, keyFile: "/k" } }],
  ["srt.port", { ...SETTINGS, srt: { host: "::", port: 1.5 } }],
  ["whip", { ...SETTINGS, whip: 1 }],
  ["relay.secret", { ...SETTINGS, relay: { host: "::", port: 1, secret: "short" } }],
  ["relay.port", { ...SETTINGS, relay: { host: "::", port: -1, secret: "a secret of 22 letters" } }],
  ["recordingsDir", { ...SETTINGS, recordingsDir: "" }],
  ["rtmp.port", { ...SETTINGS, rtmp: { host: "::", port: 65_536 } }],
  ["rtmp.host", { ...SETTINGS, rtmp: { port: 1 } }],
  ["webrtc", { ...SETTINGS, webrtc: [] }],
  ["webrtc.lastPort", { ...SETTINGS, webrtc: { ...SETTINGS.webrtc, lastPort: 9_999 } }],
  ["webrtc.publicAddress", { ...SETTINGS, webrtc: { ...SETTINGS.webrtc, publicAddress: undefined } }],
  ["logLevel", { ...SETTINGS, logLevel: "loud" }],
  ["orphanMs", { ...SETTINGS, orphanMs: -1 }],
  ["serviceKeys", { ...SETTINGS, serviceKeys: { keys: [] } }],
  ["serviceKeys", { ...SETTINGS, serviceKeys: undefined }],
  ["the variable", null],
];

test.each(WRONG)("a wrong %s is named", (name, value) => {
  expect(() => parseSettings(JSON.stringify(value))).toThrow(`COLOURSTREAM_ENGINE: ${name}: expected`);
});

test("no settings at all is said in as many words", () => {
  expect(() => parseSettings(undefined)).toThrow("expected settings as JSON, got nothing");
  expect(() => parseSettings("{")).toThrow("expected JSON");
});

test("the hash names the settings, not the order they were written in", () => {
  const { logLevel, ...rest } = SETTINGS;
  expect(hashSettings({ logLevel, ...rest })).toBe(hashSettings(SETTINGS));
  expect(hashSettings({ ...SETTINGS, serviceKeys: { keys: [] } })).toBe(hashSettings(SETTINGS));
  expect(hashSettings({ ...SETTINGS, orphanMs: 1 })).not.toBe(hashSettings(SETTINGS));
});
