import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";

/** Kinds of handshake extensions (draft-sharabayko-srt §3.2.1.1, table 5). */
export const EXTENSION = {
  request: 1,
  response: 2,
  keyRequest: 3,
  keyResponse: 4,
  streamId: 5,
  congestion: 6,
  filter: 7,
  group: 8,
} as const;

/** What both sides can do (§3.2.1.1.1, table 6). */
export const CAPABILITY = {
  sendsByTime: 0x01,
  receivesByTime: 0x02,
  encrypts: 0x04,
  dropsLate: 0x08,
  reportsLossesAgain: 0x10,
  marksRetransmissions: 0x20,
  stream: 0x40,
  filters: 0x80,
} as const;

/** The request or response that every version 5 conclusion carries (§3.2.1.1.1). */
export type Capabilities = {
  /** 0x010501 is 1.5.1. */
  readonly srtVersion: number;
  readonly flags: number;
  readonly receiverLatencyMs: number;
  readonly senderLatencyMs: number;
};

/** Reads a request or response. */
export function parseCapabilities(content: Uint8Array): Capabilities {
  const body = new ByteReader("srt handshake request", content);
  return {
    srtVersion: body.u32(),
    flags: body.u32(),
    receiverLatencyMs: body.u16(),
    senderLatencyMs: body.u16(),
  };
}

/** Writes a request or response. */
export function writeCapabilities(capabilities: Capabilities): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, capabilities.srtVersion);
  view.setUint32(4, capabilities.flags);
  view.setUint16(8, capabilities.receiverLatencyMs);
  view.setUint16(10, capabilities.senderLatencyMs);
  return bytes;
}

/** libsrt's own limit for a streamid. */
const MAX_TEXT_BYTES = 512;

/** Reads a streamid or the name of a congestion control: text whose 32-bit words are little-endian (§3.2.1.1.3). */
export function parseText(content: Uint8Array): string {
  if (content.length > MAX_TEXT_BYTES)
    throw new ProtocolError("srt text", `${content.length} bytes, at most ${MAX_TEXT_BYTES}`);
  const bytes = withWordsTurned(content);
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  try {
    return UTF8.decode(bytes.subarray(0, end));
  } catch {
    throw new ProtocolError("srt text", "it is not UTF-8"); // the decoder throws nothing else
  }
}

/** Writes such a text, filled up with zeros. */
export function writeText(text: string): Uint8Array {
  const utf8 = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(utf8.length / 4) * 4);
  padded.set(utf8);
  return withWordsTurned(padded);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function withWordsTurned(bytes: Uint8Array): Uint8Array {
  const turned = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  for (let i = 0; i < bytes.length; i++) turned[(i & ~3) + (3 - (i & 3))] = bytes[i] ?? 0;
  return turned;
}
