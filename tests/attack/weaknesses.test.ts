import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Invitation, Room, Seat } from "@colourstream/contract";
import { routes } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticator } from "../tools/authenticator.js";
import { type ApiClient, makeTicket, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { addressOf, ask, BEHIND_PROXY, inTurns, tally } from "./ask.js";

// Weaknesses that earlier systems of this kind had, each by its number in reliability.md. Three belong to parts that
// are not built yet (2: an identity provider, 6: the other engine's webhook, 9: the reverse proxy): docs/security.md.

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
    "beginSignIn",
    "checkCode",
    "joinRoom",
    "openInvitation",
    "readHealth",
    "readSession",
    "setUp",
    "signIn",
    "signInByPassword",
  ]);
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

test("weakness 7: the pages keep nothing secret in the browser's storage, and load nothing from another host", async () => {
  const folder = join(PROJECT_ROOT, "packages/web/src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\./.test(name))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
  expect(sources.length).toBeGreaterThan(50);
  const stores = sources.filter(([, text]) => /(?:local|session)Storage\s*\.\s*setItem/.test(text));
  for (const [name, text] of stores) {
    const calls = [...text.matchAll(/Storage\s*\.\s*setItem\(([^)]*)\)/g)].map(([, call = ""]) => call);
    const isSecret = calls.some((call) => /token|secret|ticket|password|credential/i.test(call));
    expect([name, isSecret]).toEqual([name, false]);
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
