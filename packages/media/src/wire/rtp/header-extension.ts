import { ByteReader } from "../byte-reader.js";

/** One element of an RTP packet's header extension. */
export type HeaderExtension = {
  /** The peer's own number for it: 1 to 14, from its `a=extmap`. */
  readonly id: number;
  /** 1 to 16 bytes. */
  readonly data: Uint8Array;
};

/** RFC 8285 §4.2: "0xBEDE" marks one-byte headers. */
export const ONE_BYTE_PROFILE = 0xbede;

const PADDING = 0;
const STOP_ID = 15;

/** RFC 8285 §4.2: one-byte header extensions, from the profile's two bytes on. Other profiles are passed over. */
export function parseHeaderExtensions(packet: ByteReader): HeaderExtension[] {
  const profile = packet.u16();
  const block = new ByteReader("rtp", packet.slice(4 * packet.u16()));
  if (profile !== ONE_BYTE_PROFILE) return [];

  const extensions: HeaderExtension[] = [];
  while (block.left > 0) {
    const byte = block.u8();
    const id = byte >> 4;
    if (byte === PADDING) continue;
    if (id === STOP_ID || id === 0) break; // RFC 8285 §4.2: the rest of the block is to be ignored
    extensions.push({ id, data: block.slice((byte & 0x0f) + 1) });
  }
  return extensions;
}

/** Bytes that `writeHeaderExtensions` needs: a multiple of four, 0 when there is nothing to write. */
export function headerExtensionsLength(extensions: readonly HeaderExtension[]): number {
  if (extensions.length === 0) return 0;
  let length = 0;
  for (const { data } of extensions) length += 1 + data.length;
  return 4 + Math.ceil(length / 4) * 4;
}

/** Writes the block with its profile and length at `at`; gives the position behind it. */
export function writeHeaderExtensions(
  into: Uint8Array,
  at: number,
  extensions: readonly HeaderExtension[],
): number {
  const length = headerExtensionsLength(extensions);
  if (length === 0) return at;
  const end = at + length;
  const words = length / 4 - 1;
  into.set([ONE_BYTE_PROFILE >> 8, ONE_BYTE_PROFILE & 0xff, words >> 8, words & 0xff], at);
  let cursor = at + 4;
  for (const { id, data } of extensions) {
    into[cursor] = (id << 4) | (data.length - 1);
    into.set(data, cursor + 1);
    cursor += 1 + data.length;
  }
  into.fill(PADDING, cursor, end);
  return end;
}

/** Written first in each packet: the viewer shows a frame as soon as it is whole. */
export const PLAYOUT_DELAY_URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

/** When a frame was taken in, so that a viewer can tell its delay. */
export const ABSOLUTE_CAPTURE_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

/** Two 12-bit counts of 10 ms: least and most delay. Both zero: no jitter buffer beyond what reordering needs. */
export const NO_PLAYOUT_DELAY: Uint8Array = Uint8Array.of(0, 0, 0);
