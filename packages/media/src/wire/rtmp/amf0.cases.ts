import { fromHex } from "../hex.js";
import { type AmfValue, amfObject } from "./amf0.js";

/** Every type of AMF 0, in the bytes of its specification. */
export const AMF0_CASES: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  values: readonly AmfValue[],
])[] = [
  ["nothing", fromHex(""), []],
  ["a number", fromHex("00 4059000000000000"), [100]],
  ["minus zero and 2^53", fromHex("00 8000000000000000 00 4340000000000000"), [-0, 2 ** 53]],
  ["not a number", fromHex("00 7ff8000000000000"), [Number.NaN]],
  ["booleans", fromHex("01 01 01 00"), [true, false]],
  ["a string", fromHex("02 0007 636f6e6e656374"), ["connect"]],
  ["an empty string", fromHex("02 0000"), [""]],
  ["null and undefined", fromHex("05 06"), [null, undefined]],
  ["an object", fromHex("03 0003 617070 02 0004 6c697665 0000 09"), [amfObject({ app: "live" })]],
  [
    "an object with the key __proto__",
    fromHex("03 0009 5f5f70726f746f5f5f 05 0000 09"),
    [new Map([["__proto__", null]])],
  ],
  ["an ECMA array", fromHex("08 00000001 0001 61 01 01 0000 09"), [{ ecmaArray: amfObject({ a: true }) }]],
  ["a strict array", fromHex("0a 00000002 05 02 0001 61"), [[null, "a"]]],
  ["a date", fromHex("0b 4059000000000000 0000"), [{ dateMs: 100, zone: 0 }]],
  ["an XML document", fromHex("0f 00000004 3c612f3e"), [{ xml: "<a/>" }]],
  [
    "a typed object",
    fromHex("10 0001 43 0001 61 05 0000 09"),
    [{ className: "C", fields: amfObject({ a: null }) }],
  ],
  [
    "objects inside each other",
    fromHex("03 0001 61 03 0001 62 08 00000000 0000 09 0000 09 0000 09"),
    [amfObject({ a: amfObject({ b: { ecmaArray: new Map() } }) })],
  ],
];
