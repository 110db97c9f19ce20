import { execFileSync } from "node:child_process";
import { jwtVerify } from "jose";
import { expect, test } from "vitest";
import { readToken } from "../../../../../tests/tools/mirotalk.js";
import { writeToken } from "./tokens.js";

const config = {
  jwtKey: "jwt-key-of-the-test-0123456789",
  username: "colourstream",
  password: "password-of-the-test-01",
};
const ISSUED_AT_S = 1795418364;
const SALT = "1ce6091fef74b56e";
/** What MiroTalk P2P 1.9.11 answered to POST /api/v1/token with this account, presenter "true" and expire "12h". */
const RECORDED = [
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
  "eyJkYXRhIjoiVTJGc2RHVmtYMThjNWdrZjczUzFiaHBjYmNCaGlId0wxZ3k1S0ZFYy85OEFWMmFhSWNnU1R3ODFQVlJKZXA2MTZOcjlJaVlWRFBWK3VuVitJYmZqcXJZMnJVNHVRbW1qTlNQVXBtKzF5WTJrcTQ3MlNIVjlzY24ySXdWeER1RXlPWm54Z2taMURsTE0zNFJuWWxIZzBnPT0iLCJpYXQiOjE3OTU0MTgzNjQsImV4cCI6MTc5NTQ2MTU2NH0",
  "Lfn-YctP8GSJXvMRXTW-Ot7jqncQa_ltxcZVd3DwcEY",
].join(".");

const token = (isHost: boolean) =>
  writeToken({ config, isHost, now: ISSUED_AT_S * 1000 + 700, random: () => Buffer.from(SALT, "hex") });
const key = Buffer.from(config.jwtKey);
const currentDate = new Date(ISSUED_AT_S * 1000);

test("with the same salt at the same second our token is MiroTalk's own, byte for byte", () => {
  expect(token(true)).toBe(RECORDED);
});

test("is a JWT for 12 hours that another key does not verify", async () => {
  const { payload, protectedHeader } = await jwtVerify(token(false), key, { currentDate });
  expect(protectedHeader).toEqual({ alg: "HS256", typ: "JWT" });
  expect(payload).toMatchObject({ iat: ISSUED_AT_S, exp: ISSUED_AT_S + 12 * 3_600 });
  await expect(jwtVerify(token(false), Buffer.from("another key of this length"))).rejects.toThrow(
    /signature/,
  );
});

test("the account in it is what OpenSSL deciphers by the passphrase; a guest presents nothing", async () => {
  const { payload } = await jwtVerify<{ data: string }>(token(false), key, { currentDate });
  const options = ["enc", "-d", "-aes-256-cbc", "-md", "md5", "-base64", "-A", "-pass", "env:PASSPHRASE"];
  const text = execFileSync("openssl", options, {
    input: payload.data,
    env: { ...process.env, PASSPHRASE: config.jwtKey },
    stdio: ["pipe", "pipe", "ignore"], // it warns of this old way to a key
  }).toString();
  const account = { username: "colourstream", password: "password-of-the-test-01", presenter: "false" };
  expect(JSON.parse(text)).toEqual(account);
  expect(readToken(token(false), config.jwtKey).account).toEqual(account);
});
