import { expect, test } from "vitest";
import { frameAddress } from "./addresses.js";
import { shownName } from "./shown-name.js";

test("every parameter of MiroTalk's page is given, encoded, and nothing is on", () => {
  const address = frameAddress({
    origin: "https://video.example.org",
    meeting: "7Fq2-_",
    name: "Ana María & Co #1?",
    token: "a.b.c",
  });
  expect(address).toBe(
    "https://video.example.org/join?room=7Fq2-_&name=Ana%20Mar%C3%ADa%20%26%20Co%20%231%3F&avatar=0&audio=0&video=0&screen=0&chat=0&hide=0&notify=0&duration=unlimited&token=a.b.c",
  );
});

// What MiroTalk P2P 1.9.11 makes of a name: markup is cut out of it, and %41 becomes A.
test.each([
  ["Ana María", "Ana María"],
  ["Tom & Jerry", "Tom & Jerry"],
  ["<b>Bold</b>", "‹b›Bold‹/b›"],
  ["&lt;i&gt;", "＆lt;i＆gt;"],
  ["100 %41", "100 ％41"],
])("a person called %s is shown as %s, which MiroTalk leaves as it is", (name, shown) => {
  expect(shownName(name, new Set())).toBe(shown);
});

test("a second and a third of one name have a number", () => {
  expect(shownName("Gus", new Set(["Gus"]))).toBe("Gus (2)");
  expect(shownName("Gus", new Set(["Gus", "Gus (2)"]))).toBe("Gus (3)");
});
