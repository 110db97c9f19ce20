import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("before set-up nobody is signed in and the session says that set-up is needed", async () => {
  const answer = await openBrowser(server).ask("GET", "/session");
  expect(answer.json()).toEqual({ user: null, setUpNeeded: true });
});

test("of fifty browsers with the set-up link one becomes the owner, and the link is closed for ever", async () => {
  const code = await server.product.setUp.makeCode("set_up");
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      openBrowser(server, `198.51.100.${n}`).ask("POST", "/set-up", { code, name: `Owner ${n}` }),
    ),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
  expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(49);
  const late = await openBrowser(server).ask("POST", "/set-up", { code, name: "Late" });
  expect([late.statusCode, late.json().error]).toEqual([401, "set_up_code_wrong"]);
  const second = await server.product.setUp.makeCode("set_up");
  expect((await openBrowser(server).ask("POST", "/set-up", { code: second })).statusCode).toBe(401);
});

test("the login's cookie is HttpOnly, SameSite=Lax, for the whole host, and not readable from the database", async () => {
  const code = await server.product.setUp.makeCode("recovery");
  const browser = openBrowser(server);
  const answer = await browser.ask("POST", "/set-up", { code });
  expect(answer.headers["set-cookie"]).toMatch(
    /^session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
  );
  const session = await browser.ask("GET", "/session");
  expect(session.json()).toMatchObject({ user: { role: "owner" }, setUpNeeded: false });
});

test("signing out ends the session at once, and its cookie is worth nothing", async () => {
  const browser = await openOwner(server);
  const cookie = browser.cookieHeader();
  expect((await browser.ask("GET", "/rooms")).statusCode).toBe(200);
  expect((await browser.ask("DELETE", "/session")).statusCode).toBe(204);
  expect(browser.cookies.size).toBe(0);
  const replay = await server.app.inject({ url: "/api/v1/rooms", headers: { cookie } });
  expect(replay.statusCode).toBe(401);
});

test("guessing the set-up code is limited by address, and a limited stranger does not stop the owner", async () => {
  const stranger = openBrowser(server, "203.0.113.1");
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++)
    statuses.push((await stranger.ask("POST", "/set-up", { code: `guess ${n}` })).statusCode);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const refused = await stranger.ask("POST", "/set-up", { code: "again" });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(100);
  await openOwner(server);
});

test("on https the cookie carries __Host- and Secure", async () => {
  const https = await startTestServer({ PUBLIC_URL: "https://review.example.com" });
  const browser = openBrowser(https);
  const answer = await browser.ask("POST", "/set-up", { code: await https.product.setUp.makeCode("set_up") });
  expect(answer.headers["set-cookie"]).toMatch(
    /^__Host-session=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
  await https.close();
});
