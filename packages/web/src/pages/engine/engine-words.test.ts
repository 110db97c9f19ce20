import type { EngineNode } from "@colourstream/contract";
import { expect, test } from "vitest";
import { answerWords, engineWords, fromWords, placeWords, troubleWords } from "./engine-words.js";

const node = (role: EngineNode["role"], state: EngineNode["state"], name: string = role): EngineNode => ({
  name,
  role,
  state,
  since: 0,
  problem: null,
  version: null,
  address: null,
  viewers: 0,
  bitsPerSecondIn: null,
  bitsPerSecondOut: null,
  answerMs: null,
});

test("the engine is told as what it is, with its edges counted", () => {
  expect(engineWords({ kind: "embedded", nodes: [node("embedded", "ok")] })).toContain("built-in");
  expect(engineWords({ kind: "ovenmediaengine", nodes: [node("origin", "ok")] })).toContain("no edges");
  expect(
    engineWords({ kind: "ovenmediaengine", nodes: [node("origin", "ok"), node("edge", "ok")] }),
  ).toContain("an origin and 1 edge.");
});

test("an origin that is away comes before everything else; one server is named, several are counted", () => {
  expect(troubleWords([node("origin", "ok"), node("edge", "ok")])).toBeNull();
  expect(troubleWords([node("origin", "away"), node("edge", "failing")])).toContain("takes encoders in");
  expect(troubleWords([node("embedded", "away")])).toContain("takes encoders in");
  expect(troubleWords([node("origin", "ok"), node("edge", "away", "berlin")])).toBe("berlin has a problem");
  expect(troubleWords([node("origin", "failing"), node("edge", "away"), node("edge", "ok")])).toBe(
    "2 of 3 servers have a problem",
  );
});

test("what a stream comes by is called as an encoder calls it", () => {
  const told = ["test-signal", "rtmp", "Rtmp", "SRT", "WebRTC", "Ovt", null].map(fromWords);
  expect(told).toEqual(["Test signal", "RTMP", "RTMP", "SRT", "WHIP", "Another server", "–"]);
});

test("times and places are as short as they can be", () => {
  expect([answerWords(null), answerWords(3.6), answerWords(1_240)]).toEqual(["–", "4 ms", "1.2 s"]);
  expect(placeWords({ vhost: "default", app: "app" })).toBe("default / app");
  expect(placeWords({ vhost: null, app: null })).toBeNull();
});
