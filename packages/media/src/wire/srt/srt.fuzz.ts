import { isDeepStrictEqual } from "node:util";
import type { FuzzTarget } from "../fuzz.js";
import { parseCapabilities, parseText, writeCapabilities, writeText } from "./extensions.js";
import { CAPABILITIES_CASE, HANDSHAKE_CASES, KEY_MATERIAL_CASES, TEXT_CASES } from "./handshake.cases.js";
import { parseHandshake, writeHandshake } from "./handshake.js";
import { parseKeyMaterial, writeKeyMaterial } from "./key-material.js";
import { PACKET_CASES } from "./packet.cases.js";
import { parseSrtPacket, writeSrtPacket } from "./packet.js";

/** A parser whose every value is written and read again as the same (reliability.md test 2). */
function both<T>(
  name: string,
  seeds: readonly Uint8Array[],
  parse: (bytes: Uint8Array) => T,
  write: (value: T) => Uint8Array,
): FuzzTarget {
  return {
    name,
    seeds,
    run(input) {
      const value = parse(input);
      const again = parse(write(value));
      if (!isDeepStrictEqual(again, value))
        throw new Error(`written differently: ${JSON.stringify([value, again])}`);
    },
  };
}

/** All parsers of SRT. */
export const targets: readonly FuzzTarget[] = [
  both(
    "srt packet",
    PACKET_CASES.map(([, bytes]) => bytes),
    parseSrtPacket,
    writeSrtPacket,
  ),
  both(
    "srt handshake",
    HANDSHAKE_CASES.map(([, bytes]) => bytes),
    parseHandshake,
    writeHandshake,
  ),
  both(
    "srt key material",
    KEY_MATERIAL_CASES.map(([, bytes]) => bytes),
    parseKeyMaterial,
    writeKeyMaterial,
  ),
  both("srt capabilities", [CAPABILITIES_CASE[0]], parseCapabilities, writeCapabilities),
  both(
    "srt text",
    TEXT_CASES.map(([bytes]) => bytes),
    parseText,
    writeText,
  ),
];
