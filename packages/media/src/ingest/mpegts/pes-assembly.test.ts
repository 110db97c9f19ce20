import { expect, test } from "vitest";
import { parseTsPacket, TS_PACKET_BYTES, type TsPacket } from "../../wire/mpegts/ts-packet.js";
import { type Pes, startPesAssembly } from "./pes-assembly.js";
import { type PesOptions, STAMPED_HEADER_BYTES, startTsWriter } from "./ts-writer.js";

const PID = 0x100;

/** An assembly, a writer for it, and what came out. */
function start() {
  const writer = startTsWriter();
  const done: Pes[] = [];
  const skipped: string[] = [];
  const assembly = startPesAssembly({
    pes: (pes) => done.push(pes),
    skipped: (reason) => skipped.push(reason),
    gap: () => undefined,
  });
  let sent = 0;
  /** A frame of so many bytes, each of which is the frame's number. */
  const packetsOf = (bytes: number, options?: PesOptions): TsPacket[] => {
    const stream = writer.pes(PID, 3600 * sent, new Uint8Array(bytes).fill(++sent), options);
    return packets(stream);
  };
  const send = (bytes: number, options?: PesOptions) => {
    for (const packet of packetsOf(bytes, options)) assembly.take(packet);
  };
  /** Enough stuffed frames for trust. */
  const earnTrust = () => {
    for (let n = 0; n < 9; n++) send(1000);
  };
  return { assembly, done, skipped, packetsOf, send, earnTrust };
}

function packets(stream: Uint8Array): TsPacket[] {
  return Array.from({ length: stream.length / TS_PACKET_BYTES }, (_, n) =>
    parseTsPacket(stream.subarray(n * TS_PACKET_BYTES, (n + 1) * TS_PACKET_BYTES)),
  );
}

/** Fills its last packet to the end. */
const EXACT = 5 * 184 - STAMPED_HEADER_BYTES;

test("a PES whose length is said is given away with its last byte", () => {
  const { done, send } = start();
  send(1000, { isSized: true });
  expect(done).toMatchObject([{ endedBy: "length", header: { pts: 0 }, payload: { length: 1000 } }]);
  send(EXACT, { isSized: true });
  expect(done.map(({ payload }) => payload.length)).toEqual([1000, EXACT]);
});

test("stuffing is an end only after it has been right eight times", () => {
  const { done, send } = start();
  for (let n = 0; n < 12; n++) send(1000);
  expect(done.map(({ endedBy }) => endedBy)).toEqual([
    ...new Array<string>(8).fill("next"),
    ...new Array<string>(4).fill("stuffing"),
  ]);
  expect(done.every(({ payload }, n) => payload.length === 1000 && payload.every((b) => b === n + 1))).toBe(
    true,
  );
});

test("trust is also earned by PES whose length is said", () => {
  const { done, send } = start();
  for (let n = 0; n < 8; n++) send(1000, { isSized: true });
  send(70_000);
  expect(done.map(({ endedBy }) => endedBy)).toEqual([...new Array<string>(8).fill("length"), "stuffing"]);
});

test("a frame that fills its last packet waits for the next one, and is no contradiction", () => {
  const { done, send, earnTrust } = start();
  earnTrust();
  send(EXACT);
  expect(done).toHaveLength(9);
  send(1000);
  expect(done.slice(8).map(({ endedBy }) => endedBy)).toEqual(["stuffing", "next", "stuffing"]);
});

test("one stuffed packet in the middle of a frame, and stuffing is never believed again", () => {
  const { done, skipped, send, earnTrust } = start();
  for (let n = 0; n < 4; n++) send(1000);
  send(1000, { stuffEarly: 2 });
  earnTrust();
  send(1000);
  expect(done.every(({ endedBy, payload }) => endedBy === "next" && payload.length === 1000)).toBe(true);
  expect(done).toHaveLength(14);
  expect(skipped).toEqual([]);
});

test("a sender that turns to stuffing early costs one frame's rest, which is told", () => {
  const { done, skipped, send, earnTrust } = start();
  earnTrust();
  send(1000, { stuffEarly: 2 });
  expect(skipped).toEqual(["it went on after it had seemed to end: its rest is left out"]);
  for (let n = 0; n < 12; n++) send(1000);
  expect(done.slice(10).every(({ endedBy, payload }) => endedBy === "next" && payload.length === 1000)).toBe(
    true,
  );
});

test("once short messages have always ended frames they end those that fill their last packet", () => {
  const { assembly, done, send } = start();
  for (let n = 0; n < 17; n++) {
    send(1000);
    assembly.messageEnds();
  }
  expect(done.at(-1)?.endedBy).toBe("stuffing");
  send(EXACT);
  expect(done).toHaveLength(17);
  assembly.messageEnds();
  expect(done.at(-1)).toMatchObject({ endedBy: "message", payload: { length: EXACT } });
});

test("a short message in the middle of a frame, and messages are never believed again", () => {
  const { assembly, done, packetsOf, send } = start();
  for (let n = 0; n < 17; n++) {
    send(1000);
    assembly.messageEnds();
  }
  const [first, ...others] = packetsOf(1000);
  if (first === undefined) throw new Error("a frame has packets");
  assembly.take(first);
  // Trusted by now: the frame is cut here, once.
  assembly.messageEnds();
  expect(done.at(-1)?.endedBy).toBe("message");
  for (const packet of others) assembly.take(packet);
  send(EXACT);
  assembly.messageEnds();
  expect(done.at(-1)?.endedBy).toBe("message");
  send(1000);
  expect(done.slice(-2).map(({ endedBy }) => endedBy)).toEqual(["next", "stuffing"]);
});

test("a missing packet leaves out the frame that it was of, and no other", () => {
  const { assembly, done, skipped, packetsOf, send } = start();
  send(1000);
  for (const [n, packet] of packetsOf(1000).entries()) if (n !== 3) assembly.take(packet);
  send(1000);
  send(1000);
  assembly.end();
  expect(done.map(({ payload }) => payload[0])).toEqual([1, 3, 4]);
  expect(skipped).toEqual(["packets are missing in the middle of it"]);
});

test("sixteen missing packets are told by nothing but the loss: it leaves out what was begun", () => {
  const { assembly, done, skipped, packetsOf, send } = start();
  send(1000);
  const long = packetsOf(30 * 184);
  for (const packet of long.slice(0, 5)) assembly.take(packet);
  assembly.lost();
  for (const packet of long.slice(21)) assembly.take(packet);
  send(1000);
  assembly.end();
  expect(done.map(({ payload }) => payload[0])).toEqual([1, 3]);
  expect(skipped).toEqual(["bytes were lost on the way"]);
});

test("a counter that has gone once around is a loss, the same packet twice is none", () => {
  const { assembly, done, skipped, packetsOf } = start();
  for (const packet of packetsOf(1000)) {
    assembly.take(packet);
    assembly.take(packet);
  }
  for (const [n, packet] of packetsOf(30 * 184).entries()) {
    packet.payload?.fill(n, 20);
    if (n < 4 || n >= 19) assembly.take(packet);
  }
  assembly.end();
  expect(done).toMatchObject([{ payload: { length: 1000 } }]);
  expect(skipped).toHaveLength(1);
});

test("a counter may jump where the sender says so", () => {
  const { assembly, done, skipped, send, packetsOf } = start();
  send(1000);
  const [first, ...others] = packetsOf(1000, { isRandomAccess: true });
  if (first?.adaptation == null) throw new Error("the first packet has an adaptation field");
  const adaptation = { ...first.adaptation, isDiscontinuity: true };
  assembly.take({ ...first, adaptation, continuity: (first.continuity + 7) & 15 });
  for (const packet of others) assembly.take({ ...packet, continuity: (packet.continuity + 7) & 15 });
  assembly.end();
  expect(done.map(({ isRandomAccess }) => isRandomAccess)).toEqual([false, true]);
  expect(skipped).toEqual([]);
});

test("a PES that never ends is left out at 8 MiB, and one that lacks its end when the stream does", () => {
  const { assembly, done, skipped, send, packetsOf } = start();
  send(9 * 1024 * 1024);
  expect(skipped).toEqual([`it has more than ${8 * 1024 * 1024} bytes`]);
  for (const packet of packetsOf(1000, { isSized: true }).slice(0, -1)) assembly.take(packet);
  assembly.end();
  expect(skipped.at(-1)).toContain("not whole");
  expect(done).toEqual([]);
});

test("the stream's last PES is given away where it looks whole, and left out where packets of it are missing", () => {
  const untold = start();
  untold.send(EXACT);
  untold.assembly.end(); // nothing is known of how this sender ends a PES
  expect(untold.done).toMatchObject([{ endedBy: "end", payload: { length: EXACT } }]);

  const broken = start();
  broken.earnTrust();
  for (const packet of broken.packetsOf(1000).slice(0, -2)) broken.assembly.take(packet);
  broken.assembly.end();
  expect(broken.done).toHaveLength(9);

  const flushed = start();
  flushed.earnTrust();
  flushed.send(EXACT);
  flushed.assembly.messageEnds();
  flushed.assembly.end();
  expect(flushed.done).toMatchObject({ 9: { endedBy: "end", payload: { length: EXACT } } });
});

test("what is given away is not written over by what follows", () => {
  const { done, send } = start();
  for (let n = 0; n < 20; n++) send(500 + n);
  expect(done.every(({ payload }, n) => payload.every((byte) => byte === n + 1))).toBe(true);
});
