import { ByteReader } from "../byte-reader.js";
import { splitObus } from "../codecs/av1.js";
import { ProtocolError } from "../protocol-error.js";

/** Aggregation header, AV1 RTP §4.4. */
const Z = 0x80;
const Y = 0x40;

const MAX_OBUS = 1024;

/**
 * The OBUs of one temporal unit from all its payloads, in order, without size fields (AV1 RTP §4). Temporal delimiters,
 * padding and tile lists are left out.
 */
export function depacketiseAv1(payloads: readonly Uint8Array[]): Uint8Array[] {
  const obus: Uint8Array[] = [];
  let open: Uint8Array[] | null = null;

  const finish = (parts: readonly Uint8Array[]) => {
    const [only, ...more] = parts;
    if (only === undefined) return;
    const element = more.length === 0 ? only : new Uint8Array(Buffer.concat(parts));
    if (element.length > 0) obus.push(...splitObus(element)); // some senders leave the size field in
    if (obus.length > MAX_OBUS) throw new ProtocolError("av1 rtp", `more than ${MAX_OBUS} OBUs in a picture`);
  };

  for (const payload of payloads) {
    const reader = new ByteReader("av1 rtp", payload);
    const flags = reader.u8();
    const continues = (flags & Z) !== 0;
    if (continues !== (open !== null)) {
      reader.fail(continues ? "an OBU without its beginning" : "an OBU begins before the one before it ends");
    }
    const elements = readElements(reader, (flags >> 4) & 3);
    elements.forEach((element, index) => {
      const parts: Uint8Array[] = index === 0 && open !== null ? open : [];
      parts.push(element);
      open = index === elements.length - 1 && (flags & Y) !== 0 ? parts : null;
      if (open === null) finish(parts);
    });
  }
  if (open !== null) throw new ProtocolError("av1 rtp", "the picture ends within an OBU");
  return obus;
}

/** `counted` is W: 0 when every element has its length, else their number, and the last one has none. */
function readElements(reader: ByteReader, counted: number): Uint8Array[] {
  const elements: Uint8Array[] = [];
  if (reader.left === 0) reader.fail("a packet without OBUs");
  while (reader.left > 0) {
    const isLast = counted > 0 && elements.length === counted - 1;
    elements.push(isLast ? reader.rest() : reader.slice(leb128(reader)));
  }
  if (counted > 0 && elements.length !== counted) {
    reader.fail(`${elements.length} OBU elements, expected ${counted}`);
  }
  return elements;
}

/** AV1 §4.10.5; a packet's element has a length of two bytes at most, three are padding nobody needs. */
function leb128(reader: ByteReader): number {
  let value = 0;
  for (let at = 0; at < 3; at += 1) {
    const byte = reader.u8();
    value += (byte & 0x7f) * 2 ** (7 * at);
    if ((byte & 0x80) === 0) return value;
  }
  return reader.fail("a length of more than three bytes");
}
