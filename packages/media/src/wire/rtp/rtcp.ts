import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";

/** What a receiver says of one source (RFC 3550 §6.4.1). */
export type ReportBlock = {
  readonly ssrc: number;
  /** Loss since the last report, in 256ths. */
  readonly fractionLost: number;
  /** Lost in all; below zero when there were duplicates. */
  readonly lost: number;
  readonly highestSequence: number;
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 before the first. */
  readonly lastReport: number;
  /** Since then, in 65536ths of a second. */
  readonly delay: number;
};

/** NTP time (RFC 3550 §4): seconds since 1900 and their 2^32nds. */
export type NtpTime = { readonly seconds: number; readonly fraction: number };

/** What we read and write of RTCP. */
export type RtcpPacket =
  | {
      readonly is: "sender-report";
      readonly ssrc: number;
      readonly ntp: NtpTime;
      readonly rtpTimestamp: number;
      readonly packets: number;
      readonly octets: number;
      readonly reports: readonly ReportBlock[];
    }
  | { readonly is: "receiver-report"; readonly ssrc: number; readonly reports: readonly ReportBlock[] }
  /** `cname` byte for byte as Latin-1: it is only ever compared. */
  | { readonly is: "source-description"; readonly ssrc: number; readonly cname: string }
  | { readonly is: "bye"; readonly ssrcs: readonly number[] }
  /** RFC 4585 §6.2.1: sequence numbers in the order they were named. */
  | { readonly is: "nack"; readonly sender: number; readonly media: number; readonly lost: readonly number[] }
  | { readonly is: "pli"; readonly sender: number; readonly media: number }
  /** RFC 5104 §4.3.1. */
  | {
      readonly is: "fir";
      readonly sender: number;
      readonly requests: readonly { readonly ssrc: number; readonly sequence: number }[];
    }
  /** draft-alvestrand-rmcat-remb-03. */
  | {
      readonly is: "remb";
      readonly sender: number;
      readonly bitsPerSecond: number;
      readonly ssrcs: readonly number[];
    }
  /** RFC 3611 §4.4: a receiver's own time, so that the sender can say when it came. */
  | { readonly is: "reference-time"; readonly ssrc: number; readonly ntp: NtpTime }
  /** RFC 3611 §4.5: the sender's answer to it. `delay` in 65536ths of a second. */
  | {
      readonly is: "reference-delay";
      readonly ssrc: number;
      readonly reports: readonly {
        readonly ssrc: number;
        readonly lastTime: number;
        readonly delay: number;
      }[];
    };

/** A compound packet fits a datagram; a longer one is no honest peer's. */
export const MAX_RTCP_BYTES = 1500;

/** RFC 3550 §12.1, RFC 4585 §6.1. */
export const RTCP_TYPES = {
  sr: 200,
  rr: 201,
  sdes: 202,
  bye: 203,
  transport: 205,
  payload: 206,
  extended: 207, // RFC 3611 §2
} as const;
/** RFC 4585 §6.2, §6.3; RFC 5104 §4.3. */
export const RTCP_FORMATS = { nack: 1, pli: 1, fir: 4, application: 15 } as const;

/** RFC 3611 §4: block types of an extended report. */
export const XR_BLOCKS = { referenceTime: 4, referenceDelay: 5 } as const;

/** "REMB" */
export const REMB_NAME = 0x52454d42;

const CNAME = 1;

/** Reads a compound packet. Types and formats that we do not know are passed over. */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] {
  if (bytes.length > MAX_RTCP_BYTES) {
    throw new ProtocolError("rtcp", `expected at most ${MAX_RTCP_BYTES} bytes, got ${bytes.length}`, 0);
  }
  const compound = new ByteReader("rtcp", bytes);
  const packets: RtcpPacket[] = [];
  while (compound.left > 0) {
    const flags = compound.u8();
    if (flags >> 6 !== 2) compound.fail(`expected version 2, got ${flags >> 6}`);
    const type = compound.u8();
    const body = compound.slice(4 * compound.u16());
    const padding = (flags & 0x20) === 0 ? 0 : (body.at(-1) ?? 0);
    if (padding > body.length) compound.fail(`padding of ${padding} bytes in ${body.length}`);
    const reader = new ByteReader("rtcp", body.subarray(0, body.length - padding));
    parseBody(type, flags & 0x1f, reader, packets);
  }
  return packets;
}

function parseBody(type: number, count: number, body: ByteReader, packets: RtcpPacket[]): void {
  switch (type) {
    case RTCP_TYPES.sr: {
      const ssrc = body.u32();
      const ntp = { seconds: body.u32(), fraction: body.u32() };
      const [rtpTimestamp, sent, octets] = [body.u32(), body.u32(), body.u32()];
      const reports = parseReports(count, body);
      packets.push({ is: "sender-report", ssrc, ntp, rtpTimestamp, packets: sent, octets, reports });
      return;
    }
    case RTCP_TYPES.rr: {
      const ssrc = body.u32();
      packets.push({ is: "receiver-report", ssrc, reports: parseReports(count, body) });
      return;
    }
    case RTCP_TYPES.sdes:
      for (let chunk = 0; chunk < count; chunk += 1) parseDescription(body, packets);
      return;
    case RTCP_TYPES.bye: {
      const ssrcs = Array.from({ length: count }, () => body.u32());
      packets.push({ is: "bye", ssrcs });
      return;
    }
    case RTCP_TYPES.transport:
      if (count === RTCP_FORMATS.nack) packets.push(parseNack(body));
      return;
    case RTCP_TYPES.payload:
      parsePayloadFeedback(count, body, packets);
      return;
    case RTCP_TYPES.extended:
      parseExtended(body, packets);
  }
}

/** RFC 3611 §3: blocks of any kind; those that we do not know are passed over. */
function parseExtended(body: ByteReader, packets: RtcpPacket[]): void {
  const ssrc = body.u32();
  while (body.left > 0) {
    const type = body.u8();
    body.skip(1);
    const block = new ByteReader("rtcp", body.slice(4 * body.u16()));
    if (type === XR_BLOCKS.referenceTime) {
      packets.push({ is: "reference-time", ssrc, ntp: { seconds: block.u32(), fraction: block.u32() } });
    } else if (type === XR_BLOCKS.referenceDelay) {
      const reports: { ssrc: number; lastTime: number; delay: number }[] = [];
      while (block.left >= 12) reports.push({ ssrc: block.u32(), lastTime: block.u32(), delay: block.u32() });
      packets.push({ is: "reference-delay", ssrc, reports });
    }
  }
}

function parseReports(count: number, body: ByteReader): ReportBlock[] {
  return Array.from({ length: count }, () => ({
    ssrc: body.u32(),
    fractionLost: body.u8(),
    lost: body.i24(),
    highestSequence: body.u32(),
    jitter: body.u32(),
    lastReport: body.u32(),
    delay: body.u32(),
  }));
}

/** RFC 3550 §6.5: items until a zero byte, then zeros to the next word. */
function parseDescription(body: ByteReader, packets: RtcpPacket[]): void {
  const ssrc = body.u32();
  const start = body.offset;
  for (let item = body.u8(); item !== 0; item = body.u8()) {
    const text = body.slice(body.u8());
    if (item !== CNAME) continue;
    packets.push({ is: "source-description", ssrc, cname: Buffer.from(text).toString("latin1") });
  }
  const over = (body.offset - start) % 4;
  if (over > 0) body.skip(Math.min(4 - over, body.left));
}

function parseNack(body: ByteReader): RtcpPacket {
  const sender = body.u32();
  const media = body.u32();
  const lost: number[] = [];
  while (body.left >= 4) {
    const first = body.u16();
    const following = body.u16();
    lost.push(first);
    for (let bit = 0; bit < 16; bit += 1) {
      if ((following >> bit) & 1) lost.push((first + bit + 1) & 0xffff);
    }
  }
  return { is: "nack", sender, media, lost };
}

function parsePayloadFeedback(format: number, body: ByteReader, packets: RtcpPacket[]): void {
  const sender = body.u32();
  const media = body.u32();
  if (format === RTCP_FORMATS.pli) {
    packets.push({ is: "pli", sender, media });
  } else if (format === RTCP_FORMATS.fir) {
    const requests: { ssrc: number; sequence: number }[] = [];
    while (body.left >= 8) {
      requests.push({ ssrc: body.u32(), sequence: body.u8() });
      body.skip(3);
    }
    packets.push({ is: "fir", sender, requests });
  } else if (format === RTCP_FORMATS.application && body.left >= 8 && body.u32() === REMB_NAME) {
    const count = body.u8();
    const value = body.u24();
    const bitsPerSecond = (value & 0x3ffff) * 2 ** (value >> 18);
    const ssrcs = Array.from({ length: count }, () => body.u32());
    packets.push({ is: "remb", sender, bitsPerSecond, ssrcs });
  }
}
