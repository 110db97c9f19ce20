import type { Room, ServerMessage } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";
import { isOwnHost } from "./host.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const own = { publicAddress: "edit.example.com", machine: "Studio-7.lan" };

test.each([
  "localhost",
  "localhost:3000",
  "127.0.0.1:3000",
  "192.168.1.5",
  "[::1]:3000",
  "[fd00::2]",
  "studio-7.lan:3000",
  "STUDIO-7.local",
  "edit.example.com",
  "localhost.:3000",
])("Host %s is this machine", (host) => {
  expect(isOwnHost(own, host)).toBe(true);
});

test.each([
  "evil.example",
  "evil.example:3000",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "studio-7.lan.evil.example",
  "evil@localhost",
  "localhost/x",
  "localhost:3000:3000",
  'localhost" onload=x',
  "127.0.0.1, evil.example",
  "[::1",
  "[evil]",
  "",
])("Host %j is not", (host) => {
  expect(isOwnHost(own, host)).toBe(false);
});

const ask = (at: TestServer, url: string, host: string) =>
  at.app.inject({ url, headers: { host, cookie: owner.cookieHeader() } });

test("without PUBLIC_URL a page under another name that resolves to us gets nothing, and is told of PUBLIC_URL", async () => {
  for (const url of ["/", "/api/v1/health", "/api/v1/rooms", "/whep", "/assets/x.js"]) {
    const answer = await ask(server, url, "rebound.example:3000");
    expect([url, answer.statusCode, answer.json().error]).toEqual([url, 403, "host_unknown"]);
    expect(answer.json().message).toContain("PUBLIC_URL");
  }
  expect((await ask(server, "/api/v1/rooms", "192.168.1.5:3000")).statusCode).toBe(200);
});

test("with PUBLIC_URL a proxy may pass on whatever Host it likes: links say PUBLIC_URL", async () => {
  const named = await startTestServer({ PUBLIC_URL: "https://review.example.com" });
  expect((await ask(named, "/api/v1/health", "backend:3000")).statusCode).toBe(200);
  const room = await named.product.rooms.create({ name: "Named" }, null);
  const link = named.product.rooms.view(room, "http://127.0.0.1:3000").reviewerLink;
  expect(link).toBe(`https://review.example.com/r/${room.id}`);
  await named.close();
});

test("links and ingest say the address that the studio was opened with, and the WebSocket says the same", async () => {
  const { id } = (await owner.ask("POST", "/rooms", { name: "Linked" })).json() as Room;
  const seen = async (host: string) =>
    ((await ask(server, `/api/v1/rooms/${id}`, host)).json() as Room).reviewerLink;
  expect(await seen("192.168.1.5:3000")).toBe(`http://192.168.1.5:3000/r/${id}`);
  expect(await seen("localhost:3000")).toBe(`http://localhost:3000/r/${id}`);

  const revealed = await server.app.inject({
    method: "POST",
    url: `/api/v1/rooms/${id}/ingest/reveal`,
    headers: { host: "192.168.1.5:3000", origin: "http://192.168.1.5:3000", cookie: owner.cookieHeader() },
  });
  expect(revealed.json().urls[0].server).toBe("rtmp://192.168.1.5:1935/live");

  const { port } = new URL(server.url);
  for (const host of [`127.0.0.1:${port}`, "192.168.1.5:3000"]) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/realtime`, {
      headers: { host, cookie: owner.cookieHeader(), origin: `http://${host}` },
    });
    const links: string[] = [];
    const heard = new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error("not heard of twice within 3 s")), 3_000).unref();
      socket.on("error", reject);
      socket.on("message", (text) => {
        const said = JSON.parse(String(text)) as ServerMessage;
        if (said.type !== "studio.room" || said.room.id !== id) return;
        links.push(said.room.reviewerLink);
        if (links.length === 2) resolve();
        else server.engine.tell({ is: "changed", roomId: id });
      });
      socket.on("open", () => socket.send(JSON.stringify({ type: "watch.studio" })));
    });
    await heard;
    expect(links).toEqual([`http://${host}/r/${id}`, `http://${host}/r/${id}`]);
    socket.close();
  }
});
