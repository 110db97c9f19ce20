import type { Settings } from "@colourstream/contract";
import { expect, test } from "vitest";
import { createCallIce, createIceServers } from "./ice-servers.js";

const NOW = Date.UTC(2026, 10, 23);
const urls = [
  "stun:stun.example.org:3478",
  "turn:turn.example.org",
  "turns:turn.example.org:443?transport=tcp",
];

const ask = (given: Partial<Settings>, secret: string | null, participantId = "p1") =>
  createIceServers(
    {
      now: () => ({ iceUrls: urls, turnAuth: "none", turnUsername: "", ...given }) as Settings,
      turnSecret: () => secret,
    },
    () => NOW,
  )(participantId);

test("nothing set is nothing given", () => {
  expect(ask({ iceUrls: [] }, null)).toEqual([]);
  expect(ask({ iceUrls: [], turnAuth: "secret" }, "north")).toEqual([]);
});

test("without credentials the TURN servers are left out: a browser refuses them", () => {
  expect(ask({}, null)).toEqual([{ urls: urls.slice(0, 1) }]);
  expect(ask({ turnAuth: "password", turnUsername: "cs" }, null)).toEqual([{ urls: urls.slice(0, 1) }]);
});

test("a password goes to every viewer as it is", () => {
  expect(ask({ turnAuth: "password", turnUsername: "cs" }, "north wind")).toEqual([
    { urls: urls.slice(0, 1) },
    { urls: urls.slice(1), username: "cs", credential: "north wind" },
  ]);
});

test("by the shared secret each viewer has credentials of their own, good for an hour", () => {
  // By hand: printf 1795395600:p1 | openssl dgst -sha1 -hmac north -binary | base64
  const untilS = NOW / 1000 + 3600;
  expect(ask({ turnAuth: "secret" }, "north")).toEqual([
    { urls: urls.slice(0, 1) },
    { urls: urls.slice(1), username: `${untilS}:p1`, credential: "sxn9/5br5gzTWsS0iaZvsCXJoDA=" },
  ]);
  expect(ask({ turnAuth: "secret" }, "north", "p2")[1]?.credential).not.toBe("sxn9/5br5gzTWsS0iaZvsCXJoDA=");
});

const callIce = (
  given: Partial<Settings>,
  {
    origin = "https://review.test:8443" as string | null,
    secret = null as string | null,
    port = 3478 as number | null,
  } = {},
) => {
  const now = () =>
    ({
      ...{ iceUrls: [], turnAuth: "none", turnUsername: "", publicAddress: null, publicUrl: null },
      ...given,
    }) as unknown as Settings;
  const settings = { now, turnSecret: () => secret };
  const relay = { port: () => port, secret: "north" };
  return createCallIce(
    settings,
    createIceServers(settings, () => NOW),
    relay,
    () => NOW,
  )("p1", origin);
};

const own = (host: string) => [
  { urls: [`stun:${host}:3478`] },
  {
    urls: [`turn:${host}:3478?transport=udp`, `turn:${host}:3478?transport=tcp`],
    username: `${NOW / 1000 + 3600}:p1`,
    credential: "sxn9/5br5gzTWsS0iaZvsCXJoDA=",
  },
];

test.each<[string, Partial<Settings>, string | null, string]>([
  ["the name that the page was opened at", {}, "https://review.test:8443", "review.test"],
  ["an IPv6 address that it was opened at", {}, "http://[2001:db8::5]:3000", "[2001:db8::5]"],
  ["the public address before that", { publicAddress: "203.0.113.9" }, "https://review.test", "203.0.113.9"],
  ["a public address of IPv6", { publicAddress: "2001:db8::9" }, null, "[2001:db8::9]"],
  [
    "the public origin where nothing else is known",
    { publicUrl: "https://review.test" },
    null,
    "review.test",
  ],
])("a call has our own relay by %s, with credentials for an hour", (_how, given, origin, host) => {
  expect(callIce(given, { origin })).toEqual({ ice: own(host), forMs: 3_600_000 });
});

test("TURN servers of the settings take the relay's place, STUN servers do not", () => {
  const bySecret = { iceUrls: urls, turnAuth: "secret" } as const;
  expect(callIce(bySecret, { secret: "north" }).ice).toEqual(ask({ turnAuth: "secret" }, "north"));
  const stun = { iceUrls: ["stun:stun.example.org"] };
  expect(callIce(stun).ice).toEqual([{ urls: stun.iceUrls }, ...own("review.test")]);
});

test("without a relay, or a name to reach it by, there is what the settings have", () => {
  expect(callIce({}, { port: null }).ice).toEqual([]);
  expect(callIce({}, { origin: null }).ice).toEqual([]);
});
