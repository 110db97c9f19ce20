import type { PayloadWriter } from "./payload-writer.js";

/** AV1 bitstream specification §6.2.2. */
const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const TILE_LIST = 8;

/** Aggregation header, AV1 RTP §4.4: continues the packet before, goes on in the next, starts a coded sequence. */
const Z = 0x80;
const Y = 0x40;
const N = 0x08;

/** A length of one byte and a byte of content. */
const LEAST_ELEMENT = 2;

const typeOf = (obu: Uint8Array) => ((obu[0] ?? 0) >> 3) & 0x0f;

/** A keyframe's OBUs with the sequence header in band; unchanged when it is there. */
export function av1WithParameterSets(
  obus: readonly Uint8Array[],
  parameterSets: readonly Uint8Array[],
): readonly Uint8Array[] {
  if (obus.some((obu) => typeOf(obu) === SEQUENCE_HEADER)) return obus;
  return [...parameterSets, ...obus];
}

/**
 * AV1 RTP §4: the OBUs of one temporal unit as one chain of packets. Each packet is filled before the next begins,
 * because libwebrtc takes a packet whose first element does not continue one as a new frame. Every element carries its
 * length (W = 0). §5: temporal delimiters and tile lists are left out.
 */
export function packetiseAv1(obus: readonly Uint8Array[], isKeyframe: boolean, out: PayloadWriter): void {
  const sent = obus.filter(
    (obu) => obu.length > 0 && typeOf(obu) !== TEMPORAL_DELIMITER && typeOf(obu) !== TILE_LIST,
  );
  if (sent.length === 0) return;
  out.begin();
  out.u8(isKeyframe ? N : 0);
  sent.forEach((obu, index) => {
    const isLast = index === sent.length - 1;
    for (let at = 0; at < obu.length; ) {
      let length = elementLength(obu.length - at, out.room);
      const after = out.room - length - (length > 127 ? 2 : 1);
      // An OBU that would end with its packet leaves a byte for the next one, which then does not begin with Z = 0.
      if (!isLast && at + length === obu.length && after < LEAST_ELEMENT && length > 1) length -= 1;
      writeLeb128(length, out);
      out.bytes(obu, at, at + length);
      at += length;
      if (at === obu.length && (isLast || out.room >= LEAST_ELEMENT)) continue;
      const continues = at < obu.length;
      if (continues) out.orFirst(Y);
      out.end();
      out.begin();
      out.u8(continues ? Z : 0);
    }
  });
  out.end();
}

/** As much as fits behind its own length, which takes one byte up to 127 and two above. */
function elementLength(left: number, room: number): number {
  if (left <= 127) return Math.min(left, room - 1);
  return room - 2 <= 127 ? Math.min(127, room - 1) : Math.min(left, room - 2);
}

function writeLeb128(value: number, out: PayloadWriter): void {
  if (value > 127) {
    out.u8((value & 0x7f) | 0x80);
    out.u8(value >> 7);
  } else {
    out.u8(value);
  }
}
