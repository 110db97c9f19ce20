import { expect, test } from "vitest";
import { textParts } from "./text-parts.js";

const links = (text: string) =>
  textParts(text, []).flatMap((part) => (part.is === "link" ? [[part.text, part.href]] : []));

test.each([
  ["see https://example.com/a?b=1#c now", ["https://example.com/a?b=1#c"]],
  ["HTTP://Example.com", ["HTTP://Example.com"]],
  ["at https://example.com.", ["https://example.com"]],
  ["(https://example.com/a_(b))", ["https://example.com/a_(b)"]],
  ["https://example.com/a,https://example.com/b!?", ["https://example.com/a,https://example.com/b"]],
  ["“https://example.com/x”", ["https://example.com/x"]],
  ["https://example.com\u202e/moc.live", ["https://example.com"]],
  ["https://", []],
  ["https://bank.example@evil.example", []],
  ["javascript:alert(1) data:text/html,x //example.com ftp://example.com www.example.com", []],
  ["javascript:alert('https://example.com')", ["https://example.com"]],
])("the links of %j are %j", (text, expected) => {
  expect(links(text).map(([shown]) => shown)).toEqual(expected);
  for (const [shown, href] of links(text)) {
    expect(href).toMatch(/^https?:\/\//);
    expect(new URL(shown ?? "").href).toBe(href);
  }
});

test("whatever a message is made of, it is shown as it was written", () => {
  const mentions = [{ personId: "a", name: "Ana" }];
  for (const text of [
    "",
    "@Ana: see https://example.com, @Ana!",
    "<b>https://x.y/</b>",
    "@@Ana\n\nhttps://a.b",
  ])
    expect(
      textParts(text, mentions)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
});

test("a mention is the whole name of somebody who is mentioned", () => {
  const mentions = [
    { personId: "a", name: "Ana" },
    { personId: "m", name: "Ana Maria" },
  ];
  expect(textParts("@Ana Maria and @Ana, not @Bo", mentions)).toEqual([
    { is: "mention", text: "@Ana Maria", personId: "m" },
    { is: "text", text: " and " },
    { is: "mention", text: "@Ana", personId: "a" },
    { is: "text", text: ", not @Bo" },
  ]);
});
