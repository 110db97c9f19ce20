import { expect, test } from "vitest";
import { readConfig, replacesRelay } from "./config.js";

test("an empty environment gives the defaults that one machine needs", () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    host: "0.0.0.0",
    port: 3000,
    publicUrl: null,
    databaseUrl: null,
    rtmpPort: 1935,
    webrtc: { firstPort: 10_000, lastPort: 10_009 },
    relayPort: 3478,
    turn: null,
    trustedProxies: 0,
  });
  expect(config.dataDir.endsWith("/data")).toBe(true);
});

test("an empty string is the same as unset", () => {
  expect(readConfig({ PORT: "", PUBLIC_URL: " ", DATABASE_URL: "" })).toEqual(readConfig({}));
});

test.each([
  ["PORT", "70000"],
  ["PORT", "three"],
  ["RTMP_PORT", "-1"],
  ["WEBRTC_PORTS", "10009-10000"],
  ["WEBRTC_PORTS", "1-65535"],
  ["PUBLIC_URL", "review.example.com"],
  ["PUBLIC_URL", "https://example.com/path"],
  ["PUBLIC_ADDRESS", "example.com:80"],
  ["LOG_LEVEL", "loud"],
  ["TRUST_PROXY", "yes"],
  ["DATABASE_URL", "mysql://root@host/db"],
])("%s=%s is refused by name", (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} is`));
});

test.each([
  [{ TURN_URLS: "example.org" }, "TURN_URLS"],
  [{ TURN_URLS: "turn:a.test turn:b.test:99999", TURN_SECRET: "s" }, "TURN_URLS"],
  [{ TURN_URLS: Array.from({ length: 9 }, (_, n) => `stun:s${n}.test`).join(",") }, "TURN_URLS"],
  [{ TURN_SECRET: "north" }, "TURN_URLS"],
  [{ TURN_URLS: "turn:a.test" }, "TURN_SECRET"],
  [{ TURN_URLS: "turn:a.test", TURN_PASSWORD: "north" }, "TURN_USERNAME"],
  [{ TURN_URLS: "turn:a.test", TURN_PASSWORD: "north", TURN_SECRET: "wind" }, "TURN_PASSWORD"],
])("%j is refused by name, and no secret is repeated", (environment, name) => {
  expect(() => readConfig(environment)).toThrow(new RegExp(`^${name} is`));
  expect(() => readConfig(environment)).not.toThrow(/north|wind/);
});

test("TURN servers of the environment, with a secret or with a user and a password; they replace the relay", () => {
  const urls = ["stun:a.test", "turn:a.test:3478?transport=udp"];
  const TURN_URLS = urls.join(", ");
  const bySecret = readConfig({ TURN_URLS, TURN_SECRET: "north" });
  expect(bySecret.turn).toEqual({ urls, auth: "secret", username: "", secret: "north" });
  const byPassword = readConfig({ TURN_URLS, TURN_USERNAME: "cs", TURN_PASSWORD: "north" });
  expect(byPassword.turn).toEqual({ urls, auth: "password", username: "cs", secret: "north" });
  const stun = readConfig({ TURN_URLS: "stun:a.test" });
  expect(stun.turn).toEqual({ urls: ["stun:a.test"], auth: "none", username: "", secret: null });
  expect([bySecret, byPassword, stun, readConfig({})].map(replacesRelay)).toEqual([true, true, false, false]);
});

test("a database address is not repeated in its error, for it holds a password", () => {
  expect(() => readConfig({ DATABASE_URL: "mysql://u:hunter2@host/db" })).not.toThrow(/hunter2/);
});

test("the public address is reduced to its origin", () => {
  expect(readConfig({ PUBLIC_URL: "https://Review.example.com/" }).publicUrl).toBe(
    "https://review.example.com",
  );
});

test("production refuses plain http and default database passwords", () => {
  const production = { NODE_ENV: "production", PUBLIC_URL: "https://review.example.com" };
  expect(() => readConfig({ NODE_ENV: "production" })).toThrow(/^PUBLIC_URL/);
  expect(() => readConfig({ ...production, PUBLIC_URL: "http://review.example.com" })).toThrow(/^PUBLIC_URL/);
  expect(() => readConfig({ ...production, DATABASE_URL: "postgres://a:postgres@db/x" })).toThrow(
    /^DATABASE_URL/,
  );
  expect(readConfig(production).production).toBe(true);
});
