import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMiroTalkStandIn, type MiroTalkStandIn } from "../../../../tests/tools/mirotalk.js";
import { openLine } from "../testing/line.js";
import { join, makeRoom } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

const JWT_KEY = "jwt-key-of-the-test-0123456789";
const VIDEO = "https://video.example.org";

let mirotalk: MiroTalkStandIn;
let listening: Server;
let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  mirotalk = createMiroTalkStandIn(JWT_KEY);
  listening = createServer(async (_request, response) => {
    const peers = [...(await mirotalk.rest.meetings())].map(([name, list]) => [
      name,
      Object.fromEntries(
        list.map((peer, at) => [at, { peer_name: peer.name, peer_presenter: peer.isPresenter }]),
      ),
    ]);
    response.end(JSON.stringify({ meetings: Object.fromEntries(peers) }));
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  server = await startTestServer({
    CONFERENCE: "mirotalk",
    MIROTALK_URL: VIDEO,
    MIROTALK_API_URL: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    MIROTALK_API_KEY: "api-key-of-the-test-0123",
    MIROTALK_JWT_KEY: JWT_KEY,
    MIROTALK_PASSWORD: "password-of-the-test-01",
  });
  owner = await openOwner(server);
});
afterAll(async () => {
  await server.close();
  listening.closeAllConnections();
  listening.close();
});

const roomOf = (url: string) => new URL(url).searchParams.get("room");

test("a guest waits for the host; who is sent out knows a meeting that is over", async () => {
  const room = await makeRoom(owner);
  const gus = await join(server, room, "Gus");
  const [line, guest] = [await openLine(server, owner), await openLine(server, gus.browser)];
  for (const one of [guest, line]) {
    one.say({ type: "watch.room", roomId: room.id });
    await one.until("room.stream");
  }
  guest.say({ type: "call.join", resume: null });
  await guest.until("call.waiting");
  line.say({ type: "call.join", resume: null });
  const { url } = await line.until("call.frame");
  expect(url).toMatch(/^https:\/\/video\.example\.org\/join\?room=[\w-]{22}&name=Olga&/);
  mirotalk.enter("Olga", url);
  const guests = await guest.until("call.frame");
  expect(roomOf(guests.url)).toBe(roomOf(url));

  const removed = await owner.ask("DELETE", `/rooms/${room.id}/participants/${gus.id}`);
  expect(removed.statusCode).toBe(204);
  await guest.until("call.ended");
  await line.until("call.frame", (said) => roomOf(said.url) !== roomOf(url));
});

test("the room says whose call it is; what MiroTalk cannot do from outside is refused and not noted", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room, "Ada");
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/review`)).json()).toMatchObject({
    callKind: "mirotalk",
  });
  for (const path of ["mute-all", "talk-link", `participants/${"A".repeat(22)}/mute`]) {
    const answer = await owner.ask("POST", `/rooms/${room.id}/${path}`);
    expect([path, answer.statusCode, answer.json().error]).toEqual([path, 409, "call_elsewhere"]);
  }
  const { events } = (await owner.ask("GET", "/audit")).json();
  expect(events.map(({ action }: { action: string }) => action)).not.toContain("call.muted-all");
  expect((await owner.ask("GET", "/about")).json().conference).toBe(`MiroTalk P2P at ${VIDEO}`);
});

test("the page after a call may stand in our own frame, and every other page in none", async () => {
  const left = await server.app.inject({ url: "/conference-left", headers: { host: "localhost" } });
  const page = await server.app.inject({ url: "/", headers: { host: "localhost" } });
  expect(left.headers["x-frame-options"]).toBe("SAMEORIGIN");
  expect(left.headers["content-security-policy"]).toMatch(/^default-src 'none';.* frame-ancestors 'self';/);
  expect(page.headers["x-frame-options"]).toBe("DENY");
  expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(page.headers["content-security-policy"]).toContain(`frame-src 'self' ${VIDEO};`);
});
