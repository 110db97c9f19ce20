import { isDeepStrictEqual } from "node:util";
import type { FuzzTarget } from "../fuzz.js";
import { crc32 } from "./crc.js";
import { PACKET_CASES, PAT_CASES, PES_CASES, PMT_CASES } from "./mpegts.cases.js";
import { startPacketSync } from "./packet-sync.js";
import { parsePesHeader, writePesHeader } from "./pes.js";
import {
  PAT_TABLE,
  PMT_TABLE,
  parseProgramAssociation,
  parseProgramMap,
  writeProgramAssociation,
  writeProgramMap,
} from "./psi.js";
import { startSectionReader } from "./section-reader.js";
import { parseTsPacket, TS_PACKET_BYTES, writeTsPacket } from "./ts-packet.js";

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

/** Without a right length and CRC hardly an input would be read; every eighth stays as it is. */
function repaired(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 12 || bytes.length > 1024 || bytes.length % 8 === 0) return bytes;
  const section = bytes.slice();
  section[1] = 0xb0 | ((bytes.length - 3) >> 8);
  section[2] = (bytes.length - 3) & 255;
  new DataView(section.buffer).setUint32(bytes.length - 4, crc32(section.subarray(0, -4)));
  return section;
}

const packets = PACKET_CASES.map(([, bytes]) => bytes);

/** Transport packets, sections and PES headers. */
export const targets: readonly FuzzTarget[] = [
  {
    name: "ts packet",
    seeds: packets,
    run(input) {
      const packet = new Uint8Array(TS_PACKET_BYTES);
      packet.set(input.subarray(0, TS_PACKET_BYTES));
      sameAgain(packet, parseTsPacket, writeTsPacket);
    },
  },
  {
    name: "ts sections",
    seeds: [...PAT_CASES, ...PMT_CASES].map(([, bytes]) => bytes),
    run(bytes) {
      const input = repaired(bytes);
      if (input[0] === PAT_TABLE) sameAgain(input, parseProgramAssociation, writeProgramAssociation);
      else if (input[0] === PMT_TABLE) sameAgain(input, parseProgramMap, writeProgramMap);
    },
  },
  {
    name: "pes header",
    seeds: PES_CASES.map(([, bytes]) => bytes),
    run: (input) => sameAgain(input, (bytes) => parsePesHeader(bytes).header, writePesHeader),
  },
  {
    name: "ts packets and sections out of pieces",
    seeds: [new Uint8Array(Buffer.concat(packets))],
    run(input) {
      const sync = startPacketSync();
      const sections = startSectionReader();
      const piece = 1 + (input.length % 397); // in the input itself, so that a finding can be repeated
      for (let at = 0; at < input.length; at += piece) {
        sync.take(input.subarray(at, at + piece), (bytes) => {
          sections.take(parseTsPacket(bytes), (section) => {
            if (section.length < 3 || section.length > 4098)
              throw new Error(`a section of ${section.length} bytes`);
          });
        });
      }
    },
  },
];
