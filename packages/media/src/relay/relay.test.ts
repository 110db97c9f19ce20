import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createVirtualClock } from "../hub/fixtures/virtual-clock.js";
import { systemClock } from "../transport/system-clock.js";
import { attributeOf } from "../wire/stun/message.js";
import {
  accessFor,
  errorOf,
  openTurnClient,
  type TurnClient,
  UDP_TRANSPORT,
} from "./fixtures/turn-client.js";
import { type Relay, startRelay } from "./relay.js";

const SECRET = "a secret of 22 letters";
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function startScene(changes: { host?: string; port?: number } = {}, clock = systemClock) {
  const said: string[] = [];
  const say = (_about: object, message: string) => said.push(message);
  const relay = await startRelay({
    host: "127.0.0.1",
    port: 0,
    ...changes,
    secret: SECRET,
    clock,
    random: randomBytes,
    log: { debug: () => undefined, info: say, warn: say, error: say },
  });
  cleanUp.push(() => relay.close());
  return { relay, said };
}

async function openClient(relay: Relay, transport: "udp" | "tcp", host = "127.0.0.1"): Promise<TurnClient> {
  const access = accessFor(SECRET, "anna", Date.now() + 3_600_000);
  const client = await openTurnClient(transport, { host, port: relay.port() ?? 0 }, access);
  cleanUp.push(() => client.close());
  return client;
}

test.each([
  ["udp", "127.0.0.1", 4],
  ["udp", "::1", 16],
  ["tcp", "127.0.0.1", 4],
  ["tcp", "::1", 16],
] as const)("one port takes %s from %s", async (transport, host, bytes) => {
  const { relay } = await startScene({ host: "0.0.0.0" });
  const client = await openClient(relay, transport, host);
  const answer = await client.ask("binding");
  const mapped = answer === null ? undefined : attributeOf(answer, "xor-mapped-address");
  expect([mapped?.ip.length, mapped?.port]).toEqual([bytes, client.port]);
  expect(errorOf(await client.ask("allocate", [UDP_TRANSPORT]))).toBe(0);
});

test.each(["tcp", "udp"] as const)(
  "a port that another program has for %s: no relay, until it is free",
  async (kind) => {
    const clock = createVirtualClock();
    const other = kind === "tcp" ? createServer() : createSocket("udp4");
    if (kind === "tcp") (other as ReturnType<typeof createServer>).listen(0, "127.0.0.1");
    else (other as ReturnType<typeof createSocket>).bind(0, "127.0.0.1");
    await once(other, "listening");
    const port = (other.address() as { port: number }).port;
    const { relay, said } = await startScene({ port }, clock);
    expect([relay.port(), said]).toEqual([null, ["relay: off, as its port cannot be opened"]]);
    await new Promise<void>((closed) => other.close(() => closed()));
    clock.run(10_000);
    await expect.poll(() => relay.port(), { timeout: 5_000 }).toBe(port);
    expect(said).toEqual(["relay: off, as its port cannot be opened", "relay: on, its port is free now"]);
  },
);

test("a connection without an allocation is cut after ten seconds, one whose allocation has ended too", async () => {
  const clock = createVirtualClock();
  const { relay } = await startScene({}, clock);
  const access = accessFor(SECRET, "anna", clock.wall() + 3_600_000);
  const open = () => openTurnClient("tcp", { port: relay.port() ?? 0 }, access);
  const [idle, busy] = [await open(), await open()];
  await idle.ask("binding");
  expect(errorOf(await busy.ask("allocate", [UDP_TRANSPORT]))).toBe(0);
  clock.run(10_001);
  await idle.ended;
  expect(errorOf(await busy.ask("refresh", [{ is: "lifetime", seconds: 0 }]))).toBe(0);
  clock.run(10_001);
  await busy.ended;
});

test("what is no STUN ends its connection, and an address that goes on with it is refused at the door", async () => {
  const { relay } = await startScene();
  for (let n = 0; n < 20; n++) {
    const client = await openClient(relay, "tcp");
    client.send(Buffer.from("\u0016\u0003\u0001 a TLS handshake, which does not belong here"));
    await client.ended;
  }
  const late = await openClient(relay, "tcp");
  await late.ended;
});

test("closing it ends every connection", async () => {
  const { relay } = await startScene();
  const client = await openClient(relay, "tcp");
  expect(errorOf(await client.ask("allocate", [UDP_TRANSPORT]))).toBe(0);
  await relay.close();
  await client.ended;
  expect(relay.port()).toBeNull();
});
