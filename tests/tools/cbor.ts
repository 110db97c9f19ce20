/** What an authenticator has to say: numbers, bytes, text and maps of them (RFC 8949). */
export type CborValue = number | string | Uint8Array | ReadonlyMap<number | string, CborValue>;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, map: 5 } as const;

/** Writes a value in CBOR's deterministic form (RFC 8949 §4.2.1); a map's keys are taken in the order given. */
export function writeCbor(value: CborValue): Buffer {
  if (typeof value === "number") {
    return value < 0 ? head(MAJOR.negative, -1 - value) : head(MAJOR.unsigned, value);
  }
  if (typeof value === "string") {
    const text = Buffer.from(value, "utf8");
    return Buffer.concat([head(MAJOR.text, text.length), text]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(MAJOR.bytes, value.length), value]);
  const pairs = [...value].flatMap(([key, one]) => [writeCbor(key), writeCbor(one)]);
  return Buffer.concat([head(MAJOR.map, value.size), ...pairs]);
}

/** RFC 8949 §3: the major type in three bits, then the argument in the fewest bytes. */
function head(major: number, argument: number): Buffer {
  const type = major << 5;
  if (argument < 24) return Buffer.of(type | argument);
  if (argument < 0x100) return Buffer.of(type | 24, argument);
  if (argument < 0x1_0000) return Buffer.of(type | 25, argument >> 8, argument & 0xff);
  throw new Error(`no authenticator says anything as long as ${argument}`);
}
