import type { Account, AccountLink, Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Authenticator, createAuthenticator } from "../../../../tests/tools/authenticator.js";
import { enrol, signIn } from "../../../../tests/tools/ceremony.js";
import { type Browser, openBrowser, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
const ownersKey = createAuthenticator();
beforeAll(async () => {
  server = await startTestServer();
  owner = openBrowser(server);
  const link = `${server.url}/set-up#${await server.product.setUp.makeCode("set_up")}`;
  await enrol(asker(owner), link, ownersKey, { origin: server.url }, "Olga");
});
afterAll(() => server.close());

/** As `tests/tools/ceremony.ts` asks. */
const asker =
  (browser: Browser) =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await browser.ask(method, path, body);
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${answer.json().error}`);
    return answer.body === "" ? (undefined as T) : answer.json();
  };
const refusal = async (asked: ReturnType<Browser["ask"]>): Promise<[number, string]> => {
  const answer = await asked;
  return [answer.statusCode, answer.json().error];
};
const accountOf = async (id: string): Promise<Account | undefined> =>
  (await asker(owner)<{ users: Account[] }>("GET", "/users")).users.find((one) => one.id === id);

type Colourist = { id: string; browser: Browser; key: Authenticator };
let addresses = 0;
async function invited(name: string): Promise<Colourist> {
  const { account, link } = await asker(owner)<AccountLink>("POST", "/users", { name });
  addresses += 1;
  const browser = openBrowser(server, `192.0.2.${addresses}`);
  const key = createAuthenticator();
  await enrol(asker(browser), link, key, { origin: server.url });
  return { id: account.id, browser, key };
}

test("an invited colourist opens their account by its link, once, within seven days", async () => {
  const made = await asker(owner)<AccountLink>("POST", "/users", { name: "  Carl   Colour " });
  expect(made.account).toMatchObject({
    name: "Carl Colour",
    role: "colourist",
    state: "invited",
    passkeys: 0,
  });
  expect(made.link).toMatch(new RegExp(`^${server.url}/set-up#[a-z2-9]{32}$`));
  expect(made.expiresAt - made.account.createdAt).toBe(7 * 24 * 3_600_000);
  expect(made.account.linkUntil).toBe(made.expiresAt);

  const code = new URL(made.link).hash.slice(1);
  const browser = openBrowser(server, "192.0.2.90");
  expect((await browser.ask("POST", "/set-up/check", { code })).json()).toEqual({
    purpose: "colourist",
    name: "Carl Colour",
  });
  const session = await enrol(asker(browser), made.link, createAuthenticator(), { origin: server.url });
  expect(session).toMatchObject({ user: { name: "Carl Colour", role: "colourist" }, stage: "full" });
  expect(await refusal(browser.ask("POST", "/set-up", { code }))).toEqual([401, "set_up_code_wrong"]);
  expect(await accountOf(made.account.id)).toMatchObject({ state: "active", passkeys: 1, linkUntil: null });
  expect(await refusal(browser.ask("GET", "/users"))).toEqual([403, "not_allowed"]);
});

test("who is invited says how they are called; a later link does not change it", async () => {
  const made = await asker(owner)<AccountLink>("POST", "/users", { name: "Sam" });
  const at = { origin: server.url };
  const first = openBrowser(server, "192.0.2.93");
  const session = await enrol(asker(first), made.link, createAuthenticator(), at, "Samira  Sol");
  expect(session.user?.name).toBe("Samira Sol");
  const again = await asker(owner)<AccountLink>("POST", `/users/${made.account.id}/link`);
  const second = openBrowser(server, "192.0.2.94");
  expect((await enrol(asker(second), again.link, createAuthenticator(), at, "Eve")).user?.name).toBe(
    "Samira Sol",
  );
});

test("a new link ends the one before it", async () => {
  const made = await asker(owner)<AccountLink>("POST", "/users", { name: "Lost" });
  const again = await asker(owner)<AccountLink>("POST", `/users/${made.account.id}/link`);
  const code = new URL(made.link).hash.slice(1);
  const browser = openBrowser(server, "192.0.2.91");
  expect(await refusal(browser.ask("POST", "/set-up", { code }))).toEqual([401, "set_up_code_wrong"]);
  const session = await enrol(asker(browser), again.link, createAuthenticator(), { origin: server.url });
  expect(session.user?.name).toBe("Lost");
});

test("a disabled colourist is out at once, with their links, tokens and passkeys, until they are enabled", async () => {
  const { id, browser, key } = await invited("Dora");
  const asking = { origin: server.url };
  expect((await browser.ask("GET", "/rooms")).statusCode).toBe(200);
  const wish = { name: "A script", scopes: ["rooms:read"], expiresAt: null };
  const { secret } = await asker(browser)<{ secret: string }>("POST", "/tokens", wish);
  const byToken = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await server.app.inject({ url: "/api/v1/rooms", headers })).statusCode;
  };
  expect(await byToken()).toBe(200);
  const link = await asker(owner)<AccountLink>("POST", `/users/${id}/link`);
  const disabled = await asker(owner)<Account>("PATCH", `/users/${id}`, { disabled: true });
  expect(disabled).toMatchObject({ state: "disabled", linkUntil: null });
  expect(await refusal(browser.ask("GET", "/rooms"))).toEqual([401, "sign_in_needed"]);
  expect(await byToken()).toBe(401);
  await expect(signIn(asker(browser), key, asking)).rejects.toThrow("401 passkey_refused");
  const code = new URL(link.link).hash.slice(1);
  expect(await refusal(browser.ask("POST", "/set-up", { code }))).toEqual([401, "set_up_code_wrong"]);
  expect(await refusal(owner.ask("POST", `/users/${id}/link`))).toEqual([403, "not_allowed"]);

  await asker(owner)("PATCH", `/users/${id}`, { disabled: false });
  expect((await browser.ask("GET", "/rooms")).statusCode).toBe(401); // the old login stays ended
  expect(await byToken()).toBe(401);
  expect(await signIn(asker(browser), key, asking)).toMatchObject({ stage: "full" });
});

test("a deleted colourist is gone with everything that lets in, and their rooms are the owner's", async () => {
  const { id, browser, key } = await invited("Gone");
  const room = await asker(browser)<Room>("POST", "/rooms", { name: "Reel of Gone" });
  expect(room.colourist).toEqual({ id, name: "Gone" });
  expect(await accountOf(id)).toMatchObject({ rooms: 1 });
  expect((await owner.ask("DELETE", `/users/${id}`)).statusCode).toBe(204);
  expect(await refusal(browser.ask("GET", "/rooms"))).toEqual([401, "sign_in_needed"]);
  await expect(signIn(asker(browser), key, { origin: server.url })).rejects.toThrow("401 passkey_refused");
  expect((await asker(owner)<Room>("GET", `/rooms/${room.id}`)).colourist).toBeNull();
  expect(await accountOf(id)).toBeUndefined();
  expect(await refusal(owner.ask("DELETE", `/users/${id}`))).toEqual([404, "not_found"]);
  expect(server.product.accounts.nameOf(id)).toBeNull();
});

test("a name changes everywhere at once, one's own too", async () => {
  const { id, browser } = await invited("Before");
  await asker(owner)("PATCH", `/users/${id}`, { name: "After" });
  expect((await browser.ask("GET", "/session")).json()).toMatchObject({ user: { name: "After" } });
  expect((await asker(browser)<{ user: object }>("PATCH", "/me", { name: "Myself" })).user).toMatchObject({
    name: "Myself",
  });
  expect((await browser.ask("GET", "/session")).json()).toMatchObject({ user: { name: "Myself" } });
  expect(server.product.accounts.nameOf(id)).toBe("Myself");
});

test("the owner's own account cannot be disabled, deleted, linked or handed to itself", async () => {
  const { user } = await asker(owner)<{ user: { id: string } }>("GET", "/session");
  for (const asked of [
    owner.ask("PATCH", `/users/${user.id}`, { disabled: true }),
    owner.ask("DELETE", `/users/${user.id}`),
    owner.ask("POST", `/users/${user.id}/link`),
    owner.ask("POST", `/users/${user.id}/hand-over`),
  ])
    expect(await refusal(asked)).toEqual([409, "not_yourself"]);
  for (const [method, path] of [
    ["PATCH", ""],
    ["DELETE", ""],
    ["POST", "/link"],
    ["POST", "/hand-over"],
  ] as const)
    expect(
      await refusal(
        owner.ask(method, `/users/nobody${path}`, method === "PATCH" ? { name: "x" } : undefined),
      ),
    ).toEqual([404, "not_found"]);
});

test("logins of others are the owner's to see and end, and nobody else's", async () => {
  const [one, two] = [await invited("One"), await invited("Two")];
  type Listed = { sessions: { id: string; user: { id: string } }[] };
  const { sessions } = await asker(owner)<Listed>("GET", "/sessions?everybody=true");
  const ofTwo = sessions.find(({ user }) => user.id === two.id);
  expect(ofTwo).toBeDefined();
  expect(await refusal(one.browser.ask("GET", "/sessions?everybody=true"))).toEqual([403, "not_allowed"]);
  const own = await asker(one.browser)<Listed>("GET", "/sessions");
  expect(own.sessions.map(({ user }) => user.id)).toEqual([one.id]);
  expect(await refusal(one.browser.ask("DELETE", `/sessions/${ofTwo?.id}`))).toEqual([404, "not_found"]);
  expect((await two.browser.ask("GET", "/rooms")).statusCode).toBe(200);
  expect((await owner.ask("DELETE", `/sessions/${ofTwo?.id}`)).statusCode).toBe(204);
  expect((await two.browser.ask("GET", "/rooms")).statusCode).toBe(401);
});

test("only who has a passkey can be made the owner", async () => {
  const { account } = await asker(owner)<AccountLink>("POST", "/users", { name: "Not yet" });
  expect(await refusal(owner.ask("POST", `/users/${account.id}/hand-over`))).toEqual([403, "not_allowed"]);
});

// Last: it changes who the owner is.
test("of two hand-overs at the same moment one counts; both keep their own rooms; open recovery links end", async () => {
  const [heir, rival] = [await invited("Heir"), await invited("Rival")];
  const { id: ownersRoom } = await asker(owner)<Room>("POST", "/rooms", { name: "Olga's own" });
  const { id: heirsRoom } = await asker(heir.browser)<Room>("POST", "/rooms", { name: "The heir's own" });
  const code = await server.product.setUp.makeCode("recovery");
  const answers = await Promise.all(
    [heir, rival].map(({ id }) => owner.ask("POST", `/users/${id}/hand-over`)),
  );
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 403]);
  const isHeir = answers[0]?.statusCode === 204;
  const [next, other] = isHeir ? [heir, rival] : [rival, heir];

  expect((await next.browser.ask("GET", "/session")).json().user.role).toBe("owner");
  expect(server.product.accounts.ownersName()).toBe(isHeir ? "Heir" : "Rival");
  for (const browser of [owner, other.browser])
    expect((await browser.ask("GET", "/session")).json().user.role).toBe("colourist");
  expect(await refusal(owner.ask("GET", "/users"))).toEqual([403, "not_allowed"]);
  expect((await next.browser.ask("GET", "/users")).statusCode).toBe(200);

  expect((await owner.ask("GET", `/rooms/${ownersRoom}`)).json().colourist).toMatchObject({ name: "Olga" });
  const heirs = await asker(next.browser)<Room>("GET", `/rooms/${heirsRoom}`);
  expect(heirs.colourist?.name ?? null).toBe(isHeir ? null : "Heir");
  expect(await refusal(owner.ask("GET", `/rooms/${heirsRoom}`))).toEqual([404, "not_found"]);
  const stored = (await server.store.rooms.all()).map(({ id, colouristId }) => [id, colouristId]);
  const held = server.product.directory.all().map(({ id, colouristId }) => [id, colouristId]);
  expect(held).toEqual(stored);
  expect(await refusal(openBrowser(server, "192.0.2.99").ask("POST", "/set-up", { code }))).toEqual([
    401,
    "set_up_code_wrong",
  ]);
});
