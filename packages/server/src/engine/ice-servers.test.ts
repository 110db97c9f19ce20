import type { Settings } from "@colourstream/contract";
import { expect, test } from "vitest";
import { createIceServers } from "./ice-servers.js";

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
