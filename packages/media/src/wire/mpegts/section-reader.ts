import type { TsPacket } from "./ts-packet.js";

/** Puts a PID's sections together (ISO/IEC 13818-1 §2.4.4.2): they may share packets and span them. */
export type SectionReader = {
  /** Gives each whole section, its header and CRC in it, unchecked. */
  take(packet: TsPacket, section: (bytes: Uint8Array) => void): void;
  /** Bytes are missing here: what was begun is thrown away. */
  lost(): void;
};

/** A section's length has 12 bits. */
const MAX_SECTION_BYTES = 3 + 4095;

/** Behind the last section a packet is filled with this. */
const STUFFING_TABLE = 0xff;

/** Starts with none begun. */
export function startSectionReader(): SectionReader {
  const begun = new Uint8Array(MAX_SECTION_BYTES);
  let length: number | null = null; // null: waits for a packet in which one starts
  let continuity: number | null = null;

  function add(bytes: Uint8Array, section: (bytes: Uint8Array) => void): void {
    let at = 0;
    while (at < bytes.length && length !== null) {
      if (length === 0 && bytes[at] === STUFFING_TABLE) {
        length = null;
        return;
      }
      const wanted = length < 3 ? 3 : 3 + ((((begun[1] ?? 0) & 15) << 8) | (begun[2] ?? 0));
      const piece = bytes.subarray(at, at + wanted - length);
      begun.set(piece, length);
      length += piece.length;
      at += piece.length;
      const isWhole = length >= 3 && length === 3 + ((((begun[1] ?? 0) & 15) << 8) | (begun[2] ?? 0));
      if (isWhole) {
        section(begun.slice(0, length));
        length = 0;
      }
    }
  }

  return {
    take({ payload, startsUnit, continuity: counter, adaptation }, section) {
      if (payload === null) return;
      if (continuity === counter && !startsUnit) return; // sent twice
      if (continuity !== null && counter !== ((continuity + 1) & 15) && adaptation?.isDiscontinuity !== true)
        length = null;
      continuity = counter;
      if (!startsUnit) {
        add(payload, section);
        return;
      }
      const pointer = payload[0] ?? 0;
      add(payload.subarray(1, 1 + pointer), section);
      length = 0;
      add(payload.subarray(1 + pointer), section);
    },
    lost() {
      length = null;
      continuity = null;
    },
  };
}
