import { expect, test } from "vitest";
import { CHECK_STREAM, createCheckPicture } from "./check-picture.js";
import type { RunningEngine } from "./supervisor.js";

function set() {
  let now = 0;
  const asked: string[] = [];
  const ask = async (question: string, given: unknown): Promise<unknown> => {
    asked.push(question);
    expect(given).toEqual({ stream: CHECK_STREAM });
    return {};
  };
  const link = { ask } as unknown as RunningEngine["link"];
  const picture = createCheckPicture(() => now);
  return { picture, link, asked, pass: (ms: number) => (now += ms) };
}

test("a ticket starts the picture and opens it once, for a minute, under a viewer's name of its own", async () => {
  const { picture, link, asked } = set();
  const tickets = [await picture.makeTicket(link), await picture.makeTicket(link)];
  expect(asked).toEqual(["startTestSignal", "startTestSignal"]);
  const [first, second] = tickets.map((ticket) => picture.spend(ticket));
  expect(first).toMatchObject({ allowed: true, stream: CHECK_STREAM, lifetimeMs: 60_000, passphrase: null });
  expect(first).not.toEqual(second);
  expect(picture.spend(tickets[0] ?? "")).toEqual({ allowed: false, reason: "invalid-ticket" });
});

test("a ticket is good for a minute, and a made-up one never", async () => {
  const { picture, link, pass } = set();
  const ticket = await picture.makeTicket(link);
  pass(60_001);
  expect(picture.spend(ticket)).toEqual({ allowed: false, reason: "expired-ticket" });
  expect(picture.spend("made up")).toEqual({ allowed: false, reason: "invalid-ticket" });
});

test("the picture stops when nobody can be watching any more and nobody has for a minute", async () => {
  const { picture, link, asked, pass } = set();
  await picture.makeTicket(link);
  pass(90_000);
  await picture.tend(link, 1); // somebody watches
  pass(119_000);
  await picture.tend(link, 0);
  expect(asked).not.toContain("stopTestSignal");
  pass(2_000);
  await picture.tend(link, 0);
  expect(asked.at(-1)).toBe("stopTestSignal");
});

test("a picture that is not running is left alone", async () => {
  const { picture, link, asked, pass } = set();
  pass(1_000_000);
  await picture.tend(link, null);
  expect(asked).toEqual([]);
});
