import { expect, test } from "vitest";
import { createAlone } from "../bus/alone.js";
import { createTalkLinks } from "./talk-links.js";

const HOUR_MS = 3_600_000;
const ADA = { roomId: "room", sessionId: "seat", name: "Ada" };

function open() {
  const clock = { now: 1_000 };
  const links = createTalkLinks({
    bus: createAlone("alone"),
    linkBase: (origin) => origin ?? "http://localhost:3000",
    wallClock: () => clock.now,
  });
  const make = (owner = ADA, endsAt = Number.MAX_SAFE_INTEGER) => {
    const { link, expiresAt } = links.make(owner, endsAt, "https://live.example");
    const { hash, origin, pathname } = new URL(link);
    return { secret: hash.slice(1), place: origin + pathname, expiresAt };
  };
  return { links, clock, make };
}

test("a link leads to the origin that it was asked for at, and its secret finds whose it is", () => {
  const { links, make } = open();
  const { secret, place } = make();
  expect(place).toBe("https://live.example/talk");
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(links.find(secret)).toEqual(ADA);
  expect(links.find(`${secret}A`)).toBeNull();
});

test("a new link ends the one before, of the same seat in the same room alone", () => {
  const { links, make } = open();
  const [first, inOther, ofOther] = [
    make(),
    make({ ...ADA, roomId: "another room" }),
    make({ ...ADA, sessionId: "another seat" }),
  ];
  const second = make();
  expect(links.find(first.secret)).toBeNull();
  for (const { secret } of [inOther, ofOther, second]) expect(links.find(secret)).not.toBeNull();
});

test("it ends after 12 hours, with its seat before that, and with its room", () => {
  const { links, clock, make } = open();
  expect(make(ADA, 5_000).expiresAt).toBe(5_000);
  const { secret, expiresAt } = make();
  expect(expiresAt).toBe(1_000 + 12 * HOUR_MS);
  clock.now = expiresAt - 1;
  expect(links.find(secret)).toEqual(ADA);
  clock.now = expiresAt;
  expect(links.find(secret)).toBeNull();

  const withSeat = make();
  links.end(ADA.sessionId);
  expect(links.find(withSeat.secret)).toBeNull();
  const withRoom = make();
  links.endOfRoom("another room");
  expect(links.find(withRoom.secret)).toEqual(ADA);
  links.endOfRoom(ADA.roomId);
  expect(links.find(withRoom.secret)).toBeNull();
});
