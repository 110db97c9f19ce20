import { MAX_PAYLOAD_BYTES, type PayloadWriter } from "./payload-writer.js";

/** RFC 7798 §4.4.2, §4.4.3. */
const AGGREGATION = 48;
const FRAGMENTATION = 49;

/** ITU-T H.265 table 7-1: VPS, SPS, PPS, delimiter, end of sequence, end of bitstream, filler, prefix SEI. */
const FIRST_SMALL = 32;
const AUD = 35;
const LAST_SMALL = 39;

const typeOf = (nal: Uint8Array) => ((nal[0] ?? 0) >> 1) & 0x3f;
const isSmallKind = (nal: Uint8Array) => typeOf(nal) >= FIRST_SMALL && typeOf(nal) <= LAST_SMALL;

/** A keyframe's NAL units with VPS, SPS and PPS in band, behind a delimiter; unchanged when they are there. */
export function h265WithParameterSets(
  nals: readonly Uint8Array[],
  parameterSets: readonly Uint8Array[],
): readonly Uint8Array[] {
  const has = (type: number) => nals.some((nal) => typeOf(nal) === type);
  const missing = parameterSets.filter((set) => set.length > 1 && !has(typeOf(set)));
  if (missing.length === 0) return nals;
  const delimiters = nals[0] !== undefined && typeOf(nals[0]) === AUD ? 1 : 0;
  return [...nals.slice(0, delimiters), ...missing, ...nals.slice(delimiters)];
}

/** RFC 7798 without decoding order numbers (sprop-max-don-diff 0). */
export function packetiseH265(nals: readonly Uint8Array[], out: PayloadWriter): void {
  for (let at = 0; at < nals.length; ) {
    const nal = nals[at] ?? new Uint8Array(0);
    const together = aggregable(nals, at);
    if (together > 1) writeAggregate(nals.slice(at, at + together), out);
    else if (nal.length > MAX_PAYLOAD_BYTES) writeFragments(nal, out);
    else if (nal.length > 2) {
      out.begin();
      out.bytes(nal, 0, nal.length);
      out.end();
    }
    at += together;
  }
}

function aggregable(nals: readonly Uint8Array[], at: number): number {
  let length = 2;
  let count = 0;
  for (; at + count < nals.length; count += 1) {
    const nal = nals[at + count];
    if (nal === undefined || nal.length <= 2 || !isSmallKind(nal)) break;
    length += 2 + nal.length;
    if (length > MAX_PAYLOAD_BYTES) break;
  }
  return Math.max(1, count);
}

/** RFC 7798 §4.4.2: layer and temporal id are the lowest of those within. */
function writeAggregate(nals: readonly Uint8Array[], out: PayloadWriter): void {
  let layer = 63;
  let temporal = 7;
  for (const nal of nals) {
    layer = Math.min(layer, (((nal[0] ?? 0) & 1) << 5) | ((nal[1] ?? 0) >> 3));
    temporal = Math.min(temporal, (nal[1] ?? 0) & 7);
  }
  out.begin();
  out.u8((AGGREGATION << 1) | (layer >> 5));
  out.u8(((layer & 0x1f) << 3) | temporal);
  for (const nal of nals) {
    out.u16(nal.length);
    out.bytes(nal, 0, nal.length);
  }
  out.end();
}

/** RFC 7798 §4.4.3. */
function writeFragments(nal: Uint8Array, out: PayloadWriter): void {
  for (let at = 2; at < nal.length; ) {
    const end = Math.min(nal.length, at + MAX_PAYLOAD_BYTES - 3);
    out.begin();
    out.u8(((nal[0] ?? 0) & 0x81) | (FRAGMENTATION << 1));
    out.u8(nal[1] ?? 0);
    out.u8((at === 2 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0) | typeOf(nal));
    out.bytes(nal, at, end);
    out.end();
    at = end;
  }
}
