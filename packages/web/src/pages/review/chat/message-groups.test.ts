import type { ChatMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { groupMessages } from "./message-groups.js";

const NOON = new Date(2026, 10, 22, 12).getTime();
const MINUTE = 60_000;

function message(id: string, at: number, more: Partial<ChatMessage> = {}): ChatMessage {
  const author = { personId: "a", name: "Ana", role: "reviewer" } as const;
  return {
    id,
    at,
    author,
    clientId: id,
    audience: "all",
    text: id,
    mentions: [],
    editedAt: null,
    deletedAt: null,
    ...more,
  };
}
const grouped = (messages: ChatMessage[], breakAt: string | null = null) =>
  groupMessages(messages, NOON, breakAt).map(({ messages: all }) => all.map(({ id }) => id).join(""));

test("what one person writes in one go stands under one name; another voice, side or name does not", () => {
  const bo = { personId: "b", name: "Bo", role: "reviewer" } as const;
  const renamed = { personId: "a", name: "Ana B", role: "reviewer" } as const;
  expect(
    grouped([
      message("a", NOON),
      message("b", NOON + MINUTE),
      message("c", NOON + 7 * MINUTE),
      message("d", NOON + 8 * MINUTE, { author: bo }),
      message("e", NOON + 8 * MINUTE),
      message("f", NOON + 8 * MINUTE, { audience: "side" }),
      message("g", NOON + 8 * MINUTE, { author: renamed, audience: "side" }),
    ]),
  ).toEqual(["ab", "c", "d", "e", "f", "g"]);
});

test("a group begins where the line for new messages stands", () => {
  expect(grouped([message("a", NOON), message("b", NOON), message("c", NOON)], "b")).toEqual(["a", "bc"]);
});

test("each day has its heading once, as people call it", () => {
  const at = (daysAgo: number, hour: number) => new Date(2026, 10, 22 - daysAgo, hour).getTime();
  const days = groupMessages(
    [message("a", at(9, 23)), message("b", at(1, 9)), message("c", at(0, 0)), message("d", at(0, 11))],
    NOON,
    null,
  ).map(({ day }) => day);
  expect(days).toEqual(["13 Nov 2026", "Yesterday", "Today", null]);
});
