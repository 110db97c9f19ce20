import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mannWhitneyP } from "../tools/mann-whitney.js";
import { type Product, startProduct, type TestRoom } from "../tools/product.js";
import { type Asked, addressOf, ask, BEHIND_PROXY, IS_FULL } from "./ask.js";

// 21: what is there and what is not take equally long. A difference that is real shows in every run; one that the
// machine makes shows in one. So it counts only when three runs in a row show it.

const SAMPLES = IS_FULL ? 2_000 : 150;
const PASSWORD_SAMPLES = IS_FULL ? 300 : 25; // each costs a whole Argon2id; a room takes 30 wrong ones an hour
const RUNS = 3;
const P = 0.01;

let product: Product;
let addresses = 0;
const rooms: TestRoom[] = [];
beforeAll(async () => {
  product = await startProduct(BEHIND_PROXY);
  const count = Math.ceil((RUNS * PASSWORD_SAMPLES) / 30) + 1;
  for (let number = 0; number < count; number += 1) rooms.push(await product.createRoom(`Timed ${number}`));
});
afterAll(() => product?.remove());

async function timeOf(asked: Asked, status: number): Promise<number> {
  addresses += 1;
  const startedAt = performance.now();
  const answer = await ask(product, { ...asked, from: addressOf(addresses) });
  const tookMs = performance.now() - startedAt;
  expect(answer.status).toBe(status);
  return tookMs;
}

/** The same but for its last but one character: the last one of base64url may hold bits that say nothing. */
function almostLike(secret: string): string {
  return `${secret.slice(0, -2)}${secret.at(-2) === "A" ? "B" : "A"}${secret.slice(-1)}`;
}

/** One after the other in turn, so that whatever the machine does meets both. */
async function looksAlike(one: () => Promise<number>, other: () => Promise<number>, count: number) {
  const seen: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const samples: [number[], number[]] = [[], []];
    for (let number = 0; number < count; number += 1) {
      const isSwapped = number % 2 === 1;
      if (isSwapped) samples[1].push(await other());
      samples[0].push(await one());
      if (!isSwapped) samples[1].push(await other());
    }
    const p = mannWhitneyP(...samples);
    if (p > P) return;
    seen.push(p);
  }
  expect.fail(`told apart in ${RUNS} runs: p = ${seen.map((p) => p.toExponential(1)).join(", ")}`);
}

test("21: a known room with a wrong password and an unknown room take equally long, and say the same", async () => {
  let number = 0;
  const body = { name: "Eve", password: "not the password" };
  const known = () => {
    const room = rooms[Math.floor(number++ / 28) % rooms.length] as TestRoom;
    return timeOf({ method: "POST", path: `/rooms/${room.id}/join`, body }, 401);
  };
  const unknown = () => {
    const id = randomBytes(16).toString("base64url");
    return timeOf({ method: "POST", path: `/rooms/${id}/join`, body }, 401);
  };
  await looksAlike(known, unknown, PASSWORD_SAMPLES);
});

test("21: a session cookie with a right beginning takes as long as one that is all wrong", async () => {
  const owner = await product.owner();
  const [, name = "", secret = ""] = /(\w*session)=([\w-]+)/.exec(owner.cookie()) ?? [];
  const almost = almostLike(secret);
  const wrong = () => randomBytes(32).toString("base64url");
  await looksAlike(
    () => timeOf({ path: "/rooms", cookie: `${name}=${almost}` }, 401),
    () => timeOf({ path: "/rooms", cookie: `${name}=${wrong()}` }, 401),
    SAMPLES,
  );
});

test("21: an API token with a right beginning takes as long as one that is all wrong", async () => {
  const owner = await product.owner();
  const wish = { name: "Timed", scopes: ["rooms:read"], expiresAt: null };
  const { secret } = await owner.ask<{ secret: string }>("POST", "/tokens", wish);
  const almost = almostLike(secret);
  const wrong = () => `cst-${randomBytes(32).toString("base64url")}`;
  await looksAlike(
    () => timeOf({ path: "/rooms", token: almost }, 401),
    () => timeOf({ path: "/rooms", token: wrong() }, 401),
    SAMPLES,
  );
});

test("21: an invitation's secret with a right beginning takes as long as one that is all wrong", async () => {
  const owner = await product.owner();
  const room = rooms[0] as TestRoom;
  const wish = { name: "Ines", role: "reviewer" };
  const { link } = await owner.ask<{ link: string }>("POST", `/rooms/${room.id}/invitations`, wish);
  const secret = new URL(link).hash.slice(1);
  const almost = almostLike(secret);
  const open = (value: string) =>
    timeOf({ method: "POST", path: "/invitations/open", body: { secret: value } }, 401);
  await looksAlike(
    () => open(almost),
    () => open(randomBytes(32).toString("base64url")),
    SAMPLES,
  );
});

test("21: somebody else's room takes as long as one that is not there", async () => {
  const guest = await product.join(rooms[1] as TestRoom, "Gus");
  const other = rooms[2] as TestRoom;
  await looksAlike(
    () => timeOf({ path: `/rooms/${other.id}/review`, cookie: guest.cookie() }, 404),
    () =>
      timeOf({ path: `/rooms/${randomBytes(16).toString("base64url")}/review`, cookie: guest.cookie() }, 404),
    SAMPLES,
  );
});
