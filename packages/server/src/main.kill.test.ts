import { randomInt } from "node:crypto";
import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticator } from "../../../tests/tools/authenticator.js";
import { enrol } from "../../../tests/tools/ceremony.js";
import { makePlace, type Place, type ServerProcess, startServer } from "./testing/process.js";

// A round takes 2 s, most of it the start (reliability.md, test 44). KILL_ROUNDS asks for more in a longer run.
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 4);
const ROUND_DEADLINE_MS = 10_000; // 6 s measured with eight other programs on two cores
const WRITERS = 3;

// V8 compiles the database once, quickly, and not again while it is hot: of 2.5 s of a core for a start 1.1 s are that.
// What is written, and when, is the same.
const FLAGS = ["--liftoff-only"];

let place: Place;
let server: ServerProcess;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(async () => {
  if (server?.child.exitCode === null && server.child.signalCode === null) await server.end("SIGKILL");
  await place.clear();
});

/** What one writer knows of its room: the last number that was acknowledged, and the last that was sent. */
type Written = { roomId: string; acknowledged: number; sent: number };

test(
  `${ROUNDS} times kill -9 while rooms are being written: what was acknowledged is there, and whole`,
  async () => {
    server = await startServer(place, {}, FLAGS);
    const link = server.lines.find((line) => line.includes("/set-up#"))?.match(/http\S+/)?.[0] ?? "";
    const cookie = await signIn(server, link);
    const writers: Written[] = [];
    for (let n = 0; n < WRITERS; n++) {
      const made = await ask(server, cookie, "POST", "/rooms", { name: `Writer ${n}: 0` });
      if (made?.status !== 201) throw new Error(`a room was not made: ${made?.status ?? "no answer"}`);
      writers.push({ roomId: ((await made.json()) as Room).id, acknowledged: 0, sent: 0 });
    }
    let total = 0;

    for (let round = 0; round < ROUNDS; round++) {
      const running = server;
      let isOver = false;
      const write = async (writer: Written, n: number): Promise<void> => {
        while (!isOver) {
          writer.sent += 1;
          const name = `Writer ${n}: ${writer.sent}`;
          const renamed = await ask(running, cookie, "PATCH", `/rooms/${writer.roomId}`, { name });
          if (renamed?.status !== 200) return;
          writer.acknowledged = writer.sent;
          total += 1;
        }
      };
      const writing = writers.map(write);
      await new Promise((resolve) => setTimeout(resolve, randomInt(50, 700)));
      const ended = running.end("SIGKILL");
      isOver = true;
      await Promise.all([ended, ...writing]);

      server = await startServer(place, {}, FLAGS);
      for (const [n, writer] of writers.entries()) {
        // Reading a room opens its sealed password: a half-written one would fail here.
        const room = (await (await ask(server, cookie, "GET", `/rooms/${writer.roomId}`))?.json()) as Room;
        const found = Number(room.name.split(": ")[1]);
        expect(room.name).toMatch(new RegExp(`^Writer ${n}: \\d+$`));
        expect(
          found,
          `round ${round}: acknowledged ${writer.acknowledged}, found ${found}`,
        ).toBeGreaterThanOrEqual(writer.acknowledged);
        expect(found).toBeLessThanOrEqual(writer.sent);
        writer.acknowledged = found;
      }
    }

    console.log(`${total} writes were acknowledged in ${ROUNDS} rounds; 0 lost`);
    expect(total).toBeGreaterThan(ROUNDS);
    expect(await server.end("SIGTERM")).toBe(0);
  },
  (2 + ROUNDS) * ROUND_DEADLINE_MS, // the first start too
);

async function signIn(server: ServerProcess, link: string): Promise<string> {
  let cookie = "";
  const asking = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await ask(server, cookie, method, path, body as object | undefined);
    expect(answer?.ok, `${method} ${path}`).toBe(true);
    cookie = answer?.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return (await answer?.json()) as T;
  };
  await enrol(asking, link, createAuthenticator(), { origin: originOf(server) });
  return cookie;
}

/** Where passkeys work: at the name of the address that we ask. */
function originOf({ url }: ServerProcess): string {
  return url.replace("127.0.0.1", "localhost");
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
      headers: { origin: originOf(server), cookie, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    return null; // killed: what was not acknowledged is not counted
  }
}
