import { expect, test } from "vitest";
import { mulberry32 } from "../fuzz.js";
import { fromHex } from "../hex.js";
import { ProtocolError } from "../protocol-error.js";
import { ChunkReader, type RawMessage } from "./chunk-reader.js";
import { type OutgoingMessage, writeChunks } from "./chunk-writer.js";

const LIMIT = 10 * 1024 * 1024;

function readAll(bytes: Uint8Array, pieces: (left: number) => number, chunkSize = 128): RawMessage[] {
  const reader = new ChunkReader(LIMIT);
  reader.chunkSize = chunkSize;
  const messages: RawMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const piece = pieces(bytes.length - at);
    reader.push(bytes.subarray(at, at + piece));
    at += piece;
    for (let message = reader.next(); message !== null; message = reader.next()) messages.push(message);
  }
  return messages;
}

const counted = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) & 255);

const MESSAGES: OutgoingMessage[] = [
  { chunkStream: 2, type: 1, streamId: 0, timestamp: 0, payload: counted(4) },
  { chunkStream: 3, type: 20, streamId: 0, timestamp: 5, payload: counted(0) },
  { chunkStream: 63, type: 8, streamId: 1, timestamp: 0xfffffe, payload: counted(127) },
  { chunkStream: 64, type: 9, streamId: 1, timestamp: 0xffffff, payload: counted(128) },
  { chunkStream: 319, type: 9, streamId: 1, timestamp: 0x1000000, payload: counted(129) },
  { chunkStream: 320, type: 9, streamId: 0x1020304, timestamp: 0xffffffff, payload: counted(1000) },
  { chunkStream: 65599, type: 9, streamId: 1, timestamp: 1, payload: counted(70_000) },
];

test("what is written is read again, in whatever pieces it comes", () => {
  const bytes = Buffer.concat(MESSAGES.map((message) => writeChunks(message, 128)));
  const random = mulberry32(9);
  for (const pieces of [() => 1, (left: number) => left, () => 1 + Math.floor(random() * 300)]) {
    const told = ({ payload, ...rest }: OutgoingMessage) => ({
      ...rest,
      hex: Buffer.from(payload).toString("hex"),
    });
    expect(readAll(bytes, pieces).map(told)).toEqual(MESSAGES.map(told));
  }
});

test("interleaved messages are put together, headers of type 1, 2 and 3 take what they leave out from before", () => {
  const bytes = fromHex(
    `04 000010 000003 08 01000000 aabbcc
     06 000010 000082 09 01000000 ${"11".repeat(128)}
     44 000017 000002 08 dddd
     c6 2222
     84 000018 eeee
     c4 ffff`,
  );
  const seen = readAll(bytes, () => 1).map((m) => [m.chunkStream, m.timestamp, m.payload.length, m.streamId]);
  expect(seen).toEqual([
    [4, 16, 3, 1],
    [4, 39, 2, 1],
    [6, 16, 130, 1],
    [4, 63, 2, 1],
    [4, 87, 2, 1],
  ]);
});

test("a type 3 chunk that begins a message after a type 0 adds its time stamp only when that is believable", () => {
  expect(readAll(fromHex("04 000017 000001 08 01000000 aa c4 bb"), () => 1).map((m) => m.timestamp)).toEqual([
    23, 46,
  ]);
  expect(readAll(fromHex("04 0186a0 000001 08 01000000 aa c4 bb"), () => 1).map((m) => m.timestamp)).toEqual([
    1e5, 1e5,
  ]);
});

test("an extended time stamp may be repeated in type 3 chunks or not", () => {
  const head = "06 ffffff 000084 09 01000000 01000000";
  const payload = "5a".repeat(128);
  for (const rest of ["c6 01000000 11223344", "c6 11223344"]) {
    for (const pieces of [() => 1, () => 1000]) {
      const [message] = readAll(fromHex(`${head} ${payload} ${rest}`), pieces);
      expect(message?.timestamp).toBe(0x1000000);
      expect(message?.payload.subarray(128)).toEqual(fromHex("11223344"));
    }
  }
});

test("a fresh chunk stream may begin with type 1, not with type 3", () => {
  expect(readAll(fromHex("42 000000 000001 04 aa"), () => 1)).toHaveLength(1);
  expect(() => readAll(fromHex("c5 00"), () => 1)).toThrow("begins without a header");
});

test("an aborted message is thrown away and the next on its chunk stream read from its beginning", () => {
  const reader = new ChunkReader(LIMIT);
  reader.push(fromHex(`06 000000 000100 09 01000000 ${"11".repeat(128)}`));
  expect(reader.next()).toBeNull();
  reader.abort(6);
  reader.push(fromHex("06 000000 000002 09 01000000 aabb"));
  expect(reader.next()?.payload).toEqual(fromHex("aabb"));
});

test("a message longer than the limit is refused by its header alone", () => {
  const reader = new ChunkReader(64 * 1024);
  reader.push(fromHex("06 000000 010001 09 01000000"));
  expect(() => reader.next()).toThrow("a message of 65537 bytes, at most 65536 are allowed here");
});

test("more than 64 chunk streams, or 8 messages begun at once, are refused", () => {
  const reader = new ChunkReader(LIMIT);
  const begun = (id: number) =>
    fromHex(`${id.toString(16).padStart(2, "0")} 000000 000fff 09 01000000 ${"00".repeat(128)}`);
  for (let id = 3; id < 11; id++) reader.push(begun(id));
  expect(reader.next()).toBeNull();
  reader.push(begun(11));
  expect(() => reader.next()).toThrow(ProtocolError);

  const many = new ChunkReader(LIMIT);
  for (let id = 0; id < 65; id++) {
    many.push(
      writeChunks({ chunkStream: 3 + id, type: 8, streamId: 1, timestamp: 0, payload: counted(1) }, 128),
    );
  }
  expect(() => {
    while (many.next() !== null);
  }).toThrow("more than 64 chunk streams");
});

test("announced lengths cost nothing: eight times 10 MiB announced take less than 4 x what came + 1 MB", () => {
  const readers: ChunkReader[] = [];
  const before = process.memoryUsage();
  let sent = 0;
  for (let n = 0; n < 100; n++) {
    const reader = new ChunkReader(LIMIT);
    for (let id = 3; id < 11; id++) {
      const bytes = fromHex(`${id.toString(16).padStart(2, "0")} 000000 a00000 09 01000000 00`);
      sent += bytes.length;
      reader.push(bytes);
      reader.next();
    }
    readers.push(reader);
  }
  const after = process.memoryUsage();
  const grown = after.arrayBuffers - before.arrayBuffers;
  expect(grown).toBeLessThan(4 * sent + 1024 * 1024 + readers.length * 17 * 1024); // 16 KiB are free per connection
});

test("a frame on a connection that has already sent as much is copied once, into memory of its own", () => {
  const reader = new ChunkReader(LIMIT);
  reader.chunkSize = 65536;
  for (let n = 0; n < 4; n++) {
    const frame = counted(200_000);
    const bytes = writeChunks({ chunkStream: 6, type: 9, streamId: 1, timestamp: n, payload: frame }, 65536);
    let message: RawMessage | null = null;
    for (let at = 0; at < bytes.length; at += 65536) {
      reader.push(bytes.subarray(at, at + 65536));
      message = reader.next();
    }
    expect(Buffer.compare(message?.payload ?? counted(0), frame)).toBe(0);
    if (n > 0) expect(message?.payload.buffer.byteLength).toBe(200_000);
  }
});
