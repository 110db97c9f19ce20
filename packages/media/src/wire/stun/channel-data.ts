import { ByteReader } from "../byte-reader.js";

/** RFC 8656 §12: the numbers that channels can have. */
export const CHANNELS = { first: 0x4000, last: 0x4fff } as const;

/** A ChannelData message (RFC 8656 §12.4): data for the peer that the channel is bound to. */
export type ChannelData = { readonly channel: number; readonly data: Uint8Array };

const MAX_PADDING = 3;

/** Reads one; `data` is a view into `bytes`. Over TCP, and perhaps over UDP, it is padded to a multiple of 4. */
export function parseChannelData(bytes: Uint8Array): ChannelData {
  const reader = new ByteReader("stun", bytes);
  const channel = reader.u16();
  if (channel < CHANNELS.first || channel > CHANNELS.last) reader.fail(`${channel} is no channel's number`);
  const data = reader.slice(reader.u16());
  if (reader.left > MAX_PADDING) reader.fail(`${reader.left} bytes after the channel's data`);
  return { channel, data };
}

/** Writes one; over TCP it must be padded (RFC 8656 §12.5). */
export function writeChannelData({ channel, data }: ChannelData, isPadded: boolean): Uint8Array {
  const padding = isPadded ? (4 - (data.length % 4)) % 4 : 0;
  const bytes = new Uint8Array(4 + data.length + padding);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, channel);
  view.setUint16(2, data.length);
  bytes.set(data, 4);
  return bytes;
}
