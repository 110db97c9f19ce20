import { MAX_PAYLOAD_BYTES, type PayloadWriter } from "./payload-writer.js";

/** RFC 6184 §5.2, table 1. */
const STAP_A = 24;
const FU_A = 28;

/** ISO/IEC 14496-10 table 7-1. */
const SEI = 6;
const AUD = 9;

const typeOf = (nal: Uint8Array) => (nal[0] ?? 0) & 0x1f;

/** The small ones before a picture share a packet: access unit delimiter, parameter sets and messages. */
const isSmallKind = (nal: Uint8Array) => typeOf(nal) >= SEI && typeOf(nal) <= AUD;

/** A keyframe's NAL units with the parameter sets in band, behind a delimiter; unchanged when they are there. */
export function h264WithParameterSets(
  nals: readonly Uint8Array[],
  parameterSets: readonly Uint8Array[],
): readonly Uint8Array[] {
  const has = (type: number) => nals.some((nal) => typeOf(nal) === type);
  const missing = parameterSets.filter((set) => set.length > 0 && !has(typeOf(set)));
  if (missing.length === 0) return nals;
  const delimiters = nals[0] !== undefined && typeOf(nals[0]) === AUD ? 1 : 0;
  return [...nals.slice(0, delimiters), ...missing, ...nals.slice(delimiters)];
}

/** RFC 6184, packetization-mode 1: NAL units as they are, small leading ones together, large ones in fragments. */
export function packetiseH264(nals: readonly Uint8Array[], out: PayloadWriter): void {
  for (let at = 0; at < nals.length; ) {
    const nal = nals[at] ?? new Uint8Array(0);
    const together = aggregable(nals, at);
    if (together > 1) writeAggregate(nals.slice(at, at + together), out);
    else if (nal.length > MAX_PAYLOAD_BYTES) writeFragments(nal, out);
    else if (nal.length > 0) {
      out.begin();
      out.bytes(nal, 0, nal.length);
      out.end();
    }
    at += together;
  }
}

/** How many NAL units from `at` on fit one STAP-A; at least 1. */
function aggregable(nals: readonly Uint8Array[], at: number): number {
  let length = 1;
  let count = 0;
  for (; at + count < nals.length; count += 1) {
    const nal = nals[at + count];
    if (nal === undefined || nal.length === 0 || !isSmallKind(nal)) break;
    length += 2 + nal.length;
    if (length > MAX_PAYLOAD_BYTES) break;
  }
  return Math.max(1, count);
}

/** RFC 6184 §5.7.1; the header's NRI is the highest of those within. */
function writeAggregate(nals: readonly Uint8Array[], out: PayloadWriter): void {
  let importance = 0;
  for (const nal of nals) importance = Math.max(importance, (nal[0] ?? 0) & 0x60);
  out.begin();
  out.u8(importance | STAP_A);
  for (const nal of nals) {
    out.u16(nal.length);
    out.bytes(nal, 0, nal.length);
  }
  out.end();
}

/** RFC 6184 §5.8. */
function writeFragments(nal: Uint8Array, out: PayloadWriter): void {
  const header = nal[0] ?? 0;
  for (let at = 1; at < nal.length; ) {
    const end = Math.min(nal.length, at + MAX_PAYLOAD_BYTES - 2);
    out.begin();
    out.u8((header & 0xe0) | FU_A);
    out.u8((at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0) | (header & 0x1f));
    out.bytes(nal, at, end);
    out.end();
    at = end;
  }
}
