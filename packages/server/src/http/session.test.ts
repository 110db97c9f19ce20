import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticator } from "../../../../tests/tools/authenticator.js";
import { addPasskey, enrol, signIn } from "../../../../tests/tools/ceremony.js";
import { type Browser, openBrowser, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ ADMIN_PASSWORD: "a long enough password" });
});
afterAll(() => server.close());

const asking = () => ({ origin: server.url });
const linkFor = async (purpose: "set_up" | "recovery"): Promise<string> =>
  `${server.url}/set-up#${await server.product.setUp.makeCode(purpose)}`;
/** As `tests/tools/ceremony.ts` asks. */
const asker =
  (browser: Browser) =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await browser.ask(method, path, body);
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
    return answer.body === "" ? (undefined as T) : answer.json();
  };
const refusal = async (asked: ReturnType<Browser["ask"]>): Promise<[number, string]> => {
  const answer = await asked;
  return [answer.statusCode, answer.json().error];
};

test("before set-up nobody is signed in, and the session says how to begin and where passkeys work", async () => {
  const answer = await openBrowser(server).ask("GET", "/session");
  expect(answer.json()).toEqual({
    user: null,
    stage: "none",
    setUpNeeded: true,
    passwordWorks: true,
    passkeyOrigin: server.url,
    provedUntil: null,
  });
});

test("a code can be looked at without being spent", async () => {
  const code = await server.product.setUp.makeCode("set_up");
  for (let n = 0; n < 2; n++) {
    const answer = await openBrowser(server).ask("POST", "/set-up/check", { code });
    expect(answer.json()).toEqual({ purpose: "set-up", name: null });
  }
  expect(await refusal(openBrowser(server).ask("POST", "/set-up/check", { code: "no such" }))).toEqual([
    401,
    "set_up_code_wrong",
  ]);
});

test("at an address where no passkey works the link is refused and stays whole", async () => {
  const code = await server.product.setUp.makeCode("set_up");
  const origin = server.url.replace("localhost", "127.0.0.1");
  const answer = await server.app.inject({
    method: "POST",
    url: "/api/v1/set-up",
    headers: { origin, "content-type": "application/json" },
    payload: JSON.stringify({ code }),
  });
  expect([answer.statusCode, answer.json().error]).toEqual([409, "passkeys_not_here"]);
  expect(answer.json().message).toContain(server.url);
  const whole = await openBrowser(server).ask("POST", "/set-up/check", { code });
  expect(whole.statusCode).toBe(200);
});

test("of fifty browsers with one set-up link one gets in, and of all that get in one becomes the owner", async () => {
  const code = await server.product.setUp.makeCode("set_up");
  const browsers = Array.from({ length: 50 }, (_, n) => openBrowser(server, `198.51.100.${n}`));
  const answers = await Promise.all(
    browsers.map((browser, n) => browser.ask("POST", "/set-up", { code, name: `Owner ${n}` })),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
  expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(49);

  // The password opens the same account while it has no passkey; so do links made since.
  const second = openBrowser(server, "198.51.100.60");
  const byPassword = await second.ask("POST", "/sign-in/password", { password: "a long enough password" });
  expect(byPassword.json()).toMatchObject({ stage: "enrol", setUpNeeded: true });
  const all = [...browsers.filter(({ cookies }) => cookies.size > 0), second];
  expect(all).toHaveLength(2);
  const added = await Promise.allSettled(
    all.map((browser) => addPasskey(asker(browser), createAuthenticator(), asking())),
  );
  expect(added.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const owner = await server.store.users.owner();
  expect(await server.store.passkeys.ofUser(owner?.id ?? "")).toHaveLength(1);
});

test("once the owner has a passkey neither link nor password opens anything, for ever", async () => {
  const code = await server.product.setUp.makeCode("set_up");
  const late = openBrowser(server, "192.0.2.7");
  expect(await refusal(late.ask("POST", "/set-up/check", { code }))).toEqual([401, "set_up_code_wrong"]);
  expect(await refusal(late.ask("POST", "/set-up", { code }))).toEqual([401, "set_up_code_wrong"]);
  const password = { password: "a long enough password" };
  expect(await refusal(late.ask("POST", "/sign-in/password", password))).toEqual([401, "sign_in_refused"]);
  expect((await late.ask("GET", "/session")).json()).toMatchObject({
    stage: "none",
    setUpNeeded: false,
    passwordWorks: false,
  });
  expect(late.cookies.size).toBe(0);
});

test("a recovery link lets the owner in to add a passkey and for nothing else; the passkey opens all", async () => {
  const browser = openBrowser(server);
  const link = await linkFor("recovery");
  const code = new URL(link).hash.slice(1);
  expect((await browser.ask("POST", "/set-up/check", { code })).json()).toMatchObject({
    purpose: "recovery",
  });
  expect((await browser.ask("POST", "/set-up", { code })).json()).toMatchObject({
    user: { role: "owner" },
    stage: "enrol",
    provedUntil: null,
  });
  expect((await browser.ask("GET", "/session")).json()).toMatchObject({ stage: "enrol" });
  expect(await refusal(browser.ask("GET", "/rooms"))).toEqual([403, "enrol_needed"]);
  expect(await refusal(browser.ask("POST", "/set-up", { code }))).toEqual([401, "set_up_code_wrong"]);
  const enrolling = browser.cookieHeader();

  const { session, passkey } = await addPasskey(asker(browser), createAuthenticator(), asking());
  expect(session).toMatchObject({ stage: "full", user: { role: "owner" } });
  expect(session.provedUntil).toBeGreaterThan(Date.now());
  expect(passkey).toMatchObject({ transports: ["internal"], isSynced: false, isBackedUp: false });
  expect((await browser.ask("GET", "/rooms")).statusCode).toBe(200);
  const old = await server.app.inject({ url: "/api/v1/session", headers: { cookie: enrolling } });
  expect(old.json()).toMatchObject({ stage: "none" });
});

test("adding a passkey ends every other link and every other login that could only add one", async () => {
  const [one, two] = [openBrowser(server), openBrowser(server, "192.0.2.8")];
  const unused = new URL(await linkFor("recovery")).hash.slice(1);
  for (const browser of [one, two]) {
    const code = new URL(await linkFor("recovery")).hash.slice(1);
    expect((await browser.ask("POST", "/set-up", { code })).statusCode).toBe(201);
  }
  await addPasskey(asker(one), createAuthenticator(), asking());
  expect(await refusal(two.ask("POST", "/passkeys/options"))).toEqual([401, "sign_in_needed"]);
  expect(await refusal(two.ask("POST", "/set-up", { code: unused }))).toEqual([401, "set_up_code_wrong"]);
});

test("the login's cookie is HttpOnly, SameSite=Lax, for the whole host, and new with every proof", async () => {
  const authenticator = createAuthenticator();
  const browser = openBrowser(server);
  await enrol(asker(browser), await linkFor("recovery"), authenticator, asking());
  const before = browser.cookies.get("session");
  const options = await asker(browser)<Record<string, unknown>>("POST", "/sign-in/options");
  const credential = authenticator.get(options, asking());
  const answer = await browser.ask("POST", "/sign-in", { credential });
  expect([answer.headers["set-cookie"]].flat().join("\n")).toMatch(
    /^session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/m,
  );
  expect(browser.cookies.get("session")).not.toBe(before);
  const replay = await server.app.inject({
    url: "/api/v1/rooms",
    headers: { cookie: `session=${before}` },
  });
  expect(replay.statusCode).toBe(401);
});

test("signing out ends the session at once, and its cookie is worth nothing", async () => {
  const browser = openBrowser(server);
  await enrol(asker(browser), await linkFor("recovery"), createAuthenticator(), asking());
  const cookie = browser.cookieHeader();
  expect((await browser.ask("GET", "/rooms")).statusCode).toBe(200);
  expect((await browser.ask("DELETE", "/session")).statusCode).toBe(204);
  expect(browser.cookies.has("session")).toBe(false);
  const replay = await server.app.inject({ url: "/api/v1/rooms", headers: { cookie } });
  expect(replay.statusCode).toBe(401);
});

test("one's logins are listed with their devices, and ended one by one or all but this one", async () => {
  const authenticator = createAuthenticator();
  const [here, there, third] = [openBrowser(server), openBrowser(server, "192.0.2.9"), openBrowser(server)];
  await enrol(asker(here), await linkFor("recovery"), authenticator, asking());
  await asker(here)("DELETE", "/sessions?keepThis=true");
  for (const browser of [there, third]) await signIn(asker(browser), authenticator, asking());
  type Listed = { sessions: { id: string; device: string; address: string; isThis: boolean }[] };
  const { sessions } = await asker(here)<Listed>("GET", "/sessions");
  expect(sessions).toHaveLength(3);
  expect(sessions.filter(({ isThis }) => isThis)).toHaveLength(1);
  const theirs = sessions.find(({ address }) => address === "192.0.2.9");
  expect(theirs?.isThis).toBe(false);

  expect((await here.ask("DELETE", `/sessions/${theirs?.id}`)).statusCode).toBe(204);
  expect((await there.ask("GET", "/rooms")).statusCode).toBe(401);
  expect(await refusal(here.ask("DELETE", `/sessions/${theirs?.id}`))).toEqual([404, "not_found"]);
  expect((await here.ask("DELETE", "/sessions")).statusCode).toBe(204);
  expect((await third.ask("GET", "/rooms")).statusCode).toBe(401);
  expect((await here.ask("GET", "/rooms")).statusCode).toBe(401);
});

test("guessing the set-up code is limited by address, and a limited stranger does not stop the owner", async () => {
  const stranger = openBrowser(server, "203.0.113.1");
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++)
    statuses.push((await stranger.ask("POST", "/set-up", { code: `guess ${n}` })).statusCode);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const refused = await stranger.ask("POST", "/set-up", { code: "again" });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(100);
  await enrol(asker(openBrowser(server)), await linkFor("recovery"), createAuthenticator(), asking());
});

test("on https the cookies carry __Host- and Secure", async () => {
  const origin = "https://review.example.com";
  const https = await startTestServer({ PUBLIC_URL: origin });
  const ask = (path: string, payload: object) =>
    https.app.inject({
      method: "POST",
      url: `/api/v1${path}`,
      headers: { origin, "content-type": "application/json" },
      payload: JSON.stringify(payload),
    });
  const answer = await ask("/set-up", { code: await https.product.setUp.makeCode("set_up") });
  expect(answer.headers["set-cookie"]).toMatch(
    /^__Host-session=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
  const begun = await https.app.inject({
    method: "POST",
    url: "/api/v1/sign-in/options",
    headers: { origin },
  });
  expect(begun.json()).toMatchObject({ rpId: "review.example.com", userVerification: "required" });
  expect(begun.headers["set-cookie"]).toMatch(/^__Host-browser=.*HttpOnly; Secure; SameSite=Lax$/);
  await https.close();
});
