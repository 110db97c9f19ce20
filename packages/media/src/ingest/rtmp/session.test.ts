import { expect, test } from "vitest";
import { ProtocolError } from "../../wire/protocol-error.js";
import { type AmfValue, amfFields, amfObject } from "../../wire/rtmp/amf0.js";
import { writeChunks } from "../../wire/rtmp/chunk-writer.js";
import { joined } from "../../wire/rtmp/enhanced.js";
import type { Message } from "../../wire/rtmp/message.js";
import { clientBytes as client } from "./client-bytes.js";
import { type Replay, startReplay } from "./replay.js";

const codeOf = (message: Message) => {
  if (message.is !== "command" || message.name !== "onStatus") return null;
  return amfFields(message.values[1])?.get("code") ?? null;
};
const codes = (replay: Replay) =>
  replay
    .answers()
    .map(codeOf)
    .filter((code) => code !== null);
const commands = (replay: Replay) =>
  replay
    .answers()
    .flatMap((message) => (message.is === "command" ? [`${message.name} ${message.transaction}`] : []));

function connected(fields?: Record<string, AmfValue>, admit = true): Replay {
  const replay = startReplay(admit);
  replay.session.feed(joined([client.handshake(), client.connect(fields)]));
  return replay;
}

const AAC_CONFIG = Uint8Array.of(0xaf, 0, 0x11, 0x90);
const AAC_FRAME = Uint8Array.of(0xaf, 1, 0x21, 0x10);

test("connect is answered with the chunk size first, then what Enhanced RTMP we take", () => {
  const answers = connected().answers();
  expect(answers.map((message) => message.is)).toEqual([
    "window-acknowledgement-size",
    "set-peer-bandwidth",
    "set-chunk-size",
    "command",
  ]);
  const result = answers.at(-1);
  if (result?.is !== "command") throw new Error("no _result");
  const properties = amfFields(result.values[0]);
  expect(result.name).toBe("_result");
  expect(properties?.get("fourCcList")).toEqual(["avc1", "hvc1", "av01", "vp09", "mp4a", "Opus"]);
  expect(amfFields(properties?.get("videoFourCcInfoMap"))?.get("hvc1")).toBe(4);
  expect(properties?.get("capsEx")).toBe(14);
});

test("a publish is asked with its key and the encoder's name, and started when accepted", () => {
  const replay = startReplay();
  replay.session.feed(client.start("KEY?x=y"));
  expect(replay.requests).toEqual([{ key: "KEY", encoder: "test" }]);
  expect(codes(replay)).toEqual(["NetStream.Publish.Start"]);
});

test("the key is found without app, from tcUrl alone", () => {
  const replay = connected({ tcUrl: "rtmp://host/live/KEY" });
  replay.session.feed(client.publish(""));
  expect(replay.requests[0]?.key).toBe("KEY");
});

test("transaction ids other than 1 are answered with theirs; _checkbw, releaseStream and FCPublish are answered", () => {
  const replay = startReplay();
  replay.session.feed(joined([client.handshake(), client.command("connect", 7, amfObject({ app: "live" }))]));
  for (const [i, name] of ["releaseStream", "FCPublish", "createStream", "_checkbw"].entries()) {
    replay.session.feed(client.command(name, 10 + i, null, "KEY"));
  }
  expect(commands(replay)).toEqual([
    "_result 7",
    "_result 10",
    "onFCPublish 0",
    "_result 11",
    "_result 12",
    "_result 13",
  ]);
});

test("media that comes before the answer to publish is kept for it", () => {
  const replay = startReplay(false);
  replay.session.feed(client.start("KEY"));
  replay.session.feed(joined([client.audio(AAC_CONFIG, 0), client.audio(AAC_FRAME, 0)]));
  expect(replay.session.state).toEqual({ is: "deciding" });
  expect(replay.publishers).toEqual([]);
});

test("more than 1 MiB before the answer to publish ends the connection, also in single bytes", () => {
  const whole = startReplay(false);
  whole.session.feed(client.start("KEY"));
  expect(() => whole.session.feed(new Uint8Array(1024 * 1024))).toThrow("too much media");
  const single = startReplay(false);
  single.session.feed(client.start("KEY"));
  let fed = 0;
  expect(() => {
    for (; fed < 1024 * 1024; fed++) single.session.feed(Uint8Array.of(0));
  }).toThrow(ProtocolError);
  expect(fed).toBeLessThan(10_000); // each piece costs more than its byte
});

test("a refused publisher is told why by BadName, and nothing more of it is read", () => {
  const replay = startReplay(false);
  replay.session.feed(client.start("KEY"));
  replay.session.refuse("This stream key is not known here.");
  expect(codes(replay)).toEqual(["NetStream.Publish.BadName"]);
  replay.session.feed(new Uint8Array(4096).fill(0xff));
  expect(replay.session.state).toEqual({ is: "refused" });
});

test("FCUnpublish and deleteStream are answered, end the publication once, and leave the connection open", () => {
  const replay = startReplay();
  replay.session.feed(client.start("KEY"));
  replay.answers();
  replay.session.feed(
    joined([client.command("FCUnpublish", 6, null, "KEY"), client.command("deleteStream", 7, null, 1)]),
  );
  expect(commands(replay)).toEqual(["onFCUnpublish 0", "_result 6", "onStatus 0"]);
  expect(replay.publishers[0]?.closed).toBe("ended");
  expect(replay.session.state).toEqual({ is: "connected" });
});

test("Wirecast's publish(false) ends, and a publish on the same connection begins anew", () => {
  const replay = startReplay();
  replay.session.feed(client.start("KEY"));
  replay.session.feed(client.publish(false));
  expect(replay.publishers[0]?.closed).toBe("ended");
  replay.session.feed(client.publish("KEY"));
  expect(replay.publishers).toHaveLength(2);
});

test("acknowledgements come by the client's window and their count restarts before 32 bits are full", () => {
  const replay = startReplay();
  replay.session.feed(client.start("KEY"));
  replay.session.feed(client.message({ is: "set-chunk-size", bytes: 0x7fffffff }));
  replay.session.feed(client.message({ is: "window-acknowledgement-size", bytes: 100_000 }));
  replay.answers();
  const frame = writeChunks(
    { chunkStream: 4, type: 8, streamId: 1, timestamp: 0, payload: new Uint8Array(8 << 20) },
    2 ** 31 - 1,
  );
  const counts: number[] = [];
  for (let sent = 0; sent < 0xf0000000 + 3 * frame.length; sent += frame.length) {
    replay.session.feed(frame);
    for (const answer of replay.answers()) if (answer.is === "acknowledgement") counts.push(answer.received);
  }
  const wrap = counts.findIndex((count, i) => i > 0 && count < (counts[i - 1] ?? 0));
  expect(counts.length).toBeGreaterThan(400);
  expect(Math.max(...counts)).toBeLessThan(0xf0000000);
  expect(wrap).toBeGreaterThan(0);
  expect(counts[wrap]).toBeLessThan(2 * frame.length);
});

test("a ping is answered with its own value", () => {
  const replay = connected();
  replay.answers();
  replay.session.feed(client.message({ is: "user-control", event: 6, values: [1234] }));
  expect(replay.answers()).toEqual([{ is: "user-control", event: 7, values: [1234] }]);
});

test("an aggregate's audio arrives as its parts", () => {
  const replay = startReplay();
  replay.session.feed(client.start("KEY"));
  const part = (tag: Uint8Array, at: number) => [
    8,
    0,
    0,
    tag.length,
    0,
    0,
    at,
    0,
    0,
    0,
    0,
    ...tag,
    0,
    0,
    0,
    0,
  ];
  const aggregate = Uint8Array.of(...part(AAC_CONFIG, 10), ...part(AAC_FRAME, 10), ...part(AAC_FRAME, 33));
  replay.session.feed(client.message({ is: "aggregate", messages: aggregate }, 1000, 1));
  expect(replay.publishers[0]?.audio.map((unit) => unit.pts / 90)).toEqual([1000, 1023]);
});

const FIRST_BYTES: readonly [name: string, byte: number, reason: string][] = [
  ["TLS", 0x16, "use rtmp:// in the encoder, or rtmps:// with its own port"],
  ["HTTP", 0x47, "an HTTP request"],
  ["RTMPE", 6, "RTMPE"],
  ["anything else", 0xaa, "the first byte is 0xaa, expected 0x03"],
];

test.each(FIRST_BYTES)("%s on the RTMP port is named in the error", (_name, byte, reason) => {
  expect(() => startReplay().session.feed(Uint8Array.of(byte, 1, 2))).toThrow(reason);
});

test("publish before connect, connect twice, publish while publishing and play end the connection", () => {
  const fresh = startReplay();
  expect(() => fresh.session.feed(joined([client.handshake(), client.publish("KEY")]))).toThrow(
    "publish before connect",
  );
  expect(() => connected().session.feed(client.connect())).toThrow("connect came twice");
  const live = startReplay();
  live.session.feed(client.start("KEY"));
  expect(() => live.session.feed(client.publish("KEY"))).toThrow("publish while publishing");
  expect(() => connected().session.feed(client.command("play", 3, null, "KEY"))).toThrow("wants to play");
});

test("before admission a message of more than 64 KiB is refused by its header", () => {
  const bytes = writeChunks(
    { chunkStream: 4, type: 9, streamId: 1, timestamp: 0, payload: new Uint8Array(70_000) },
    128,
  );
  expect(() => connected().session.feed(bytes.subarray(0, 12))).toThrow("at most 65536");
});

// reliability.md test 7: every field with every type.
const VALUES: readonly [name: string, value: AmfValue][] = [
  ["a number", 5],
  ["NaN", Number.NaN],
  ["minus zero", -0],
  ["2^53", 2 ** 53],
  ["true", true],
  ["null", null],
  ["undefined", undefined],
  ["an object", amfObject({ a: 1 })],
  ["__proto__", new Map([["__proto__", amfObject({ app: "x" })]])],
  ["an array", [1, "a", null]],
  ["a date", { dateMs: Number.NaN, zone: 0 }],
  ["XML", { xml: "<a/>" }],
  ["10,000 characters", "x".repeat(10_000)],
];

test.each(VALUES)("every command takes %s in every field", (_name, value) => {
  for (const field of ["app", "tcUrl", "flashVer", "objectEncoding"])
    connected({ app: "live", [field]: value });
  for (const name of [
    "releaseStream",
    "FCPublish",
    "createStream",
    "publish",
    "FCUnpublish",
    "deleteStream",
    "_checkbw",
    "x",
  ]) {
    for (const values of [[value], [null, value], [null, "KEY", value], [value, value, value]]) {
      expect(() => connected().session.feed(client.command(name, 3, ...values))).not.toThrow();
      const odd = client.message({ is: "metadata", values: [value, ...values] }, 0, 1);
      const live = startReplay();
      live.session.feed(client.start("KEY"));
      expect(() => live.session.feed(odd)).not.toThrow();
    }
  }
  const bare = startReplay();
  bare.session.feed(client.handshake());
  expect(() => bare.session.feed(client.command("connect", 1, value))).not.toThrow();
});
