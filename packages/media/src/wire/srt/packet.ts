import { ByteReader } from "../byte-reader.js";
import { type LossRange, parseLossList, writeLossList } from "./loss-list.js";

/** draft-sharabayko-srt §3: what stands before every packet's own part. */
export const SRT_HEADER_BYTES = 16;

/** Where a packet stands in its message (§3.1, PP). Live senders send one packet per message. */
export const POSITION = { middle: 0, last: 1, first: 2, only: 3 } as const;

/** Which key a payload is encrypted with (§3.1, KK). */
export type KeyFlag = "clear" | "even" | "odd" | "both";

const KEY_FLAGS: readonly KeyFlag[] = ["clear", "even", "odd", "both"];

/** A data packet (§3.1). */
export type SrtDataPacket = {
  readonly is: "data";
  readonly sequence: number;
  readonly position: number;
  readonly inOrder: boolean;
  readonly key: KeyFlag;
  readonly isRetransmitted: boolean;
  /** 26 bits. */
  readonly message: number;
  readonly timestamp: number;
  readonly destination: number;
  readonly payload: Uint8Array;
};

/** What an acknowledgement says (§3.2.4). Only the first field is always there: then it is a "light" one. */
export type Acknowledgement = {
  /** The first packet that is not acknowledged. */
  readonly next: number;
  readonly full: null | {
    readonly rttUs: number;
    readonly rttVarianceUs: number;
    /** Packets that still fit into the receiver's buffer. */
    readonly free: number;
    readonly packetsPerSecond: number;
    readonly capacity: number;
    readonly bytesPerSecond: number;
  };
};

/** What each kind of control packet says (§3.2). */
export type SrtControl =
  | { readonly is: "handshake"; readonly body: Uint8Array }
  | { readonly is: "keepalive" }
  | { readonly is: "ack"; readonly number: number; readonly acknowledged: Acknowledgement }
  | { readonly is: "nak"; readonly losses: readonly LossRange[] }
  | { readonly is: "congestion-warning" }
  | { readonly is: "shutdown" }
  | { readonly is: "ackack"; readonly number: number }
  | {
      readonly is: "drop-request";
      readonly message: number;
      readonly first: number;
      readonly last: number;
    }
  | { readonly is: "peer-error"; readonly code: number }
  /** An extension after the handshake, such as new key material. */
  | { readonly is: "extension"; readonly type: number; readonly body: Uint8Array }
  | { readonly is: "unknown"; readonly type: number };

/** A control packet; the time is in microseconds since the connection began and wraps after 71.6 minutes. */
export type SrtControlPacket = SrtControl & { readonly timestamp: number; readonly destination: number };

/** Any packet. */
export type SrtPacket = SrtDataPacket | SrtControlPacket;

const TYPE = {
  handshake: 0,
  keepalive: 1,
  ack: 2,
  nak: 3,
  "congestion-warning": 4,
  shutdown: 5,
  ackack: 6,
  "drop-request": 7,
  "peer-error": 8,
  extension: 0x7fff,
} as const;

const CONTROL = 0x80000000;

/** Reads a packet; payloads and bodies are views into `bytes`. */
export function parseSrtPacket(bytes: Uint8Array): SrtPacket {
  const packet = new ByteReader("srt", bytes);
  const first = packet.u32();
  const second = packet.u32();
  const timestamp = packet.u32();
  const destination = packet.u32();
  if (first < CONTROL) {
    return {
      is: "data",
      sequence: first,
      position: second >>> 30,
      inOrder: (second & 0x20000000) !== 0,
      key: KEY_FLAGS[(second >>> 27) & 3] ?? "clear",
      isRetransmitted: (second & 0x04000000) !== 0,
      message: second & 0x03ffffff,
      timestamp,
      destination,
      payload: packet.rest(),
    };
  }
  return { ...parseControl((first >>> 16) & 0x7fff, first & 0xffff, second, packet), timestamp, destination };
}

function parseControl(type: number, subtype: number, specific: number, packet: ByteReader): SrtControl {
  switch (type) {
    case TYPE.handshake:
      return { is: "handshake", body: packet.rest() };
    case TYPE.keepalive:
      return { is: "keepalive" };
    case TYPE.ack:
      return { is: "ack", number: specific, acknowledged: parseAcknowledgement(packet) };
    case TYPE.nak:
      return { is: "nak", losses: parseLossList(packet) };
    case TYPE["congestion-warning"]:
      return { is: "congestion-warning" };
    case TYPE.shutdown:
      return { is: "shutdown" };
    case TYPE.ackack:
      return { is: "ackack", number: specific };
    case TYPE["drop-request"]:
      return {
        is: "drop-request",
        message: specific,
        first: parseSequence(packet),
        last: parseSequence(packet),
      };
    case TYPE["peer-error"]:
      return { is: "peer-error", code: specific };
    case TYPE.extension:
      return { is: "extension", type: subtype, body: packet.rest() };
    default:
      return { is: "unknown", type };
  }
}

function parseSequence(packet: ByteReader): number {
  const sequence = packet.u32();
  if (sequence >= CONTROL) packet.fail("a sequence number of more than 31 bits");
  return sequence;
}

function parseAcknowledgement(packet: ByteReader): Acknowledgement {
  const next = parseSequence(packet);
  if (packet.left === 0) return { next, full: null };
  const rttUs = packet.u32();
  const rttVarianceUs = packet.u32();
  const free = packet.u32();
  // A "small" one ends here.
  const rates = packet.left >= 12 ? [packet.u32(), packet.u32(), packet.u32()] : [];
  const [packetsPerSecond = 0, capacity = 0, bytesPerSecond = 0] = rates;
  return { next, full: { rttUs, rttVarianceUs, free, packetsPerSecond, capacity, bytesPerSecond } };
}

/** Writes any packet. */
export function writeSrtPacket(packet: SrtPacket): Uint8Array {
  if (packet.is === "data") {
    const second =
      (packet.position << 30) |
      (packet.inOrder ? 0x20000000 : 0) |
      (KEY_FLAGS.indexOf(packet.key) << 27) |
      (packet.isRetransmitted ? 0x04000000 : 0) |
      packet.message;
    return written(packet.sequence, second, packet, packet.payload);
  }
  const [specific, body] = writeControl(packet);
  const type = packet.is === "unknown" ? packet.type : TYPE[packet.is];
  const subtype = packet.is === "extension" ? packet.type : 0;
  return written(CONTROL + type * 0x10000 + subtype, specific, packet, body);
}

/** The type-specific word of the header, and what comes after the header. */
function writeControl(control: SrtControl): [specific: number, body: Uint8Array] {
  switch (control.is) {
    case "handshake":
    case "extension":
      return [0, control.body];
    case "ack":
      return [control.number, writeAcknowledgement(control.acknowledged)];
    case "nak":
      return [0, words(writeLossList(control.losses))];
    case "ackack":
      return [control.number, EMPTY_WORD];
    case "drop-request":
      return [control.message, words([control.first, control.last])];
    case "peer-error":
      return [control.code, EMPTY_WORD];
    default:
      return [0, EMPTY_WORD];
  }
}

/** libsrt gives every control packet a body, and some receivers want to see one. */
const EMPTY_WORD = new Uint8Array(4);

function writeAcknowledgement({ next, full }: Acknowledgement): Uint8Array {
  if (full === null) return words([next]);
  const { rttUs, rttVarianceUs, free, packetsPerSecond, capacity, bytesPerSecond } = full;
  return words([next, rttUs, rttVarianceUs, free, packetsPerSecond, capacity, bytesPerSecond]);
}

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value);
  return bytes;
}

function written(
  first: number,
  second: number,
  { timestamp, destination }: { readonly timestamp: number; readonly destination: number },
  body: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(SRT_HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, first);
  view.setUint32(4, second);
  view.setUint32(8, timestamp);
  view.setUint32(12, destination);
  bytes.set(body, SRT_HEADER_BYTES);
  return bytes;
}
