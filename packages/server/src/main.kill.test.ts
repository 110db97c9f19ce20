import { randomInt } from "node:crypto";
import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makePlace, type Place, type ServerProcess, startServer } from "./testing/process.js";

const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 30);
const WRITERS = 3;

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.clear());

test(`${ROUNDS} times kill -9 while rooms are being written: every acknowledged one is there, once, and whole`, async () => {
  let server = await startServer(place);
  const link = server.lines.find((line) => line.includes("/set-up#"))?.trim().split("#")[1] ?? "";
  const cookie = await signIn(server, link);
  const acknowledged = new Set<string>();
  let lost: string[] = [];

  for (let round = 0; round < ROUNDS; round++) {
    const running = server;
    let isOver = false;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const name = `round ${round} writer ${writer} room ${n}`;
        const made = await ask(running, cookie, "POST", "/rooms", { name });
        if (made?.status !== 201) return;
        acknowledged.add(((await made.json()) as Room).id);
      }
    };
    const writers = Array.from({ length: WRITERS }, (_, n) => write(n));
    await new Promise((resolve) => setTimeout(resolve, randomInt(50, 700)));
    const ended = running.end("SIGKILL");
    isOver = true;
    await Promise.all([ended, ...writers]);

    server = await startServer(place);
    const listed = await ask(server, cookie, "GET", "/rooms");
    const { rooms } = (await listed?.json()) as { rooms: Room[] };
    const ids = rooms.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(rooms.map(({ name }) => name)).size).toBe(ids.length);
    // Reading one opens its sealed password: a half-written room would fail here.
    expect(rooms.every(({ reviewerPassword }) => reviewerPassword.length >= 8)).toBe(true);
    lost = [...acknowledged].filter((id) => !ids.includes(id));
    expect(lost).toEqual([]);
  }

  expect(acknowledged.size).toBeGreaterThan(ROUNDS / 2);
  expect(await server.end("SIGTERM")).toBe(0);
}, 240_000);

async function signIn(server: ServerProcess, code: string): Promise<string> {
  const answer = await ask(server, "", "POST", "/set-up", { code });
  expect(answer?.status).toBe(201);
  return answer?.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Null when the server went away before it answered. */
async function ask(
  server: ServerProcess,
  cookie: string,
  method: string,
  path: string,
  body?: object,
): Promise<Response | null> {
  try {
    return await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { origin: server.url, cookie, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    return null; // killed: what was not acknowledged is not counted
  }
}
