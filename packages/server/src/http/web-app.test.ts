import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let atAName: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  atAName = await startTestServer({ PUBLIC_URL: "http://127.0.0.1:3000" });
});
afterAll(async () => {
  await server.close();
  await atAName.close();
});

test.each([
  ["127.0.0.1:3000", "/r/abc?x=1", "http://localhost:3000/r/abc?x=1"],
  ["[::1]:3000", "/", "http://localhost:3000/"],
  ["127.0.0.1", "//elsewhere.example", "http://localhost//elsewhere.example"],
])("a page at http://%s%s leads to %s, where passkeys work", async (host, url, location) => {
  const answer = await server.app.inject({ url, headers: { host } });
  expect([answer.statusCode, answer.headers.location]).toEqual([307, location]);
});

test.each([
  ["localhost:3000", "/"],
  ["192.168.1.20:3000", "/"],
  ["127.0.0.1:3000", "/api/v1/health"],
  ["127.0.0.1:3000", "/assets/no-such.js"],
])("http://%s%s leads nowhere else", async (host, url) => {
  const answer = await server.app.inject({ url, headers: { host } });
  expect(answer.headers.location).toBeUndefined();
  expect(answer.statusCode).not.toBe(307);
});

test("with PUBLIC_URL set nothing leads to localhost", async () => {
  const answer = await atAName.app.inject({ url: "/", headers: { host: "127.0.0.1:3000" } });
  expect(answer.headers.location).toBeUndefined();
});
