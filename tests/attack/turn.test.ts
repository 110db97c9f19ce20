import { hkdfSync, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressBytes } from "../../packages/media/src/net/address.js";
import { MAX_OF_USER, RELAYED_IP } from "../../packages/media/src/relay/allocations.js";
import {
  accessFor,
  errorOf,
  openTurnClient,
  signedRequest,
  type TurnClient,
  UDP_TRANSPORT,
} from "../../packages/media/src/relay/fixtures/turn-client.js";
import type { StunAttribute } from "../../packages/media/src/wire/stun/attribute.js";
import { parseChannelData, writeChannelData } from "../../packages/media/src/wire/stun/channel-data.js";
import {
  attributeOf,
  parseStun,
  STUN_METHOD,
  type StunMessage,
  writeStun,
} from "../../packages/media/src/wire/stun/message.js";
import { residentBytes } from "../tools/live-scene.js";
import { type Product, startProduct } from "../tools/product.js";
import { pause, waitFor } from "../tools/wait.js";

// 17, and 5, 6, 11 at the relay for calls: the built product, with credentials as it makes them.

const HOUR_MS = 3_600_000;
const FLOOD = 30_000;
const SLOW_CONNECTIONS = 40;
const FORGERIES = 10_000;

let product: Product;
let secret: string;
let slow: readonly Promise<number>[];
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  product = await startProduct();
  const key = await readFile(join(product.dataDir, "secret.key"));
  secret = Buffer.from(hkdfSync("sha256", key, "", "relay", 32)).toString("base64url"); // as product.ts does
  // First, so that their ten seconds pass while the other attacks run.
  slow = Array.from({ length: SLOW_CONNECTIONS }, (_, n) => openSlow(n));
});
afterAll(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
  await product?.remove();
});

/** A connection that sends a byte of a right message now and then: for how long it was let to, in ms. */
async function openSlow(number: number): Promise<number> {
  const socket = connect(product.relayPort, "127.0.0.1");
  socket.on("error", () => socket.destroy()); // cut by the relay while it writes
  const message = writeStun({
    method: STUN_METHOD.binding,
    class: "request",
    transaction: randomBytes(12),
    attributes: [],
  });
  const openedAt = performance.now();
  let sent = 0;
  const drip = setInterval(() => socket.write(message.subarray(sent, ++sent)), 700 + number);
  cleanUp.push(() => socket.destroy());
  await once(socket, "close");
  clearInterval(drip);
  return performance.now() - openedAt;
}

async function open(
  who: string,
  how: { transport?: "udp" | "tcp"; from?: string; untilMs?: number; with?: string } = {},
): Promise<TurnClient> {
  const access = accessFor(how.with ?? secret, who, how.untilMs ?? Date.now() + HOUR_MS);
  const server = { port: product.relayPort, ...(how.from !== undefined && { from: how.from }) };
  const client = await openTurnClient(how.transport ?? "udp", server, access);
  cleanUp.push(() => client.close());
  return client;
}

async function allocate(client: TurnClient, family: 4 | 6 = 4): Promise<number> {
  const wish: StunAttribute[] = [
    UDP_TRANSPORT,
    { is: "requested-address-family", family: family === 4 ? 1 : 2 },
  ];
  const answer = await client.ask("allocate", wish);
  const port = answer === null ? undefined : attributeOf(answer, "xor-relayed-address")?.port;
  if (port === undefined) throw new Error(`no allocation: ${errorOf(answer)}`);
  return port;
}

const peerAt = (port: number, ip: Uint8Array = RELAYED_IP[4]): StunAttribute => ({
  is: "xor-peer-address",
  ip,
  port,
});

const sendTo = (peer: StunAttribute, data: Uint8Array): Uint8Array =>
  writeStun({
    method: STUN_METHOD.send,
    class: "indication",
    transaction: randomBytes(12),
    attributes: [peer, { is: "data", data }],
  });

/** Everything that arrives at this machine's addresses, at one port each for IPv4 and IPv6. */
async function listenEverywhere(): Promise<{ ports: Record<4 | 6, number>; heard: () => number }> {
  let heard = 0;
  const bound = async (type: "udp4" | "udp6", address: string): Promise<number> => {
    const socket: Socket = createSocket({ type, ...(type === "udp6" && { ipv6Only: true }) });
    socket.on("message", () => {
      heard += 1;
    });
    socket.bind(0, address);
    await once(socket, "listening");
    cleanUp.push(() => socket.close());
    return (socket.address() as AddressInfo).port;
  };
  return { ports: { 4: await bound("udp4", "0.0.0.0"), 6: await bound("udp6", "::") }, heard: () => heard };
}

test("17: no host can be reached through the relay, this machine least of all", async () => {
  const { ports, heard } = await listenEverywhere();
  const [four, six] = [await open("anna"), await open("anna", { transport: "tcp" })];
  await allocate(four, 4);
  await allocate(six, 6);
  const channel = (number: number): StunAttribute => ({ is: "channel-number", channel: number });
  const inner = ["127.0.0.1", "0.0.0.0", "10.0.0.1", "10.255.255.254", "169.254.169.254", "192.168.1.1"];
  const targets = [
    ...inner.map((address) => [four, 4, address] as const),
    ...["::1", "::", "fe80::1", "fd00::1", "2001:db8::2"].map((address) => [six, 6, address] as const),
  ];
  let number = 0x4000;
  const codes = new Map<string, number[]>();
  for (const [client, family, address] of targets) {
    const peer = peerAt(ports[family], addressBytes(address));
    const permitted = errorOf(await client.ask("createPermission", [peer]));
    const bound = errorOf(await client.ask("channelBind", [channel(number), peer]));
    codes.set(address, [permitted, bound]);
    client.send(sendTo(peer, randomBytes(100)));
    client.send(writeChannelData({ channel: number, data: randomBytes(100) }, true));
    number += 1;
  }
  // As an address of IPv6 that means one of IPv4: as 16 bytes, and the way that most programs take it.
  const mapped = Uint8Array.from([...new Uint8Array(10), 0xff, 0xff, 127, 0, 0, 1]);
  codes.set("::ffff:127.0.0.1", [
    errorOf(await six.ask("createPermission", [peerAt(ports[4], mapped)])),
    errorOf(await six.ask("channelBind", [channel(number), peerAt(ports[4], mapped)])),
  ]);
  six.send(sendTo(peerAt(ports[4], mapped), randomBytes(100)));
  for (const [address, both] of codes) expect([address, ...both]).toEqual([address, 403, 403]);
  await pause(300);
  expect(heard()).toBe(0);
  // The relay's own address, permitted: what is sent there and to no allocation goes nowhere either.
  expect(errorOf(await four.ask("createPermission", [peerAt(ports[4])]))).toBe(0);
  four.send(sendTo(peerAt(ports[4]), randomBytes(100)));
  await pause(100);
  expect(heard()).toBe(0);
});

test("17, 11: forged signatures leave no state, and most are not even answered", async () => {
  const pid = product.enginePid() ?? 0;
  const client = await open("mallory", { from: "127.0.0.3", with: "not the relay's secret, only a guess" });
  const refused = await client.ask("allocate", [UDP_TRANSPORT]);
  expect(errorOf(refused)).toBe(401);
  const nonce = client.nonce();
  const before = await residentBytes(pid);
  const access = accessFor("not the relay's secret, only a guess", "mallory", Date.now() + HOUR_MS);
  for (let n = 0; n < FORGERIES; n += 1) {
    client.send(signedRequest(STUN_METHOD.allocate, [UDP_TRANSPORT], { ...access, nonce }));
    if (n % 250 === 249) await pause(5);
  }
  await pause(300);
  const answers = client.heard.map((bytes) => parseStun(bytes).message);
  expect(answers.filter((answer: StunMessage) => errorOf(answer) !== 401)).toEqual([]);
  expect(answers.length).toBeLessThan(FORGERIES / 2);
  expect((await residentBytes(pid)) - before).toBeLessThan(24 * 1024 * 1024); // garbage of that moment
  const honest = await open("honest", { from: "127.0.0.4" });
  await allocate(honest);
});

test("17: a nonce of another address, credentials of an hour ago, and one allocation too many", async () => {
  const one = await open("ben", { from: "127.0.0.5" });
  await allocate(one);
  const thief = await open("ben", { from: "127.0.0.6" });
  const stolen = signedRequest(STUN_METHOD.allocate, [UDP_TRANSPORT], {
    ...accessFor(secret, "ben", Date.now() + HOUR_MS),
    nonce: one.nonce(),
  });
  thief.send(stolen);
  const answer = await waitFor("an answer", 5_000, () => thief.heard[0]);
  expect(errorOf(parseStun(answer).message)).toBe(438);

  const late = await open("cleo", { from: "127.0.0.7", untilMs: Date.now() - HOUR_MS });
  expect(errorOf(await late.ask("allocate", [UDP_TRANSPORT]))).toBe(401);

  for (let n = 1; n < MAX_OF_USER; n += 1) await allocate(await open("ben", { from: "127.0.0.5" }));
  const more = await open("ben", { transport: "tcp" });
  expect(errorOf(await more.ask("allocate", [UDP_TRANSPORT]))).toBe(486);
});

test("6: bindings as fast as they can be sent are answered so often, and a call that is relayed goes on", async () => {
  const calls = await Promise.all([makeCall("udp"), makeCall("tcp")]);
  const flood = await openTurnClient("udp", { port: product.relayPort }, { username: "", secret: "" });
  cleanUp.push(() => flood.close());
  const question = writeStun({
    ...{ method: STUN_METHOD.binding, class: "request", attributes: [] },
    transaction: randomBytes(12),
  });
  const startedAt = performance.now();
  let spoken = 0;
  // 20,000 a second, or as many as a busy machine lets us send.
  for (; spoken < FLOOD / 100; spoken += 1) {
    for (let n = 0; n < 100; n += 1) flood.send(question);
    for (const call of calls) call.say(spoken);
    await pause(5);
  }
  await waitFor("the last words", 20_000, () => calls[1]?.heard().length === spoken);
  const seconds = Math.ceil((performance.now() - startedAt) / 1000) + 1; // a second counts as one, begun or ended
  expect(flood.heard.length).toBeLessThanOrEqual(500 * seconds);
  const words = Array.from({ length: spoken }, (_, n) => n);
  expect(calls[1]?.heard()).toEqual(words);
  // By UDP the kernel may drop what waits while the machine is busy; a budget would have dropped nearly all of it.
  expect(calls[0]?.heard().length).toBeGreaterThan(0.95 * spoken);
});

/** Two people behind the relay, by channels as browsers use them. */
async function makeCall(transport: "udp" | "tcp") {
  const [anna, ben] = [
    await open(`anna-${transport}`, { transport }),
    await open(`ben-${transport}`, { transport }),
  ];
  const [annasPort, bensPort] = [await allocate(anna), await allocate(ben)];
  const channel = { is: "channel-number", channel: 0x4000 } as const;
  expect(errorOf(await anna.ask("channelBind", [channel, peerAt(bensPort)]))).toBe(0);
  expect(errorOf(await ben.ask("channelBind", [channel, peerAt(annasPort)]))).toBe(0);
  const before = ben.heard.length;
  return {
    say(word: number) {
      const data = Buffer.alloc(160); // 20 ms of a voice
      data.writeUInt32BE(word);
      anna.send(writeChannelData({ channel: 0x4000, data }, true));
    },
    heard: () =>
      ben.heard.slice(before).map((bytes) => Buffer.from(parseChannelData(bytes).data).readUInt32BE(0)),
  };
}

test("5: connections that send a byte now and then are all cut after ten seconds", {
  timeout: 30_000,
}, async () => {
  const times = await Promise.all(slow);
  expect(Math.max(...times)).toBeLessThan(15_000); // ten, and what a busy machine adds
  const honest = await open("dana", { transport: "tcp" });
  await allocate(honest);
});

test("35: neither the secret nor credentials are in what the product writes", () => {
  expect(product.log()).not.toContain(secret);
  expect(product.log()).not.toMatch(/credential|not the relay's secret/);
});
