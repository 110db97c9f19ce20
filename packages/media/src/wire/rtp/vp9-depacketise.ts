import { ByteReader } from "../byte-reader.js";

/** RFC 9628 §4.2, the descriptor's first byte: picture id, predicted, layers, flexible mode, begin, end, structure. */
const I = 0x80;
const P = 0x40;
const L = 0x20;
const F = 0x10;
const B = 0x08;
const E = 0x04;
const V = 0x02;

/** RFC 9628 §4.2: P_DIFF is repeated at most so often. */
const MAX_REFERENCES = 3;

/** The one VP9 frame of an access unit from all its payloads, in order. Spatial layers are not taken: we answer none. */
export function depacketiseVp9(payloads: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  payloads.forEach((payload, index) => {
    const reader = new ByteReader("vp9 rtp", payload);
    const flags = readDescriptor(reader);
    const isFirst = index === 0;
    const isLast = index === payloads.length - 1;
    if (((flags & B) !== 0) !== isFirst)
      reader.fail(isFirst ? "a frame without its beginning" : "a second frame");
    if (((flags & E) !== 0) !== isLast)
      reader.fail(isLast ? "a frame without its end" : "an end within a frame");
    const part = reader.rest();
    parts.push(part);
    bytes += part.length;
  });
  if (bytes === 0) return [];
  const frame = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return [frame];
}

/** Passes over the descriptor; gives its first byte. */
function readDescriptor(reader: ByteReader): number {
  const flags = reader.u8();
  if ((flags & I) !== 0 && (reader.u8() & 0x80) !== 0) reader.skip(1); // a picture id of 15 bits
  if ((flags & L) !== 0) {
    const layer = (reader.u8() >> 1) & 7;
    if (layer > 0) reader.fail(`spatial layer ${layer}, expected none`);
    if ((flags & F) === 0) reader.skip(1); // TL0PICIDX
  }
  if ((flags & F) !== 0 && (flags & P) !== 0) {
    let count = 1;
    while ((reader.u8() & 1) !== 0) {
      count += 1;
      if (count > MAX_REFERENCES) reader.fail(`more than ${MAX_REFERENCES} references`);
    }
  }
  if ((flags & V) !== 0) skipStructure(reader);
  return flags;
}

/** RFC 9628 §4.2.1. */
function skipStructure(reader: ByteReader): void {
  const flags = reader.u8();
  const layers = (flags >> 5) + 1;
  if ((flags & 0x10) !== 0) reader.skip(4 * layers); // width and height of each
  if ((flags & 0x08) === 0) return;
  for (let pictures = reader.u8(); pictures > 0; pictures -= 1) {
    const references = (reader.u8() >> 2) & 3;
    reader.skip(references);
  }
}
