import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import {
  type HeaderExtension,
  headerExtensionsLength,
  parseHeaderExtensions,
  writeHeaderExtensions,
} from "./header-extension.js";

/** RFC 3550 §5.1: the fixed header without contributing sources. */
export const RTP_HEADER_BYTES = 12;

const VERSION = 2;

/** One RTP packet (RFC 3550 §5.1). */
export type RtpPacket = {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly extensions: readonly HeaderExtension[];
  readonly payload: Uint8Array;
};

/** RFC 5761 §4: RTCP's packet types lie where RTP's payload types with marker would be 64 to 95. */
export function isRtcp(datagram: Uint8Array): boolean {
  const type = datagram[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Reads a packet; the payload is a view into `bytes`. Contributing sources are passed over. */
export function parseRtpPacket(bytes: Uint8Array): RtpPacket {
  const packet = new ByteReader("rtp", bytes);
  const flags = packet.u8();
  if (flags >> 6 !== VERSION) packet.fail(`expected version ${VERSION}, got ${flags >> 6}`);
  const markerAndType = packet.u8();
  const sequenceNumber = packet.u16();
  const timestamp = packet.u32();
  const ssrc = packet.u32();
  packet.skip(4 * (flags & 0x0f));
  const extensions = (flags & 0x10) === 0 ? [] : parseHeaderExtensions(packet);
  const rest = packet.rest();
  return {
    payloadType: markerAndType & 0x7f,
    marker: markerAndType >= 0x80,
    sequenceNumber,
    timestamp,
    ssrc,
    extensions,
    payload: (flags & 0x20) === 0 ? rest : withoutPadding(rest, bytes.length),
  };
}

/** RFC 3550 §5.1: the last byte counts the padding, itself included. */
function withoutPadding(rest: Uint8Array, offset: number): Uint8Array {
  const padding = rest.at(-1) ?? 0;
  if (padding === 0 || padding > rest.length) {
    throw new ProtocolError("rtp", `padding of ${padding} bytes in ${rest.length}`, offset);
  }
  return rest.subarray(0, rest.length - padding);
}

/** Writes the fixed header at `at`. */
export function writeRtpHeader(
  into: Uint8Array,
  at: number,
  header: Omit<RtpPacket, "payload" | "extensions">,
  hasExtensions: boolean,
): void {
  const { sequenceNumber, timestamp, ssrc } = header;
  into[at] = (VERSION << 6) | (hasExtensions ? 0x10 : 0);
  into[at + 1] = (header.marker ? 0x80 : 0) | header.payloadType;
  into[at + 2] = sequenceNumber >>> 8;
  into[at + 3] = sequenceNumber;
  into[at + 4] = timestamp >>> 24;
  into[at + 5] = timestamp >>> 16;
  into[at + 6] = timestamp >>> 8;
  into[at + 7] = timestamp;
  into[at + 8] = ssrc >>> 24;
  into[at + 9] = ssrc >>> 16;
  into[at + 10] = ssrc >>> 8;
  into[at + 11] = ssrc;
}

/** Writes a whole packet. */
export function writeRtpPacket(packet: RtpPacket): Uint8Array {
  const extensions = headerExtensionsLength(packet.extensions);
  const bytes = new Uint8Array(RTP_HEADER_BYTES + extensions + packet.payload.length);
  writeRtpHeader(bytes, 0, packet, extensions > 0);
  const at = writeHeaderExtensions(bytes, RTP_HEADER_BYTES, packet.extensions);
  bytes.set(packet.payload, at);
  return bytes;
}
