import { MAX_CHAT_TEXT } from "@colourstream/contract";
import { expect, test } from "vitest";
import { mentionedIn, textHead, textOf, tidyMessage } from "./chat.js";

test.each([
  ["spaces around it go", "  hello \n", "hello"],
  ["newlines and tabs inside it stay", "one\n\ttwo", "one\n\ttwo"],
  ["a line ends the same way whoever typed it", "one\r\ntwo\rthree", "one\ntwo\nthree"],
  ["other control characters go", "a\u0000b\u0007c\u009bd\u007f", "abcd"],
  ["half a character becomes the sign for one that is missing", "x\ud800y", "x\ufffdy"],
  ["whole ones stay", "🎬 नमस्ते", "🎬 नमस्ते"],
  ["characters are composed", "e\u0301", "é"],
  ["nothing is no message", " \n\t ", null],
  ["what cannot be seen is no message", "\u200b\u202e\ufeff\u00ad", null],
  ["the longest is taken", "x".repeat(MAX_CHAT_TEXT), "x".repeat(MAX_CHAT_TEXT)],
  ["a longer one is not", "x".repeat(MAX_CHAT_TEXT + 1), null],
  ["one that grows too long by composing is not", "\ufb2c".repeat(MAX_CHAT_TEXT / 2), null],
])("%s", (_claim, typed, kept) => {
  expect(tidyMessage(typed)).toBe(kept);
});

test("only those are mentioned whose @name stands in the text, each once", () => {
  const people = [
    { personId: "a", name: "Ana" },
    { personId: "b", name: "Bo" },
    { personId: "a", name: "Ana" },
  ];
  expect(mentionedIn("@Ana, see reel 2. Bo knows", people)).toEqual([{ personId: "a", name: "Ana" }]);
});

test("a chat reads as a text: days as headings, lines below each other, deleted ones left out", () => {
  const message = {
    author: { personId: "a", name: "Ana", role: "reviewer" },
    audience: "all",
    at: Date.UTC(2026, 10, 22, 9, 5),
    editedAt: null,
    deletedAt: null,
  } as const;
  let text = textHead("Reel 1");
  let day: string | null = null;
  for (const one of [
    { ...message, text: "Warmer?\nAt 01:02:03:04" },
    { ...message, text: "", deletedAt: 1 },
    { ...message, text: "Yes", editedAt: 2, author: { ...message.author, name: "Bo", role: "presenter" } },
    { ...message, text: "Quietly", at: Date.UTC(2026, 10, 23, 0, 1), audience: "side" },
  ] as const) {
    const next: ReturnType<typeof textOf> = textOf(one, day);
    text += next.text;
    day = next.day;
  }
  expect(text).toBe(`ColourStream chat: Reel 1
Times are UTC.

2026-11-22
09:05  Ana (reviewer): Warmer?
       At 01:02:03:04
09:05  Bo (presenter): Yes (edited)

2026-11-23
00:01  Ana (reviewer, client’s side only): Quietly
`);
});
