import { expect, test } from "vitest";
import { readEngineOrders, wayInOf } from "./engine-orders.js";

test("engines are read one after the other, each from its --ingest on", () => {
  expect(
    readEngineOrders([
      ...["--ingest", "rtmp://a/app/one", "--play", "ws://a:3333/app/one", "--name", "origin"],
      ...["--ingest", "https://b/whip", "--play", "https://b/whep"],
    ]),
  ).toEqual([
    { name: "origin", ingest: "rtmp://a/app/one", play: "ws://a:3333/app/one" },
    { name: "https://b", ingest: "https://b/whip", play: "https://b/whep" },
  ]);
  expect(readEngineOrders([])).toEqual([]);
});

test("the way in is known by its address", () => {
  expect(["rtmp://a/b", "rtmps://a/b", "srt://a:1?streamid=b", "http://a/b"].map(wayInOf)).toEqual([
    "rtmp",
    "rtmps",
    "srt",
    "whip",
  ]);
});

test.each([
  [["--play", "ws://a/b"], "begins with --ingest"],
  [["--ingest"], "--ingest needs a value"],
  [["--ingest", "rtmp://a/b"], "--play is missing for rtmp://a"],
  [["--ingest", "udp://a/key", "--play", "ws://a"], "--ingest udp://a:"],
  [["--ingest", "rtmp://a/b", "--play", "rtsp://a/key"], "--play rtsp://a:"],
  [["--ingest", "rtmp://a/b", "--play", "ws://a", "--play", "ws://b"], "--play twice"],
  [["--speed", "2"], "--speed: known are"],
])("%j is refused in words, and without the key", (given, words) => {
  expect(() => readEngineOrders(given)).toThrow(words);
});
