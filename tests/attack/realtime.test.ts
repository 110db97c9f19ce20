import { randomBytes } from "node:crypto";
import type { ChatMessage, ClientMessage, ServerMessage } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveSocket, openLiveSocket } from "../tools/live-socket.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { pause, waitFor } from "../tools/wait.js";

const HEARD_MS = 500; // what goes out at all has arrived after so long
let product: Product;
let owner: ApiClient;
beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
});
afterAll(() => product?.remove());

const id = (): string => randomBytes(16).toString("base64url");
const open = (client: ApiClient): Promise<LiveSocket> =>
  openLiveSocket(product.url, { cookie: client.cookie(), origin: product.url });
const watch = async (client: ApiClient, room: TestRoom): Promise<LiveSocket> => {
  const socket = await open(client);
  socket.say({ type: "watch.room", roomId: room.id });
  return socket;
};
const since = (socket: LiveSocket, mark: number): ServerMessage[] => socket.heard.slice(mark);

/** One valid message of every type; those that name something name what is in another room. */
type Aim = {
  readonly roomId: string;
  readonly messageId: string;
  readonly peerId: string;
  readonly resume: string;
};
function everything({ roomId, messageId, peerId, resume }: Aim): {
  [T in ClientMessage["type"]]: Extract<ClientMessage, { type: T }>;
} {
  const text = "I am Bea.";
  return {
    "watch.room": { type: "watch.room", roomId },
    "watch.studio": { type: "watch.studio" },
    clock: { type: "clock", clientAt: 1 },
    "presence.hand": { type: "presence.hand", isUp: true },
    "presence.viewing": { type: "presence.viewing", viewing: null },
    "history.watch": { type: "history.watch", since: 0 },
    "chat.send": { type: "chat.send", clientId: id(), text, mentions: [], audience: "all" },
    "chat.edit": { type: "chat.edit", id: messageId, text, mentions: [] },
    "chat.delete": { type: "chat.delete", id: messageId },
    "call.join": { type: "call.join", resume },
    "call.signal": { type: "call.signal", to: peerId, signal: { kind: "restart", gen: 0, how: "hard" } },
    "call.sending": {
      type: "call.sending",
      sending: { mic: true, camera: false, screen: false, side: false },
    },
    "call.want": { type: "call.want", to: peerId, camera: true, screen: true },
    "call.ice": { type: "call.ice" },
    "call.leave": { type: "call.leave" },
  };
}

test("29: whatever somebody in room A says, forged or not, nothing of it is heard in room B", async () => {
  const [a, b] = [await product.createRoom("A"), await product.createRoom("B")];
  const [ada, bea] = [await product.join(a, "Ada"), await product.join(b, "Bea")];
  const [inA, inB] = [await watch(ada, a), await watch(bea, b)];
  inB.say({ type: "history.watch", since: null });
  inB.say({ type: "call.join", resume: null });
  inB.say({ type: "chat.send", clientId: id(), text: "Only here.", mentions: [], audience: "all" });
  const { peerId, resume } = await inB.hear("call.welcome");
  const { message } = (await inB.hear("history.entry")).entry;
  await inA.hear("room.presence");
  await pause(HEARD_MS);
  const mark = inB.heard.length;

  const all = Object.values(everything({ roomId: b.id, messageId: message.id, peerId, resume }));
  for (const said of all) inA.say(said);
  const forged = [
    { roomId: b.id },
    { author: { personId: message.author.personId, name: "Bea", role: "presenter" } },
    { seq: 1 },
    { role: "presenter" },
    { isHost: true },
  ];
  let count = 0;
  for (const said of all) {
    for (const field of forged) {
      if (said.type === "watch.room" && "roomId" in field) continue; // is a field of its own
      inA.sayRaw(JSON.stringify({ ...said, ...field }));
      count += 1;
    }
  }
  const refused = (): number =>
    inA.heard.filter((one) => one.type === "refused" && one.error === "invalid_request").length;
  await waitFor("every forged message to be refused", 15_000, () => refused() >= count);
  await pause(HEARD_MS);
  expect(refused()).toBe(count);
  expect(since(inB, mark)).toEqual([]);

  // Of what was no forgery, the one in A has done it: under their own name and role, in their own room.
  const chat = async (room: TestRoom): Promise<readonly ChatMessage[]> =>
    (await owner.ask<{ messages: ChatMessage[] }>("GET", `/rooms/${room.id}/chat`)).messages;
  expect(await chat(b)).toEqual([message]);
  expect(await chat(a)).toMatchObject([{ text: "I am Bea.", author: { name: "Ada", role: "reviewer" } }]);
  for (const { type, ...said } of inA.heard)
    if ("roomId" in said) expect([type, said.roomId]).toEqual([type, a.id]);
  for (const socket of [inA, inB]) socket.end();
});

test("29: somebody who waits, and somebody who was sent out, say what they like: nobody hears it", async () => {
  const room = await product.createRoom("Closed door");
  const inside = await product.join(room, "Ines");
  await owner.ask("PATCH", `/rooms/${room.id}`, { waitingRoom: true });
  const hears = await watch(inside, room);
  hears.say({ type: "history.watch", since: null });
  hears.say({ type: "call.join", resume: null });
  const { peerId } = await hears.hear("call.welcome");
  const waits = await product.join(room, "Wanda");
  const waiting = await watch(waits, room);
  await waiting.hear("seat.waiting");
  await pause(HEARD_MS);
  const mark = hears.heard.length;
  const all = Object.values(everything({ roomId: room.id, messageId: id(), peerId, resume: id() }));
  for (const said of all) waiting.say(said);
  await waitFor("the last of it to be answered", 15_000, () => {
    const answered = waiting.heard.filter(({ type }) => type === "refused" || type === "clock");
    return answered.length === all.length - 1; // watch.room is answered that they wait
  });
  await pause(HEARD_MS);
  expect(since(hears, mark)).toEqual([]);
  expect(new Set(waiting.heard.map(({ type }) => type))).toEqual(
    new Set(["seat.waiting", "refused", "clock"]),
  );

  const { participants } = await owner.ask<{ participants: { id: string; name: string }[] }>(
    "GET",
    `/rooms/${room.id}/participants`,
  );
  const wanda = participants.find(({ name }) => name === "Wanda");
  await owner.ask("POST", `/rooms/${room.id}/participants/${wanda?.id}/admit`);
  await waiting.hear("room.presence");
  const gone = owner.ask("DELETE", `/rooms/${room.id}/participants/${wanda?.id}?ban=true`);
  for (const said of all.slice(2)) waiting.say(said); // while the door shuts
  await gone;
  expect((await waiting.hear("room.closed")).reason).toBe("removed");
  const told = hears.heard.length;
  for (const said of all) waiting.say(said);
  await waitFor("the socket to be closed", 5_000, () => waiting.closed());
  await pause(HEARD_MS);
  expect(since(hears, told).filter(({ type }) => type !== "room.presence" && type !== "call.left")).toEqual(
    [],
  );
  await expect(open(waits)).rejects.toMatchObject({ status: 401 });
  const back = await waits.send("POST", `/rooms/${room.id}/join`, {
    name: "Wanda",
    password: room.reviewerPassword,
  });
  expect([back.status, back.body]).toEqual([403, expect.objectContaining({ error: "sent_out" })]);
  hears.end();
});

test("29: 500 of the call's messages in a second are slowed, then the socket is closed with 1008; words are not held up", async () => {
  const room = await product.createRoom("Flood");
  const flood = await watch(await product.join(room, "Flo"), room);
  flood.say({ type: "call.join", resume: null });
  await flood.hear("call.welcome");
  const heard = (): number => flood.heard.filter(({ type }) => type === "call.ice").length;
  for (let n = 0; n < 90; n += 1) flood.say({ type: "call.ice" });
  flood.say({ type: "clock", clientAt: 1 });
  await flood.hear("clock");
  await waitFor("all of them to be answered", 15_000, () => heard() === 90);
  expect(flood.heard.at(-1)?.type).toBe("call.ice"); // a third of them waited for its turn, the clock did not
  for (let n = 0; n < 500; n += 1) flood.say({ type: "call.ice" });
  await waitFor("the socket to be closed", 5_000, () => flood.closed());
  expect(flood.closed()).toMatchObject({ code: 1008 });
});

test("30: whoever comes first, and whoever claims to host, hosts nothing: what hosts do is refused", async () => {
  const room = await product.createRoom("Roles");
  const first = product.visitor();
  const path = `/rooms/${room.id}`;
  const right = { name: "Eve", password: room.reviewerPassword };
  expect((await first.send("POST", `${path}/join`, { ...right, personId: id() })).status).toBe(400);
  await first.ask("POST", `${path}/join?role=presenter&isHost=true`, right);
  const socket = await watch(first, room);
  const { you, people } = await socket.hear("room.presence");
  expect(people).toMatchObject([{ id: you, role: "reviewer", isHost: false }]);
  const asked: [string, string, unknown?][] = [
    ["POST", `participants/${you}/role`, { role: "presenter" }],
    ["POST", `participants/${you}/lower-hand`],
    ["POST", `participants/${you}/mute`],
    ["DELETE", `participants/${you}?ban=true`],
    ["POST", "mute-all"],
    ["GET", "bans"],
    ["GET", "participants"],
  ];
  for (const [method, what, body] of asked)
    expect([what, (await first.send(method, `${path}/${what}`, body)).status]).toEqual([what, 403]);
  expect(socket.heard.some(({ type }) => type === "room.people" || type === "seat.role")).toBe(false);
  socket.end();
});
