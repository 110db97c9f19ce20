import { randomBytes } from "node:crypto";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAlone } from "../bus/alone.js";
import { createSealer } from "../secrets.js";
import type { Store } from "../store/store.js";
import { openTestStore } from "../testing/database.js";
import { openServiceKeys } from "./service-keys.js";

const DAY_MS = 86_400_000;
const sealer = createSealer(randomBytes(32));
let store: Store;
let now = Date.UTC(2026, 10, 22);
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(() => {
  now += DAY_MS;
});
const silent = () => undefined;
const open = () => openServiceKeys(store.serviceKeys, sealer, () => now, createAlone("test"), silent);
const verify = (token: string, keys: { keys: readonly object[] }, audience = "conference") =>
  jwtVerify(token, createLocalJWKSet({ keys: [...keys.keys] as never }), {
    issuer: "colourstream",
    audience,
    algorithms: ["EdDSA"],
    currentDate: new Date(now),
  });

test("a token names its key, its audience and itself, and lives a minute", async () => {
  const keys = await open();
  const token = await keys.sign("conference");
  const [newest] = keys.jwks().keys;
  expect(decodeProtectedHeader(token)).toEqual({ alg: "EdDSA", kid: newest?.kid });
  const claims = decodeJwt(token);
  expect(claims).toMatchObject({ iss: "colourstream", aud: "conference", iat: now / 1000 });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60);
  expect(decodeJwt(await keys.sign("conference")).jti).not.toBe(claims.jti);
  await expect(verify(token, keys.jwks())).resolves.toBeDefined();
  await expect(verify(token, keys.jwks(), "media-engine")).rejects.toThrow('"aud"');
  now += 61_000;
  await expect(verify(token, keys.jwks())).rejects.toThrow('"exp"');
});

test("the key before is believed after a rotation, the one before that is not", async () => {
  const keys = await open();
  const heard: number[] = [];
  keys.onRotated(() => heard.push(keys.jwks().keys.length));
  const first = await keys.sign("conference");
  await keys.rotate();
  const second = await keys.sign("conference");
  expect(decodeProtectedHeader(second).kid).not.toBe(decodeProtectedHeader(first).kid);
  expect(decodeProtectedHeader(await keys.sign("conference", "before")).kid).toBe(
    decodeProtectedHeader(first).kid,
  );
  await expect(verify(first, keys.jwks())).resolves.toBeDefined();
  await keys.rotate();
  await expect(verify(first, keys.jwks())).rejects.toThrow("no applicable key");
  await expect(verify(second, keys.jwks())).resolves.toBeDefined();
  expect(heard).toEqual([2, 2]);
  expect(await store.serviceKeys.all()).toHaveLength(2);
});

test("the keys are the same after a restart, sealed in the database, and public halves alone are shown", async () => {
  const keys = await open();
  await keys.rotate();
  const reopened = await open();
  expect(reopened.jwks()).toEqual(keys.jwks());
  for (const key of reopened.jwks().keys)
    expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
  for (const { sealedKey } of await store.serviceKeys.all())
    expect(Buffer.from(sealedKey).toString("latin1")).not.toContain('"d"');
  await expect(
    openServiceKeys(store.serviceKeys, createSealer(randomBytes(32)), () => now, createAlone("test"), silent),
  ).rejects.toThrow("cannot be read with this key");
});

test("a key is changed when it is thirty days old, also when the clock was set back before", async () => {
  const keys = await open();
  await keys.rotate();
  const kid = () => keys.jwks().keys[0]?.kid;
  const before = kid();
  now += 30 * DAY_MS - 10;
  expect(await keys.rotateWhenDue()).toBe(false);
  now += 10;
  expect(await keys.rotateWhenDue()).toBe(true);
  expect(keys.jwks().keys[1]?.kid).toBe(before);
  const newest = kid();
  now -= 365 * DAY_MS;
  await keys.rotate();
  expect(keys.jwks().keys[1]?.kid).toBe(newest);
});
