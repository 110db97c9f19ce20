import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticator } from "../tools/authenticator.js";
import { type Product, startProduct, type TestRoom } from "../tools/product.js";
import { addressOf, ask, BEHIND_PROXY, IS_FULL, inTurns, tally } from "./ask.js";
import { tryRegister, trySignIn } from "./passkey.js";

// Passkeys, the first set-up and guessing, against the running product. What needs another time (a challenge of five
// minutes, a link of an hour) is in packages/server/src/http/session.test.ts and passkeys.test.ts.

const TRIES = IS_FULL ? 10_000 : 1_000;
const ADMIN_PASSWORD = "correct-horse-battery-staple";

let product: Product;
let fresh: Product;
let room: TestRoom;
const device = createAuthenticator();
beforeAll(async () => {
  [product, fresh] = await Promise.all([
    startProduct(BEHIND_PROXY),
    startProduct({ ...BEHIND_PROXY, ADMIN_PASSWORD }),
  ]);
  room = await product.createRoom("Guessed at");
  const owner = await product.owner();
  expect((await tryRegister(owner, device, product.url)).status).toBe(201);
});
afterAll(async () => {
  await Promise.all([product?.remove(), fresh?.remove()]);
});

test("18: a sign-in with a right passkey works, so that the refusals below are for their own reasons", async () => {
  const client = product.visitor();
  expect((await trySignIn(client, device, product.url)).status).toBe(201);
  expect((await client.send("GET", "/rooms")).status).toBe(200);
});

const FAULTS = [
  ["another site's origin", { origin: "https://evil.example" }],
  ["our host on another port", { origin: "http://localhost:1" }],
  ["another relying party", { rpId: "evil.example" }],
  ["no verification of the person (UV off)", { isVerified: false }],
  ["nobody there (UP off)", { isPresent: false }],
  ["a signature that does not fit", { isForged: true }],
  ["another ceremony's type", { type: "webauthn.create" }],
  ["an invented challenge", { challenge: "A".repeat(43) }],
  ["another person's user handle", { userHandle: Buffer.alloc(32, 7).toString("base64url") }],
  ["a counter that goes back", { counter: 1 }],
] as const;

test("18: every fault of a sign-in is refused, all with the same words, and none signs in", async () => {
  const bodies = new Set<string>();
  for (const [what, { ...faults }] of FAULTS) {
    const client = product.visitor();
    const { origin = product.url, ...rest } = faults as { origin?: string };
    const options = await client.ask<Record<string, unknown>>("POST", "/sign-in/options");
    const credential = device.get(options, { origin, ...rest });
    const { status, body } = await client.send<{ error: string; message: string }>("POST", "/sign-in", {
      credential,
    });
    expect([what, status]).toEqual([what, 401]);
    bodies.add(`${body.error} ${body.message}`);
    expect((await client.send("GET", "/rooms")).status).toBe(401);
  }
  expect([...bodies]).toHaveLength(1);
});

test("18: a challenge is gone after its first try, right or wrong, and after nobody's else", async () => {
  const client = product.visitor();
  const options = await client.ask<Record<string, unknown>>("POST", "/sign-in/options");
  const wrong = device.get(options, { origin: product.url, isForged: true });
  expect((await client.send("POST", "/sign-in", { credential: wrong })).status).toBe(401);
  const right = device.get(options, { origin: product.url });
  expect((await client.send("POST", "/sign-in", { credential: right })).status).toBe(401);

  const again = await client.ask<Record<string, unknown>>("POST", "/sign-in/options");
  const credential = device.get(again, { origin: product.url });
  expect((await client.send("POST", "/sign-in", { credential })).status).toBe(201);
  const replay = product.visitor();
  await replay.send("POST", "/sign-in/options");
  expect((await replay.send("POST", "/sign-in", { credential })).status).toBe(401);
});

test("18: a challenge works in the browser that asked for it and in no other", async () => {
  const [mine, theirs] = [product.visitor(), product.visitor()];
  const options = await mine.ask<Record<string, unknown>>("POST", "/sign-in/options");
  await theirs.ask("POST", "/sign-in/options");
  const credential = device.get(options, { origin: product.url });
  expect((await theirs.send("POST", "/sign-in", { credential })).status).toBe(401);
  expect((await product.visitor().send("POST", "/sign-in", { credential })).status).toBe(401);
});

test("18: a sign-in's challenge registers nothing, and a registration's signs nobody in", async () => {
  const owner = product.visitor();
  expect((await trySignIn(owner, device, product.url)).status).toBe(201);
  const forSignIn = await owner.ask<Record<string, unknown>>("POST", "/sign-in/options");
  const forNew = await owner.ask<Record<string, unknown>>("POST", "/passkeys/options");
  const attacker = createAuthenticator();
  const made = attacker.create(forNew, {
    origin: product.url,
    challenge: String(forSignIn["challenge"]),
  });
  expect((await owner.send("POST", "/passkeys", { credential: made })).status).toBe(401);
  const fresher = await owner.ask<Record<string, unknown>>("POST", "/passkeys/options");
  const shown = device.get(forSignIn, { origin: product.url, challenge: String(fresher["challenge"]) });
  expect((await owner.send("POST", "/sign-in", { credential: shown })).status).toBe(401);
  const forStepUp = await owner.ask<Record<string, unknown>>("POST", "/step-up/options");
  const proved = device.get(forStepUp, { origin: product.url });
  expect((await owner.send("POST", "/sign-in", { credential: proved })).status).toBe(401);
});

test(`20: ${TRIES} wrong room passwords from one address: 5 are looked at`, async () => {
  const answers = await inTurns(TRIES, 8, () => guessPassword(addressOf(1)));
  const counts = tally(answers);
  expect(counts[401] ?? 0).toBeGreaterThan(0);
  expect(counts[401] ?? 0).toBeLessThanOrEqual(5);
  expect((counts[429] ?? 0) + (counts[403] ?? 0)).toBe(TRIES - (counts[401] ?? 0));
  expect(Number(answers.find(({ status }) => status === 429)?.headers.get("retry-after"))).toBeGreaterThan(0);
});

test(`20: ${TRIES} wrong room passwords from 200 addresses: 30 are looked at in an hour`, async () => {
  const counts = tally(await inTurns(TRIES, 8, (number) => guessPassword(addressOf(100 + (number % 200)))));
  expect(counts[401] ?? 0).toBeLessThanOrEqual(30);
  expect((counts[401] ?? 0) + (counts[429] ?? 0) + (counts[403] ?? 0)).toBe(TRIES);
});

function guessPassword(from: string) {
  const body = { name: "Eve", password: `guess ${Math.random()}` };
  return ask(product, { method: "POST", path: `/rooms/${room.id}/join`, body, from });
}

test(`20: ${TRIES} wrong invitations and set-up codes from one address end in 429`, async () => {
  for (const [path, body] of [
    ["/invitations/open", { secret: "x".repeat(43) }],
    ["/invitations/accept", { secret: "x".repeat(43), name: "Eve" }],
    ["/set-up", { code: "x".repeat(32) }],
    ["/set-up/check", { code: "x".repeat(32) }],
  ] as const) {
    const answers = await inTurns(TRIES / 4, 8, () =>
      ask(product, { method: "POST", path, body, from: addressOf(path.length) }),
    );
    const counts = tally(answers);
    expect([path, (counts[401] ?? 0) <= 20, counts[200] ?? 0, counts[201] ?? 0]).toEqual([path, true, 0, 0]);
    expect((counts[401] ?? 0) + (counts[429] ?? 0) + (counts[403] ?? 0)).toBe(TRIES / 4);
  }
});

test("20: forged passkeys from 200 addresses do not lock the owner's live passkey out", async () => {
  const wrong = { credential: createAuthenticatorAnswer() };
  const answers = await inTurns(TRIES, 8, (number) =>
    ask(product, { method: "POST", path: "/sign-in", body: wrong, from: addressOf(300 + (number % 200)) }),
  );
  const counts = tally(answers);
  expect(counts[201] ?? 0).toBe(0);
  expect((counts[401] ?? 0) + (counts[429] ?? 0) + (counts[403] ?? 0)).toBe(TRIES);
  const client = product.visitor();
  expect((await trySignIn(client, device, product.url)).status).toBe(201);
});

function createAuthenticatorAnswer(): Record<string, unknown> {
  const stranger = createAuthenticator();
  const rpId = "localhost";
  stranger.create({ rp: { id: rpId }, user: { id: "AAAA" }, challenge: "AAAA" }, { origin: product.url });
  return stranger.get({ rpId, challenge: "AAAA" }, { origin: product.url });
}

test(`20: ${TRIES} wrong ADMIN_PASSWORDs from 200 addresses: a handful is looked at`, async () => {
  const answers = await inTurns(TRIES, 8, (number) =>
    ask(fresh, {
      method: "POST",
      path: "/sign-in/password",
      body: { password: `wrong ${number}` },
      from: addressOf(number % 200),
    }),
  );
  const counts = tally(answers);
  expect(counts[201] ?? 0).toBe(0);
  expect(counts[401] ?? 0).toBeGreaterThan(0);
  expect(counts[401] ?? 0).toBeLessThanOrEqual(5); // 3, then 1 in 5 minutes, over all addresses together
  expect((counts[401] ?? 0) + (counts[429] ?? 0) + (counts[403] ?? 0)).toBe(TRIES);
});

test("19: of 50 set-ups at once with the one link exactly one makes the owner, and without the link none does", async () => {
  const code = new URL(fresh.setUpLink).hash.slice(1);
  const racers = Array.from({ length: 50 }, (_unused, number) => ({
    client: fresh.visitor(),
    body: { code: number % 10 === 0 ? "not-the-code" : code, name: `Racer ${number}` },
  }));
  const answers = await Promise.all(
    racers.map(({ client, body }) => client.send<{ user: { name: string } | null }>("POST", "/set-up", body)),
  );
  const won = answers.filter(({ status }) => status === 201);
  expect(won).toHaveLength(1);
  expect(tally(answers)[500] ?? 0).toBe(0);
  const winner = racers[answers.findIndex(({ status }) => status === 201)];
  if (winner === undefined) throw new Error("nobody won");

  // It can add a passkey and nothing else; with it, link and password are shut for good.
  expect((await winner.client.send("GET", "/rooms")).status).toBe(403);
  expect((await tryRegister(winner.client, createAuthenticator(), fresh.url)).status).toBe(201);
  expect((await winner.client.send("GET", "/rooms")).status).toBe(200);
  const { users } = await winner.client.ask<{ users: { role: string }[] }>("GET", "/users");
  expect(users.map(({ role }) => role)).toEqual(["owner"]);
  const late = { path: "/set-up", method: "POST", body: { code, name: "Late" }, from: addressOf(900) };
  expect((await ask(fresh, late)).status).toBe(401);
  const password = { path: "/sign-in/password", method: "POST", from: addressOf(901) };
  expect((await ask(fresh, { ...password, body: { password: ADMIN_PASSWORD } })).status).not.toBe(201);
});
