import { randomBytes } from "node:crypto";
import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../domain/room.js";
import { type Line, openLine } from "../testing/line.js";
import { join, makeRoom } from "../testing/people.js";
import { until } from "../testing/process.js";
import { openOwner, type ServerPair, startServerPair, type TestServer } from "../testing/server.js";

// One room, people at two server processes, no page knows at which it is.
let pair: ServerPair;
let room: Room;
beforeAll(async () => {
  pair = await startServerPair();
  room = await makeRoom(await openOwner(pair.one));
});
afterAll(() => pair.close());

type Person = { readonly id: string; readonly line: Line };

/** Takes a seat at the first server, with a page at either. */
async function enter(at: TestServer, name: string): Promise<Person> {
  const { browser, id } = await join(pair.one, room, name);
  const line = await openLine(at, browser);
  line.say({ type: "watch.room", roomId: room.id });
  line.say({ type: "history.watch", since: null });
  await line.until("history.begin");
  return { id, line };
}

const numbersOf = ({ line }: Person): number[] =>
  line.heard.flatMap((said) => {
    if (said.type === "history.entry") return [said.entry.seq];
    return said.type === "history.begin" ? said.entries.map(({ seq }) => seq) : [];
  });

test("what is written at both at once is told to everybody once, in the order of its numbers", async () => {
  const people = [await enter(pair.one, "Ana"), await enter(pair.two, "Ben"), await enter(pair.two, "Cem")];
  const count = 12;
  for (let n = 0; n < count / people.length; n += 1)
    for (const { line } of people)
      line.say({
        type: "chat.send",
        clientId: makeId(randomBytes),
        text: `${n}`,
        mentions: [],
        audience: "all",
      });
  const all = Array.from({ length: count }, (_, n) => n + 1);
  for (const person of people) {
    await until(() => numbersOf(person).length >= count, 8_000, "everybody has all messages");
    expect(numbersOf(person)).toEqual(all);
  }

  pair.lines.cut("two"); // the database is away for one of them: it hears nothing of the other
  await people[0]?.line.socket.send(
    JSON.stringify({
      type: "chat.send",
      clientId: makeId(randomBytes),
      text: "!",
      mentions: [],
      audience: "all",
    }),
  );
  const [ana, ben] = people;
  if (ana === undefined || ben === undefined) throw new Error("they entered");
  await until(() => numbersOf(ana).length > count, 8_000, "its writer has it");
  expect(numbersOf(ben)).toHaveLength(count);
  pair.lines.heal("two");
  await until(() => numbersOf(ben).length > count, 8_000, "it is read when the line is back");
  expect(numbersOf(ben)).toEqual([...all, count + 1]);
  for (const { line } of people) line.socket.terminate();
});

test("presence, hands, a call and a phone's talk button go from one to the other", async () => {
  const [ana, ben] = [await enter(pair.one, "Ana"), await enter(pair.two, "Ben")];
  await ana.line.until("room.presence", ({ people }) => people.some(({ id }) => id === ben.id));
  ben.line.say({ type: "presence.hand", isUp: true });
  await ana.line.until("room.presence", ({ people }) =>
    people.some(({ id, handAt }) => id === ben.id && handAt !== null),
  );

  for (const { line } of [ana, ben]) line.say({ type: "call.join", resume: null });
  const welcome = await ana.line.until("call.welcome");
  const peer = (await ana.line.until("call.joined")).peer;
  expect(peer.name).toBe("Ben");
  ana.line.say({ type: "call.signal", to: peer.peerId, signal: { kind: "restart", gen: 0, how: "hard" } });
  expect((await ben.line.until("call.signal")).from).toBe(welcome.peerId);
  await ana.line.until("room.presence", ({ people }) =>
    people.some(({ id, call }) => id === ben.id && call !== null),
  );

  const { talkLinks } = pair.one.product;
  const owner = { roomId: room.id, sessionId: ben.id, name: "Ben" };
  const { link } = talkLinks.make(owner, Date.now() + 60_000, pair.one.url);
  const secret = new URL(link).hash.slice(1);
  await until(() => pair.two.product.talkLinks.find(secret) !== null, 8_000, "the link is known at both");
  const pressed = await pair.one.app.inject({
    method: "POST",
    url: "/api/v1/talk",
    headers: { origin: pair.one.url, "content-type": "application/json" },
    payload: JSON.stringify({ secret, press: "down" }),
  });
  expect(pressed.json()).toMatchObject({ name: "Ben", isInCall: true, mayTalk: true });
  expect(await ben.line.until("call.talk")).toMatchObject({ press: "down", by: "phone" });
  for (const { line } of [ana, ben]) line.socket.terminate();
});
