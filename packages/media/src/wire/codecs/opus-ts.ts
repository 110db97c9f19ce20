import { ByteReader } from "../byte-reader.js";

/** An Opus packet of a transport stream with its control header ("Encapsulation of Opus in MPEG-2 TS", opus_access_unit). */
export type OpusTsUnit = {
  readonly packet: Uint8Array;
  /** Samples at 48 kHz to be thrown away at the packet's start; null when it is not said. */
  readonly startTrim: number | null;
  /** The same at its end. */
  readonly endTrim: number | null;
};

/** What a programme's table says of an Opus track. */
export const OPUS_REGISTRATION = 0x4f707573; // "Opus"

/** A PES holds some 100 ms; a peer that writes thousands of empty packets only costs objects. */
const MAX_UNITS = 256;

/** Takes a PES apart into its Opus packets. */
export function parseOpusTs(bytes: Uint8Array): OpusTsUnit[] {
  const reader = new ByteReader("opus in ts", bytes);
  const units: OpusTsUnit[] = [];
  while (reader.left > 0) {
    if (units.length >= MAX_UNITS) reader.fail(`more than ${MAX_UNITS} packets`);
    const head = reader.u16();
    if (head >> 5 !== 0x3ff) reader.fail("the control header does not begin with 0x3ff");
    let size = 0;
    for (let byte = 255; byte === 255; ) {
      byte = reader.u8();
      size += byte;
    }
    const startTrim = (head & 0x10) !== 0 ? reader.u16() & 0x1fff : null;
    const endTrim = (head & 0x08) !== 0 ? reader.u16() & 0x1fff : null;
    if ((head & 0x04) !== 0) reader.skip(reader.u8()); // control_extension
    if (size === 0) reader.fail("an empty packet");
    units.push({ packet: reader.slice(size), startTrim, endTrim });
  }
  return units;
}

/** Writes packets with their control headers. */
export function writeOpusTs(units: readonly OpusTsUnit[]): Uint8Array {
  const pieces = units.map(({ packet, startTrim, endTrim }) => {
    const head = 0x7fe0 | (startTrim === null ? 0 : 0x10) | (endTrim === null ? 0 : 0x08);
    const size = [...new Array<number>(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
    const trims = [startTrim, endTrim].flatMap((trim) => (trim === null ? [] : [trim >> 8, trim & 255]));
    return [head >> 8, head & 255, ...size, ...trims, ...packet];
  });
  return Uint8Array.from(pieces.flat());
}

/** channel_config_code of the Opus descriptor (its extension tag is 0x80): channels; null where it names none of these. */
export function opusTsChannels(code: number): number | null {
  if (code === 0) return 2; // dual mono
  return code <= 8 ? code : null;
}
