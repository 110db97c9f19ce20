import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { ClientMessage, ServerMessage } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { type Connection, guardConnection, SOCKET_OPTIONS } from "./connection.js";
import { tell, type Watcher } from "./watchers.js";

const WITHIN_MS = 8_000;
let server: WebSocketServer;
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...SOCKET_OPTIONS });
  await once(server, "listening");
});
afterAll(() => server.close());

type Open = {
  readonly page: WebSocket;
  readonly connection: Connection;
  readonly heard: ClientMessage[];
  readonly told: ServerMessage[];
  readonly closed: Promise<number>;
};
async function open(work: (said: ClientMessage) => Promise<void> | void = () => undefined): Promise<Open> {
  const heard: ClientMessage[] = [];
  const guarded = once(server, "connection").then(([socket]) =>
    guardConnection(
      socket as WebSocket,
      async (said) => {
        await work(said);
        heard.push(said);
      },
      (error) => {
        throw error;
      },
    ),
  );
  const page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const told: ServerMessage[] = [];
  page.on("message", (text) => told.push(JSON.parse(String(text)) as ServerMessage));
  page.on("error", () => undefined); // the reset of one that is cut; its closing tells the rest
  const closed = once(page, "close").then(([code]) => code as number);
  await once(page, "open");
  return { page, connection: await guarded, heard, told, closed };
}
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error("that did not come true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const say = ({ page }: Open, said: ClientMessage): void => page.send(JSON.stringify(said));
const clock = (clientAt: number): ClientMessage => ({ type: "clock", clientAt });

test("a call's messages do not hold up a word, and words do not hold up the call", async () => {
  const one = await open();
  for (let n = 0; n < 90; n++) say(one, { type: "call.ice" });
  say(one, clock(1));
  await until(() => one.heard.length === 91);
  expect(one.heard.at(-1)?.type).toBe("call.ice");
  one.page.terminate();

  const other = await open();
  for (let n = 0; n < 30; n++) say(other, clock(n));
  say(other, { type: "call.leave" });
  await until(() => other.heard.length === 31);
  expect(other.heard.at(-1)?.type).toBe("clock");
  other.page.terminate();
});

test("each kind is heard in its order, and all of it after the watch that was said before", async () => {
  const one = await open(async ({ type }) => {
    if (type === "watch.studio") await new Promise((resolve) => setTimeout(resolve, 50));
  });
  say(one, { type: "watch.studio" });
  for (let n = 0; n < 5; n++) {
    say(one, { type: "call.join", resume: `${n}` });
    say(one, clock(n));
  }
  say(one, { type: "watch.studio" });
  say(one, { type: "call.leave" });
  await until(() => one.heard.length === 13);
  const types = one.heard.map(({ type }) => type);
  expect([types[0], types[11], types[12]]).toEqual(["watch.studio", "watch.studio", "call.leave"]);
  expect(one.heard.flatMap((said) => (said.type === "clock" ? [said.clientAt] : []))).toEqual([
    0, 1, 2, 3, 4,
  ]);
  expect(one.heard.flatMap((said) => (said.type === "call.join" ? [said.resume] : []))).toEqual([..."01234"]);
  one.page.terminate();
});

test("a call's budget is closed with 1008 above 200 in a second, and not at 150", async () => {
  const one = await open();
  for (let n = 0; n < 150; n++) say(one, { type: "call.ice" });
  await until(() => one.heard.length >= 60);
  expect(one.page.readyState).toBe(WebSocket.OPEN);
  one.page.terminate();
  const other = await open();
  for (let n = 0; n < 300; n++) say(other, { type: "call.ice" });
  expect(await other.closed).toBe(1008);
});

test("large messages that wait are bounded by their size too", async () => {
  const one = await open();
  const sdp = "x".repeat(32_000);
  const offer = { kind: "description", gen: 0, type: "offer", sdp } as const;
  for (let n = 0; n < 60; n++) say(one, { type: "call.signal", to: "A".repeat(22), signal: offer });
  await until(() => one.heard.length === 60); // at once: none of them has to wait
  for (let n = 0; n < 60; n++) say(one, { type: "call.signal", to: "A".repeat(22), signal: offer });
  expect(await one.closed).toBe(1008);
});

test("a word that calls itself a call's to take its budget is refused", async () => {
  const one = await open();
  one.page.send('{"type":"call.ice","type":"clock","clientAt":1}');
  one.page.send('{"type":"call.ice","type":"presence.hand","isUp":true}');
  one.page.send('{"type":"call.ice","type":"call.leave"}'); // strange, but the same budget
  await until(() => one.heard.length === 1 && one.told.length === 2);
  expect(one.told.every(({ type }) => type === "refused")).toBe(true);
  one.page.terminate();
});

test("one who does not read holds nobody up, and is cut when too much waits for them", async () => {
  const [stands, reads] = [await open(), await open()];
  stands.page.pause();
  const to = [stands, reads].map(({ connection }) => ({ connection }) as Watcher);
  const said = { type: "room.renamed", roomId: "a", name: "x".repeat(40_000) } as const;
  const count = 400; // 16 MB: more than any socket's buffer takes
  for (let n = 0; n < count; n++) {
    tell(to, said);
    if (n % 10 === 9) await until(() => reads.told.length === n + 1);
  }
  await until(() => reads.told.length === count);
  stands.page.resume();
  expect(await stands.closed).toBe(1006); // cut, without a word that it would not read
  expect(stands.told.length).toBeLessThan(count);
  reads.page.terminate();
});

test("docs/realtime.md has a word for every message of both directions", async () => {
  const page = await readFile(new URL("../../../../docs/realtime.md", import.meta.url), "utf8");
  const types = [ClientMessage, ServerMessage].flatMap(({ anyOf }) =>
    anyOf.map(({ properties }) => properties.type.const),
  );
  expect(types.length).toBeGreaterThan(30);
  expect(types.filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
});
