import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HistoryEntry, PlaybackTicket, Room, ServerMessage } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { createAuthenticator } from "../../../../tests/tools/authenticator.js";
import { enrol } from "../../../../tests/tools/ceremony.js";
import { freeTcpPort } from "../../../../tests/tools/ports.js";
import { makeId } from "../domain/room.js";
import { openOwnKeyFile } from "../secrets.js";
import { makeDatabase } from "../testing/database.js";
import { makePlace, type Place, type ServerProcess, startServer, until } from "../testing/process.js";
import { type RecordedOme, startRecordedOme } from "../testing/recorded-ome.js";

// Two real server processes on one PostgreSQL, behind one address: a page does not know at which it is. PROCESS_ROUNDS
// asks for more kills in a longer run.
const ROUNDS = Number(process.env["PROCESS_ROUNDS"] ?? 2);
const PEOPLE = 4;
const AGAIN_MS = 300; // a page's first attempt after its connection broke comes within half a second
const BACK_WITHIN_MS = 3_000;
const API_TOKEN = "a token of thirty-two characters";
const WEBHOOK_SECRET = "a secret of thirty-two characters";
const FLAGS = ["--liftoff-only"]; // as in main.kill.test.ts: half the start

type Running = {
  readonly place: Place;
  readonly port: number;
  readonly environment: Record<string, string>;
  server: ServerProcess;
};

let folder: string;
let database: { readonly url: string; drop(): Promise<void> };
let front: Front;
let ome: RecordedOme;
let running: Running[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cs-two-"));
  const keyFile = join(folder, "secret.key");
  await openOwnKeyFile(keyFile);
  database = await makeDatabase(process.env["DATABASE_URL"] ?? "");
  front = await openFront();
  ome = await startRecordedOme({
    secret: WEBHOOK_SECRET,
    token: API_TOKEN,
    folder,
    admission: () => {
      throw new Error("nobody publishes or plays here: it is asked by what follows");
    },
  });
  running = [];
  for (let n = 0; n < 2; n += 1) {
    const place = await makePlace();
    const port = await freeTcpPort();
    const environment = {
      DATABASE_URL: database.url,
      SECRET_KEY_FILE: keyFile,
      PUBLIC_URL: front.url,
      PORT: String(port),
      ENGINE: "ovenmediaengine",
      OME_API_URL: ome.apiUrl,
      OME_API_TOKEN: API_TOKEN,
      OME_WEBHOOK_SECRET: WEBHOOK_SECRET,
    };
    running.push({ place, port, environment, server: await startServer(place, environment, FLAGS) });
  }
  front.to(running.map(({ port }) => port));
}, 90_000);
afterAll(async () => {
  for (const { server, place } of running ?? []) {
    if (server.child.exitCode === null && server.child.signalCode === null) await server.end("SIGKILL");
    await place.clear();
  }
  await front?.close();
  await ome?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

test(
  `${ROUNDS} times one of two processes is killed while people write: they go on at the other within 3 s, nothing is lost`,
  async () => {
    const room = await makeRoom();
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => takeSeat(room, `Person ${n}`)));
    const pages = people.map((cookie) => openPage(room.id, cookie));
    for (const page of pages)
      await until(() => page.people().size === PEOPLE, 20_000, "everybody sees everybody");

    let written = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const writing = pages.map((page) => page.write(3));
      const victim = running[round % 2];
      if (victim === undefined) throw new Error("there are two");
      await until(
        () => pages.some((page) => page.acknowledged.size > written),
        10_000,
        "somebody's word is there",
      );
      const killedAt = performance.now();
      await victim.server.end("SIGKILL");
      await Promise.all(writing);
      written = Math.max(...pages.map((page) => page.acknowledged.size));
      for (const page of pages) {
        await until(() => page.isWatching(), 10_000, "every page is in the room again");
        expect(page.watchingSince() - killedAt).toBeLessThan(BACK_WITHIN_MS);
        await until(() => page.people().size === PEOPLE, 10_000, "and sees everybody");
      }
      victim.server = await startServer(victim.place, victim.environment, FLAGS);
    }

    const total = ROUNDS * 3 * PEOPLE;
    for (const page of pages) {
      await until(() => page.told.length >= total, 10_000, "everybody has every message");
      expect(page.told.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, n) => n + 1));
    }
    const told = new Set(pages[0]?.told.map(({ message }) => message.clientId));
    for (const page of pages) for (const clientId of page.acknowledged) expect(told.has(clientId)).toBe(true);
    for (const page of pages) page.close();
  },
  60_000 + ROUNDS * 40_000,
);

test("who is sent out at one process is out at the other within a second; a room that is deleted is gone at both", async () => {
  const room = await makeRoom();
  const cookies = [await takeSeat(room, "Ana"), await takeSeat(room, "Ben")];
  const pages = cookies.map((cookie) => openPage(room.id, cookie, false));
  for (const page of pages) await until(() => page.people().size === 2, 20_000, "both see both");
  const [ana, ben] = pages;
  if (ana === undefined || ben === undefined) throw new Error("there are two");
  // Connections go to the processes in turn: one of the two requests is at another process than the page.
  const { id } = [...ben.people().values()].find(({ name }) => name === "Ben") ?? { id: "" };
  const askedAt = performance.now();
  await ask("DELETE", `/rooms/${room.id}/participants/${id}`, undefined, ownerCookies);
  await until(() => ben.closedWhy() === "removed", 5_000, "they are told");
  expect(performance.now() - askedAt).toBeLessThan(1_500); // a second, and the time of two busy cores
  await until(() => ana.people().size === 1, 5_000, "the other sees it");
  await ask("DELETE", `/rooms/${room.id}`, undefined, ownerCookies);
  await until(() => ana.closedWhy() === "deleted", 5_000, "they are told");
  for (let n = 0; n < 2; n += 1)
    expect((await request("GET", `/rooms/${room.id}`, undefined, ownerCookies)).status).toBe(404);
});

test("a ticket that one process made opens the picture once, whichever process OvenMediaEngine asks", async () => {
  const room = await makeRoom();
  const cookie = await takeSeat(room, "Ana");
  const cookies = new Map([cookie.split("; ")].flat().map((pair) => pair.split("=") as [string, string]));
  for (let round = 0; round < 4; round += 1) {
    const { protocol, url } = await ask<PlaybackTicket>("POST", `/rooms/${room.id}/ticket`, {}, cookies);
    expect(protocol).toBe("ome");
    const [first, second] = round % 2 === 0 ? running : running.toReversed();
    if (first === undefined || second === undefined) throw new Error("there are two");
    const allowed = await admission(first.port, url);
    expect(allowed).toMatchObject({ allowed: true });
    expect(allowed.new_url).not.toContain(new URL(url).pathname);
    // The other one has heard that it is spent; that takes as long as a notice.
    await until(
      async () => (await admission(second.port, url)).allowed === false,
      5_000,
      "it is spent everywhere",
    );
  }
});

/** What OvenMediaEngine asks when somebody wants to watch. */
async function admission(port: number, url: string): Promise<{ allowed?: boolean; new_url?: string }> {
  questions += 1;
  const body = JSON.stringify({
    client: { address: "192.0.2.7", port: 1_024 + questions, real_ip: "192.0.2.7" },
    request: {
      direction: "outgoing",
      protocol: "WebRTC",
      status: "opening",
      url,
      time: new Date().toISOString(),
    },
  });
  const signature = createHmac("sha1", WEBHOOK_SECRET).update(body).digest("base64url");
  const answer = await fetch(`http://127.0.0.1:${port}/ome/admission`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-ome-signature": signature },
    body,
  });
  return (await answer.json()) as { allowed?: boolean; new_url?: string };
}
let questions = 0;

// ---- The address in front

type Front = { readonly url: string; to(ports: readonly number[]): void; close(): Promise<void> };

/** What a proxy does: each connection goes to the next process, or to the one after when that is not there. */
async function openFront(): Promise<Front> {
  let ports: readonly number[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();
  const pass = (from: Socket, left: number): void => {
    turn += 1;
    const port = ports[turn % ports.length];
    if (port === undefined || left === 0) {
      from.destroy();
      return;
    }
    const to = connect(port, "127.0.0.1");
    sockets.add(to);
    let isOpen = false;
    to.once("connect", () => {
      isOpen = true;
      from.pipe(to);
      to.pipe(from);
    });
    to.on("error", () => (isOpen ? from.destroy() : pass(from, left - 1)));
    to.on("close", () => {
      sockets.delete(to);
      if (isOpen) from.destroy();
    });
    from.on("close", () => to.destroy());
  };
  const server: Server = createServer((from) => {
    sockets.add(from);
    from.on("error", () => undefined); // a page that went: its other half is closed by "close"
    from.on("close", () => sockets.delete(from));
    pass(from, 2);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://localhost:${port}`,
    to: (now) => {
      ports = now;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// ---- People

const ownerCookies = new Map<string, string>();

async function request(
  method: string,
  path: string,
  body: unknown,
  cookies: Map<string, string>,
): Promise<Response> {
  const answer = await fetch(`${front.url}/api/v1${path}`, {
    method,
    headers: {
      origin: front.url,
      connection: "close", // each request may come to another process
      cookie: cookieOf(cookies),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  for (const set of answer.headers.getSetCookie()) {
    const [pair = ""] = set.split(";");
    cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
  }
  return answer;
}

async function ask<T>(method: string, path: string, body: unknown, cookies: Map<string, string>): Promise<T> {
  const answer = await request(method, path, body, cookies);
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function makeRoom(): Promise<Room> {
  if (ownerCookies.size === 0) {
    const said = running.flatMap(({ server }) => server.lines).find((line) => line.includes("/set-up#"));
    const link = said?.match(/http\S+/)?.[0] ?? "";
    const asking = <T>(method: string, path: string, body?: unknown) =>
      ask<T>(method, path, body, ownerCookies);
    await enrol(asking, link, createAuthenticator(), { origin: front.url });
  }
  return ask("POST", "/rooms", { name: `Room ${makeId(randomBytes)}` }, ownerCookies);
}

async function takeSeat(room: Room, name: string): Promise<string> {
  const cookies = new Map<string, string>();
  await ask("POST", `/rooms/${room.id}/join`, { name, password: room.reviewerPassword }, cookies);
  return cookieOf(cookies);
}

const cookieOf = (cookies: ReadonlyMap<string, string>): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");

/** A page as the web app is one: it comes back, asks from where it was, and sends again what was not acknowledged. */
function openPage(roomId: string, cookie: string, comesBack = true) {
  const told: HistoryEntry[] = [];
  const acknowledged = new Set<string>();
  let here = new Map<string, { id: string; name: string }>();
  let socket: WebSocket | null = null;
  let isWatching = false;
  let since = 0;
  let isOver = false;
  let why: string | null = null;
  let unanswered: string | null = null;

  const say = (what: object): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(what));
  };
  const send = (): void => {
    if (unanswered === null || !isWatching) return;
    say({
      type: "chat.send",
      clientId: unanswered,
      text: `word ${unanswered}`,
      mentions: [],
      audience: "all",
    });
  };
  const take = (entry: HistoryEntry): void => {
    told.push(entry);
    if (entry.message.clientId !== unanswered) return;
    acknowledged.add(unanswered);
    unanswered = null;
  };
  const hear = (said: ServerMessage): void => {
    if (said.type === "room.closed") why = said.reason;
    if (said.type === "room.presence") {
      if (said.isAll) here = new Map();
      for (const { id, name } of said.people) here.set(id, { id, name });
      for (const id of said.gone) here.delete(id);
    }
    if (said.type === "history.begin") {
      for (const entry of said.entries) take(entry);
      if (!isWatching) since = performance.now();
      isWatching = true;
      send();
    }
    if (said.type === "history.entry" && said.entry.seq > (told.at(-1)?.seq ?? 0)) take(said.entry);
    if (said.type === "chat.refused") setTimeout(send, said.retryAfterMs ?? AGAIN_MS);
  };
  const dial = (): void => {
    const url = `${front.url.replace("http", "ws")}/api/v1/realtime`;
    const opened = new WebSocket(url, { headers: { cookie, origin: front.url } });
    socket = opened;
    opened.on("open", () => {
      say({ type: "watch.room", roomId });
      say({ type: "history.watch", since: told.at(-1)?.seq ?? 0 });
    });
    opened.on("message", (data) => hear(JSON.parse(String(data)) as ServerMessage));
    opened.on("error", () => undefined); // "close" follows
    opened.on("close", () => {
      isWatching = false;
      if (comesBack && !isOver) setTimeout(dial, AGAIN_MS);
    });
  };
  dial();
  return {
    told,
    acknowledged,
    people: () => here,
    isWatching: () => isWatching,
    watchingSince: () => since,
    closedWhy: () => why,
    write: async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        unanswered = makeId(randomBytes);
        send();
        await until(() => unanswered === null, 20_000, "a word is acknowledged");
      }
    },
    close: (): void => {
      isOver = true;
      socket?.terminate();
    },
  };
}
