import { randomBytes, randomInt } from "node:crypto";
import type { HistoryEntry, Room, ServerMessage } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { createAuthenticator } from "../../../../tests/tools/authenticator.js";
import { enrol } from "../../../../tests/tools/ceremony.js";
import { makeId } from "../domain/room.js";
import { makePlace, type Place, type ServerProcess, startServer } from "../testing/process.js";

// Test 44 of reliability, for messages: each is on disk before it is acknowledged. KILL_ROUNDS asks for more in a longer run.
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 2);
const ROUND_DEADLINE_MS = 40_000; // 2 s by itself, most of it the start; 20 s measured at a load of 25 on two cores
const OPEN_WITHIN_MS = 10_000;
const WRITERS = 6; // five messages in five seconds each: the pace of people
const KILL_AFTER = 2 * WRITERS; // messages of a round: some more are on their way then
const FLAGS = ["--liftoff-only"]; // as in main.kill.test.ts: half the start

let place: Place;
let server: ServerProcess;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(async () => {
  if (server?.child.exitCode === null && server.child.signalCode === null) await server.end("SIGKILL");
  await place.clear();
});

/** Somebody in the room, with what their page would remember: what it wrote, and what it was told of. */
type Writer = {
  readonly cookie: string;
  readonly sent: Map<string, string>;
  readonly acknowledged: Map<string, HistoryEntry>;
  unanswered: string | null;
};

test(
  `${ROUNDS} times kill -9 while people write: what was acknowledged is there once, in the order of its numbers`,
  async () => {
    server = await startServer(place, {}, FLAGS);
    const { room, writers } = await furnish();
    for (let round = 0; round < ROUNDS; round++) {
      const running = server;
      const writing = writers.map((writer) => write(running, room.id, writer));
      await acknowledgements(writers, countOf(writers) + randomInt(1, KILL_AFTER));
      await running.end("SIGKILL");
      await Promise.all(writing);
      server = await startServer(place, {}, FLAGS);
      await check(server, room.id, writers);
    }
    const total = countOf(writers);
    console.log(`${total} messages were acknowledged in ${ROUNDS} rounds; 0 lost, 0 twice`);
    expect(total).toBeGreaterThanOrEqual(ROUNDS);
    expect(await server.end("SIGTERM")).toBe(0);
  },
  (2 + ROUNDS) * ROUND_DEADLINE_MS,
);

function countOf(writers: readonly Writer[]): number {
  return writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
}

/** Waits until so many of all their messages are acknowledged. */
async function acknowledgements(writers: readonly Writer[], count: number): Promise<void> {
  const end = performance.now() + OPEN_WITHIN_MS;
  while (countOf(writers) < count) {
    if (performance.now() > end) throw new Error(`${countOf(writers)} of ${count} messages were taken`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Writes until the server goes; begins with what was not answered when it went before. */
async function write({ url }: ServerProcess, roomId: string, writer: Writer): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/realtime`, {
    headers: { cookie: writer.cookie, origin: url.replace("127.0.0.1", "localhost") },
  });
  const say = (what: object): void => socket.send(JSON.stringify(what));
  const next = (): void => {
    const clientId = writer.unanswered ?? makeId(randomBytes);
    const text = writer.sent.get(clientId) ?? `message ${writer.sent.size + 1}`;
    writer.unanswered = clientId;
    writer.sent.set(clientId, text);
    say({ type: "chat.send", clientId, text, mentions: [], audience: "all" });
  };
  socket.on("error", () => undefined); // it went while the socket opened: the round goes on
  socket.on("open", () => {
    say({ type: "watch.room", roomId });
    say({ type: "history.watch", since: null });
    next();
  });
  socket.on("message", (data) => {
    const said = JSON.parse(String(data)) as ServerMessage;
    if (said.type === "history.entry" && said.entry.message.clientId === writer.unanswered) {
      writer.acknowledged.set(writer.unanswered, said.entry);
      writer.unanswered = null;
      next();
    }
    if (said.type === "chat.refused" && said.retryAfterMs !== null)
      setTimeout(() => socket.readyState === socket.OPEN && next(), said.retryAfterMs);
  });
  await new Promise((resolve) => socket.once("close", resolve));
}

/** What the server has is what was acknowledged, and of each writer at most the one more that was on its way. */
async function check({ url }: ServerProcess, roomId: string, writers: readonly Writer[]): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/realtime`, {
    headers: { cookie: writers[0]?.cookie ?? "", origin: url.replace("127.0.0.1", "localhost") },
  });
  const begun = await new Promise<Extract<ServerMessage, { type: "history.begin" }>>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the history did not begin")), OPEN_WITHIN_MS);
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send(JSON.stringify({ type: "watch.room", roomId }));
      socket.send(JSON.stringify({ type: "history.watch", since: 0 }));
    });
    socket.on("message", (data) => {
      const said = JSON.parse(String(data)) as ServerMessage;
      if (said.type !== "history.begin") return;
      clearTimeout(late);
      resolve(said);
    });
  });
  socket.close();
  const { entries, seq } = begun;
  // Nothing was edited: every number from 1 on is a message, and the times are in the same order.
  expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: seq }, (_, n) => n + 1));
  const times = entries.map(({ message }) => message.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const kept = new Map(entries.map((entry) => [entry.message.clientId, entry]));
  expect(kept.size).toBe(entries.length);
  for (const { acknowledged, sent, unanswered } of writers) {
    for (const [clientId, entry] of acknowledged) expect(kept.get(clientId)).toEqual(entry);
    for (const [clientId, text] of sent) {
      if (clientId !== unanswered) expect(acknowledged.has(clientId)).toBe(true);
      expect([text, undefined]).toContain(kept.get(clientId)?.message.text);
    }
  }
}

/** A room with three people in it. */
async function furnish(): Promise<{ room: Room; writers: Writer[] }> {
  const { url, lines } = server;
  const origin = url.replace("127.0.0.1", "localhost");
  const cookies = new Map<string, string>();
  const asking = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        origin,
        cookie: cookieOf(cookies),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    for (const set of answer.headers.getSetCookie()) keep(cookies, set);
    return (await answer.json()) as T;
  };
  const link = lines.find((line) => line.includes("/set-up#"))?.match(/http\S+/)?.[0] ?? "";
  await enrol(asking, link, createAuthenticator(), { origin });
  const room = await asking<Room>("POST", "/rooms", { name: "Written to" });
  const writers: Writer[] = [];
  for (let n = 0; n < WRITERS; n++) {
    cookies.clear();
    const right = { name: `Writer ${n}`, password: room.reviewerPassword };
    await asking("POST", `/rooms/${room.id}/join`, right);
    writers.push({ cookie: cookieOf(cookies), sent: new Map(), acknowledged: new Map(), unanswered: null });
  }
  return { room, writers };
}

function keep(cookies: Map<string, string>, set: string): void {
  const [pair = ""] = set.split(";");
  const at = pair.indexOf("=");
  cookies.set(pair.slice(0, at), pair.slice(at + 1));
}

function cookieOf(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}
