import { isDeepStrictEqual } from "node:util";
import type { FuzzTarget } from "../fuzz.js";
import { AMF0_CASES } from "./amf0.cases.js";
import { parseAmf0, writeAmf0 } from "./amf0.js";
import { parseAudioTag, parseMultichannelConfig, writeAudioTag } from "./audio-tag.js";
import { ChunkReader } from "./chunk-reader.js";
import { writeChunks } from "./chunk-writer.js";
import { answerHandshake, HANDSHAKE_BYTES, writeC1 } from "./handshake.js";
import { AGGREGATE, MESSAGE_CASES } from "./message.cases.js";
import { parseAggregate, parseMessage, writeMessage } from "./message.js";
import { AUDIO_TAGS, VIDEO_TAGS } from "./tags.cases.js";
import { parseVideoTag, writeVideoTag } from "./video-tag.js";

/** Parse → write → parse must give the same value (reliability.md test 2). */
function sameAgain<T>(
  input: Uint8Array,
  parse: (bytes: Uint8Array) => T,
  write: (value: T) => Uint8Array,
): void {
  const value = parse(input);
  const again = parse(write(value));
  if (!isDeepStrictEqual(again, value))
    throw new Error(`written differently: ${JSON.stringify([value, again])}`);
}

const counted = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i & 255);

const someChunks = Buffer.concat(
  MESSAGE_CASES.map(([, type, payload], i) =>
    writeChunks({ chunkStream: 3 + i * 30, type, streamId: 1, timestamp: i * 0x400000, payload }, 128),
  ),
);
const longChunks = writeChunks(
  { chunkStream: 6, type: 9, streamId: 1, timestamp: 0x1000000, payload: counted(500) },
  128,
);

/** The chunk layer, messages, AMF 0, the handshake, and audio and video tags. */
export const targets: readonly FuzzTarget[] = [
  {
    name: "amf0",
    seeds: AMF0_CASES.map(([, bytes]) => bytes),
    run: (input) => sameAgain(input, parseAmf0, writeAmf0),
  },
  {
    name: "rtmp message",
    // the first byte is the type
    seeds: MESSAGE_CASES.map(([, type, bytes]) => Uint8Array.of(type, ...bytes)),
    run(input) {
      const message = parseMessage(input[0] ?? 0, input.subarray(1));
      const { type, payload } = writeMessage(message);
      const again = parseMessage(type, payload);
      if (!isDeepStrictEqual(again, message)) throw new Error("written differently");
    },
  },
  { name: "rtmp aggregate", seeds: [AGGREGATE], run: (input) => void parseAggregate(input) },
  {
    name: "rtmp video tag",
    seeds: VIDEO_TAGS.map(([, bytes]) => bytes),
    run: (input) => sameAgain(input, parseVideoTag, writeVideoTag),
  },
  {
    name: "rtmp audio tag",
    seeds: AUDIO_TAGS.map(([, bytes]) => bytes),
    run: (input) => sameAgain(input, parseAudioTag, writeAudioTag),
  },
  {
    name: "multichannel config",
    seeds: [Uint8Array.of(1, 6, 0, 0, 0, 63)],
    run: (input) => void parseMultichannelConfig(input),
  },
  {
    name: "rtmp chunks",
    seeds: [someChunks, longChunks],
    run(input) {
      const reader = new ChunkReader(64 * 1024);
      // the pieces' length is in the input itself, so that a finding can be repeated
      const piece = 1 + (input.length % 97);
      for (let at = 0; at < input.length; at += piece) {
        reader.push(input.subarray(at, at + piece));
        for (let message = reader.next(); message !== null; message = reader.next()) {
          if (message.payload.length > 64 * 1024) throw new Error("a message above the limit");
          if (message.type === 1 && message.payload.length >= 4)
            reader.chunkSize = 1 + (message.payload[3] ?? 0);
        }
      }
      if (reader.waiting > 32) throw new Error(`${reader.waiting} bytes wait though a header has at most 18`);
    },
  },
  {
    name: "rtmp handshake",
    seeds: [null, 0 as const, 1 as const].map((signed) => writeC1(counted, signed)),
    run(input) {
      const c1 = new Uint8Array(HANDSHAKE_BYTES);
      c1.set(input.subarray(0, HANDSHAKE_BYTES));
      if (answerHandshake(c1, counted).length !== 1 + 2 * HANDSHAKE_BYTES)
        throw new Error("an answer of another length");
    },
  },
];
