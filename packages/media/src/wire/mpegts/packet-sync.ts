import { ProtocolError } from "../protocol-error.js";
import { SYNC_BYTE, TS_PACKET_BYTES } from "./ts-packet.js";

/** Cuts a byte stream into transport packets, wherever its pieces begin and end. */
export type PacketSync = {
  /** Gives each whole packet, 188 bytes that begin with 0x47; they are valid only during the call. */
  take(bytes: Uint8Array, packet: (bytes: Uint8Array) => void): void;
  /** Bytes are missing here: the packet begun is thrown away. */
  lost(): void;
  /** True when the bytes taken end with the end of a packet. */
  isAtBoundary(): boolean;
};

/** So much without a packet is no transport stream. A piece torn out of one is followed by packets long before. */
const MAX_UNSYNCED_BYTES = 64 * 1024;

/** Random bytes look like a packet now and then, but not so often in a row. */
const SURE_PACKETS = 4;

/** Starts without sync. A place is believed when two sync bytes stand 188 bytes apart. */
export function startPacketSync(): PacketSync {
  let carry = new Uint8Array(0); // at most one packet, and when out of sync its successor's first byte
  let isSynced = false;
  let unsynced = 0;
  let inRow = 0;

  function take(bytes: Uint8Array, packet: (bytes: Uint8Array) => void): void {
    const input = carry.length === 0 ? bytes : joined(carry, bytes);
    let at = 0;
    while (at < input.length) {
      if (input[at] !== SYNC_BYTE) isSynced = false;
      if (!isSynced) {
        inRow = 0;
        const found = findSync(input, at);
        unsynced += found.at - at;
        at = found.at;
        if (unsynced > MAX_UNSYNCED_BYTES) {
          throw new ProtocolError("mpegts", `${unsynced} bytes without a packet: this is no MPEG-TS`);
        }
        if (!found.isSure) break;
        isSynced = true;
      }
      if (input.length - at < TS_PACKET_BYTES) break;
      if (++inRow >= SURE_PACKETS) unsynced = 0;
      packet(input.subarray(at, at + TS_PACKET_BYTES));
      at += TS_PACKET_BYTES;
    }
    carry = input.slice(at);
  }

  return {
    take,
    lost() {
      carry = new Uint8Array(0);
    },
    isAtBoundary: () => carry.length === 0,
  };
}

/** The first place that can be a packet's start. Not sure: its packet's end has not arrived. */
function findSync(input: Uint8Array, from: number): { at: number; isSure: boolean } {
  for (let at = input.indexOf(SYNC_BYTE, from); at >= 0; at = input.indexOf(SYNC_BYTE, at + 1)) {
    const next = at + TS_PACKET_BYTES;
    if (next >= input.length) return { at, isSure: false };
    if (input[next] === SYNC_BYTE) return { at, isSure: true };
  }
  return { at: input.length, isSure: false };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
