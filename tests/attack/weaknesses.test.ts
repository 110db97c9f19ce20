import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, relative } from "node:path";
import type { Invitation, Room, Seat } from "@colourstream/contract";
import { routes } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticator } from "../tools/authenticator.js";
import { type ApiClient, makeTicket, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { addressOf, ask, BEHIND_PROXY, inTurns, tally } from "./ask.js";

// Nine weaknesses that earlier systems of this kind had, each by its number. One of them has its place in a part that is
// not built (2: an identity provider): that test holds what stands in that place. Number 6 is held for the embedded engine
// here, and for OvenMediaEngine's webhook in packages/server/src/http/ome-admission.test.ts and ome-config.test.ts.

let product: Product;
let owner: ApiClient;
let room: TestRoom;
beforeAll(async () => {
  product = await startProduct(BEHIND_PROXY);
  owner = await product.owner();
  room = await product.createRoom("Weak?");
});
afterAll(() => product?.remove());

test("weakness 1: a login's challenge registers no passkey: it is one row, of one purpose, in one browser", async () => {
  const client = product.visitor();
  const options = await client.ask<Record<string, unknown>>("POST", "/sign-in/options");
  const forNew = await owner.ask<Record<string, unknown>>("POST", "/passkeys/options");
  const credential = createAuthenticator().create(forNew, {
    origin: product.url,
    challenge: String(options["challenge"]),
  });
  expect((await owner.send("POST", "/passkeys", { credential })).status).toBe(401);
  // Two who ask at once have two challenges: none is everybody's.
  const other = await product.visitor().ask<Record<string, unknown>>("POST", "/sign-in/options");
  expect(other["challenge"]).not.toBe(options["challenge"]);
});

test("weakness 2: whom to believe is the owner's to read and to write, and a stranger's passkey makes no account", async () => {
  const colourist = await product.colourist("Cara");
  const accounts = async () =>
    (await owner.ask<{ users: { id: string }[] }>("GET", "/users")).users.map(({ id }) => id);
  const before = await accounts();
  for (const who of [product.visitor(), await product.join(room, "Vito"), colourist]) {
    const may = who === colourist ? 403 : 401;
    for (const [method, path] of [
      ["GET", "/settings"],
      ["PATCH", "/settings"],
      ["GET", "/users"],
      ["POST", "/users"],
    ] as const) {
      const body = method === "GET" ? undefined : {};
      expect([method, path, (await who.send(method, path, body)).status]).toEqual([method, path, may]);
    }
  }
  // A subject that nobody has invited: a real credential, well signed, with a user handle of its own.
  const stranger = createAuthenticator();
  const client = product.visitor();
  const asked = await client.ask<Record<string, unknown>>("POST", "/sign-in/options");
  const wish = {
    rp: { id: "localhost" },
    user: { id: "c3RyYW5nZXI" },
    challenge: String(asked["challenge"]),
  };
  stranger.create(wish, { origin: product.url });
  const credential = stranger.get(asked, { origin: product.url });
  expect((await client.send("POST", "/sign-in", { credential })).status).toBe(401);
  expect(await accounts()).toEqual(before);
});

test("weakness 3: nobody lists rooms, keys or passwords without a login, and no route of a room is open", async () => {
  for (const route of Object.values(routes)) {
    if (!route.path.includes(":roomId") || route.access === "public") continue;
    const path = route.path.replace(":roomId", room.id).replace(/:\w+/g, "A".repeat(22));
    const { status, text } = await ask(product, {
      method: route.method,
      path,
      from: addressOf(path.length),
      ...("body" in route && { body: {} }),
    });
    expect([path, status]).toEqual([path, 401]);
    for (const secret of [room.name, room.reviewerPassword, room.ingest.key])
      expect(text).not.toContain(secret);
  }
  const open = Object.entries(routes).flatMap(([name, { access }]) => (access === "public" ? [name] : []));
  expect(open.sort()).toEqual([
    "acceptInvitation",
    "beginCheck",
    "beginSignIn",
    "checkCode",
    "joinRoom",
    "openInvitation",
    "pressTalk",
    "readHealth",
    "readSession",
    "setUp",
    "signIn",
    "signInByPassword",
  ]);
  // Beside the API's: they tell no more than whether it works, and through a proxy there are no metrics at all.
  for (const [path, status] of [
    ["/healthz", 200],
    ["/readyz", 200],
    ["/metrics", 404],
  ] as const) {
    const answer = await fetch(product.url + path, { headers: { "x-forwarded-for": addressOf(300) } });
    expect([path, answer.status]).toEqual([path, status]);
    const text = await answer.text();
    for (const secret of [room.name, room.id, product.dataDir]) expect(text).not.toContain(secret);
  }
});

test("weakness 4: a password that is left out, empty, null or of another type opens no room; the role is not in the query", async () => {
  const bodies = [
    { name: "Eve" },
    { name: "Eve", password: "" },
    { name: "Eve", password: null },
    { name: "Eve", password: true },
    { name: "Eve", password: [room.reviewerPassword] },
    { name: "Eve", password: { toString: room.reviewerPassword } },
    { name: "Eve", password: `${room.reviewerPassword}\u0000` },
  ];
  for (const [number, body] of bodies.entries()) {
    const path = `/rooms/${room.id}/join`;
    const { status } = await ask(product, { method: "POST", path, body, from: addressOf(100 + number) });
    expect([body, [400, 401].includes(status)]).toEqual([body, true]);
  }
  const client = product.visitor();
  const wish = { name: "Eve", password: room.reviewerPassword };
  await client.ask("POST", `/rooms/${room.id}/join?role=presenter&presenter=1`, wish);
  const seat = await client.ask<Seat>("GET", `/rooms/${room.id}/seat?role=presenter`);
  expect(seat.participant.role).toBe("reviewer");
  expect((await client.send("GET", `/rooms/${room.id}/participants?role=presenter`)).status).toBe(403);
});

test("weakness 5: the publish key is no playback name and reaches no viewer", async () => {
  const client = await product.join(room, "Vera");
  const { link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, {
    name: "Pia",
    role: "presenter",
  });
  const presenter = product.visitor();
  const secret = new URL(link).hash.slice(1);
  const accepted = await presenter.send("POST", "/invitations/accept", { secret, name: "Pia" });
  const answers: unknown[] = [accepted.body];
  for (const who of [client, presenter]) {
    for (const path of ["seat", "review", "participants"])
      answers.push((await who.send("GET", `/rooms/${room.id}/${path}`)).body);
    answers.push(await makeTicket(who, room));
    expect((await who.send("POST", `/rooms/${room.id}/ingest/reveal`)).status).toBe(401);
  }
  const studio = await owner.ask<Room>("GET", `/rooms/${room.id}`);
  answers.push(studio); // not even the studio's own view: it is asked for by itself, and that is noted
  const text = JSON.stringify(answers);
  expect(text).not.toContain(room.ingest.key);
  expect(text.length).toBeGreaterThan(500);
  const { events } = await owner.ask<{ events: { action: string }[] }>("GET", "/audit?action=key.revealed");
  expect(events.length).toBeGreaterThan(0);
});

test("weakness 6: what admits publishers and viewers believes nobody without a signed token, in this environment too", async () => {
  const lines = [
    { id: 1, ask: "hello", with: { protocol: 2, settingsHash: "0".repeat(32) } },
    { id: 1, ask: "streams", with: {} },
    { id: 1, ask: "authenticate", with: { token: "" } },
    { id: 1, ask: "authenticate", with: { token: unsignedToken() } },
    { id: 1, ask: "disconnect", with: { stream: "any", who: "all", reason: "disconnected" } },
  ];
  for (const line of lines) {
    const heard = await heardAtControl(join(product.dataDir, "run/engine-control.sock"), line);
    expect(heard.text).not.toContain('"streams"');
    expect(heard).toMatchObject({ isClosed: true });
  }
  expect((await owner.ask<{ engine: string }>("GET", "/health")).engine).toBe("ok");
});

/** A talk link's secret: it opens one's own microphone alone, and a phone that loads the page anew must still have it. */
const KEPT_IN_A_TAB = ["pages/talk/talk-secret.ts"];

test("weakness 7: the pages keep nothing secret in the browser's storage but a talk link in its tab, and load nothing from another host", async () => {
  const folder = join(PROJECT_ROOT, "packages/web/src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\./.test(name))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
  expect(sources.length).toBeGreaterThan(50);
  const stores = sources.filter(([, text]) => /(?:local|session)Storage\s*\.\s*setItem/.test(text));
  for (const [name, text] of stores) {
    const calls = [...text.matchAll(/Storage\s*\.\s*setItem\(([^)]*)\)/g)].map(([, call = ""]) => call);
    const isSecret = calls.some((call) => /token|secret|ticket|password|credential/i.test(call));
    expect([name, isSecret]).toEqual([name, KEPT_IN_A_TAB.includes(name)]);
    if (isSecret) expect([name, text.includes("localStorage")]).toEqual([name, false]);
  }
  const built = join(PROJECT_ROOT, "packages/web/dist/app");
  const pages = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:html|css)$/.test(name),
  );
  expect(pages.length).toBeGreaterThan(0);
  for (const name of pages) {
    const text = readFileSync(join(built, name), "utf8");
    expect([name, /(?:src|href)="(?:https?:)?\/\/|url\(["']?(?:https?:)?\/\//.test(text)]).toEqual([
      name,
      false,
    ]);
  }
  const { iceServers } = await makeTicket(await product.join(room, "Ice"), room);
  expect(iceServers.filter(({ credential }) => credential !== undefined)).toEqual([]);
});

test("weakness 8: no route is without the budget of its address, and none answers an address that is blocked", async () => {
  const paths = [
    ["GET", "/health"],
    ["GET", "/session"],
    ["GET", "/rooms"],
    ["POST", "/sign-in/options"],
    ["GET", "/api/openapi.json"],
    ["GET", "/api/nothing"],
  ] as const;
  for (const [number, [method, path]] of paths.entries()) {
    const from = addressOf(500 + number);
    let refused = 0;
    // A bucket of 400 that fills by 50 a second: how many it takes depends on how fast this machine asks.
    for (let round = 0; round < 20 && refused === 0; round += 1) {
      const counts = tally(await inTurns(200, 16, () => ask(product, { method, path, from })));
      expect([path, counts[500] ?? 0]).toEqual([path, 0]);
      refused = counts[429] ?? 0;
    }
    expect([path, refused > 0]).toEqual([path, true]);
  }
  const blocked = addressOf(600);
  const wish = { address: blocked, reason: "weakness 8", expiresAt: null };
  const { id } = await owner.ask<{ id: string }>("POST", "/blocks", wish);
  for (const route of Object.values(routes)) {
    const path = route.path.replace(":roomId", room.id).replace(/:\w+/g, "A".repeat(22));
    const cookie = owner.cookie();
    const { status } = await ask(product, { method: route.method, path, cookie, from: blocked });
    expect([route.method, path, status]).toEqual([route.method, path, 403]);
  }
  for (const path of ["/", "/studio", "/favicon.svg", "/whep", "/assets/x.js", "/.well-known/jwks.json"]) {
    const response = await fetch(product.url + path, { headers: { "x-forwarded-for": blocked } });
    expect([path, response.status]).toEqual([path, 403]);
  }
  await owner.ask("DELETE", `/blocks/${id}`);
  expect((await ask(product, { path: "/health", from: blocked })).status).toBe(200);
});

test("weakness 9: nothing in this repository opens a proxy's dashboard or hands a container the docker socket", () => {
  const ours = [".", "deploy", "docs", "scripts", ".ci"].flatMap((folder) => filesOf(folder, folder !== "."));
  const deployed = ours.filter((name) =>
    /\.(?:ya?ml|toml|env|conf|sh)$|(?:^|\/)(?:Dockerfile|compose)/.test(name),
  );
  for (const name of deployed) {
    const text = readFileSync(join(PROJECT_ROOT, name), "utf8");
    expect([name, /--?api\.insecure(?:=true)?\b|^\s*insecure:\s*true/m.test(text)]).toEqual([name, false]);
    expect([name, text.includes("/var/run/docker.sock")]).toEqual([name, false]);
  }
  expect(ours).toContain("package.json");
});

/** The files in a folder of the project, by their paths from its root; none where there is no such folder. */
function filesOf(folder: string, recursive: boolean): string[] {
  const path = join(PROJECT_ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(PROJECT_ROOT, join(entry.parentPath, entry.name)));
}

/** A token whose header says that it needs no signature (RFC 7519 §6). */
function unsignedToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "colourstream", aud: "media-engine", jti: "one", iat: now, exp: now + 60 };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

/** What the engine's control socket answers to one line, until it hangs up; not at all is a failure. */
function heardAtControl(path: string, line: object): Promise<{ text: string; isClosed: boolean }> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.write(`${JSON.stringify(line)}\n`));
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ text, isClosed: false });
    }, 10_000);
    socket.setEncoding("utf8").on("data", (more) => {
      text += more;
    });
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve({ text, isClosed: true });
    });
  });
}
