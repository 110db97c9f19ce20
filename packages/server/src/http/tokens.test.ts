import {
  API_PREFIX,
  type ApiToken,
  type Route,
  type RouteName,
  routes,
  SCOPES,
  type Scope,
} from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRoom, openColourist } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

type Made = { token: ApiToken; secret: string };
const make = async (
  by: Browser,
  scopes: readonly Scope[],
  expiresAt: number | null = null,
): Promise<Made> => {
  const answer = await by.ask("POST", "/tokens", { name: "Robot", scopes, expiresAt });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json();
};
const MISSING = "AAAAAAAAAAAAAAAAAAAAAA";
const ask = (
  secret: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
) =>
  server.app.inject({
    method: method as "GET",
    url: API_PREFIX + path.replace(/:\w+/g, MISSING),
    remoteAddress: addressOf(secret), // each token's own: one address may ask only so much

    headers: {
      authorization: `Bearer ${secret}`,
      ...headers,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  });

const addresses = new Map<string, string>();
function addressOf(secret: string): string {
  const address = addresses.get(secret) ?? `192.0.2.${50 + addresses.size}`;
  addresses.set(secret, address);
  return address;
}

const ALL = Object.keys(SCOPES) as Scope[];

test.each(ALL)("%s opens the routes that name it, and none of the others", async (scope) => {
  const { secret } = await make(owner, [scope]);
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name];
    if (route.access === "public") continue;
    const { statusCode, body } = await ask(secret, route.method, route.path);
    const isRefused = statusCode === 403 && body.includes("not_allowed");
    expect([name, isRefused], body).toEqual([name, route.scope !== scope]);
    expect(statusCode, name).not.toBe(401);
  }
});

test("a token does what its scope says, without Origin and without a cookie", async () => {
  const { secret } = await make(owner, ["rooms:write"]);
  const created = await ask(secret, "POST", "/rooms", {}, { name: "By a robot" });
  expect(created.statusCode).toBe(201);
  expect((await ask(secret, "GET", "/rooms")).statusCode).toBe(403);
});

test("a token can do at most what its user can: a colourist's sees their rooms alone, and no audit log", async () => {
  const colourist = await openColourist(server);
  const theirs = await makeRoom(colourist);
  const others = await makeRoom(owner);
  const { secret } = await make(colourist, ALL);
  const list = (await ask(secret, "GET", "/rooms")).json() as { rooms: { id: string }[] };
  expect(list.rooms.map(({ id }) => id)).toEqual([theirs.id]);
  expect((await ask(secret, "GET", `/rooms/${others.id}`)).statusCode).toBe(404);
  expect((await ask(secret, "GET", `/rooms/${MISSING}`)).statusCode).toBe(404);
  expect((await ask(secret, "GET", "/audit")).json()).toMatchObject({ error: "not_allowed" });
});

test("the secret is shown once and kept as a hash; the list has its beginning and its use", async () => {
  const { token, secret } = await make(owner, ["rooms:read"]);
  expect(secret).toMatch(/^cst-[A-Za-z0-9_-]{43}$/);
  expect(secret.startsWith(token.begins)).toBe(true);
  expect(token).toMatchObject({
    name: "Robot",
    scopes: ["rooms:read"],
    lastUsedAt: null,
    lastUsedFrom: null,
  });
  await ask(secret, "GET", "/rooms");
  const listed = async () => {
    const answer = await owner.ask("GET", "/tokens");
    expect(answer.body).not.toContain(secret.slice(8));
    return (answer.json() as { tokens: ApiToken[] }).tokens.find(({ id }) => id === token.id);
  };
  await expect.poll(listed).toMatchObject({ lastUsedFrom: addressOf(secret) });
  const { lastUsedAt } = (await listed()) ?? {};
  await ask(secret, "GET", "/rooms");
  expect((await listed())?.lastUsedAt).toBe(lastUsedAt);
});

test("a revoked token opens nothing from the next request on; another's cannot be revoked", async () => {
  const { token, secret } = await make(owner, ["rooms:read"]);
  expect((await ask(secret, "GET", "/rooms")).statusCode).toBe(200);
  const colourist = await openColourist(server);
  expect((await colourist.ask("DELETE", `/tokens/${token.id}`)).statusCode).toBe(404);
  expect((await owner.ask("DELETE", `/tokens/${token.id}`)).statusCode).toBe(204);
  expect((await ask(secret, "GET", "/rooms")).json()).toMatchObject({ error: "sign_in_needed" });
});

test("an expired token, one of a disabled user, and what only looks like one are nobody", async () => {
  const soon = await make(owner, ["rooms:read"], Date.now() + 300);
  expect((await ask(soon.secret, "GET", "/rooms")).statusCode).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 320));
  expect((await ask(soon.secret, "GET", "/rooms")).statusCode).toBe(401);

  const colourist = await openColourist(server);
  const { user } = (await colourist.ask("GET", "/session")).json() as { user: { id: string } };
  const { secret } = await make(colourist, ["rooms:read"]);
  await server.product.accounts.setDisabled(user.id, true);
  expect((await ask(secret, "GET", "/rooms")).statusCode).toBe(401);

  for (const wrong of [`cst-${"A".repeat(43)}`, "cst-", `${secret}x`, `cst-${"A".repeat(5_000)}`])
    expect((await ask(wrong, "GET", "/rooms")).statusCode).toBe(401);
});

test("a good cookie beside a wrong token does not help, and neither does a token for a browser's own routes", async () => {
  const cookie = { cookie: owner.cookieHeader() };
  expect((await ask(`cst-${"A".repeat(43)}`, "GET", "/rooms", cookie)).statusCode).toBe(401);
  const { secret } = await make(owner, ALL);
  expect((await ask(secret, "GET", "/tokens", cookie)).statusCode).toBe(403);
  const wish = { name: "Child", scopes: ALL, expiresAt: null };
  expect((await ask(secret, "POST", "/tokens", cookie, wish)).statusCode).toBe(403);
});

test("an end in the past is refused, and of sixty made at once fifty are there", async () => {
  const past = await owner.ask("POST", "/tokens", {
    name: "x",
    scopes: ["rooms:read"],
    expiresAt: Date.now() - 1,
  });
  expect(past.json()).toMatchObject({
    error: "invalid_request",
    message: expect.stringContaining("expiresAt"),
  });
  const colourist = await openColourist(server);
  const wish = { name: "One of many", scopes: ["rooms:read"], expiresAt: null };
  const answers = await Promise.all(Array.from({ length: 60 }, () => colourist.ask("POST", "/tokens", wish)));
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(50);
  expect((await colourist.ask("GET", "/tokens")).json().tokens).toHaveLength(50);
});
