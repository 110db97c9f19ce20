import type { ReportBlock, RtcpPacket } from "./rtcp.js";
import { REMB_NAME, RTCP_FORMATS, RTCP_TYPES, XR_BLOCKS } from "./rtcp.js";

/** The NTP epoch, 1900, before the one of 1970, in seconds (RFC 868). */
const NTP_EPOCH_SECONDS = 2_208_988_800;

/** Wall time in milliseconds since 1970 as NTP time. */
export function ntpTime(wallMs: number): { seconds: number; fraction: number } {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return { seconds: (seconds + NTP_EPOCH_SECONDS) >>> 0, fraction: fraction >>> 0 };
}

/** Writes one compound packet, the parts in their order. */
export function writeRtcp(packets: readonly RtcpPacket[]): Buffer {
  return Buffer.concat(packets.map(writePacket));
}

function writePacket(packet: RtcpPacket): Buffer {
  switch (packet.is) {
    case "sender-report": {
      const { ssrc, ntp, rtpTimestamp, packets, octets, reports } = packet;
      const fixed = words(ssrc, ntp.seconds, ntp.fraction, rtpTimestamp, packets, octets);
      return frame(RTCP_TYPES.sr, reports.length, [fixed, ...reports.map(writeReport)]);
    }
    case "receiver-report":
      return frame(RTCP_TYPES.rr, packet.reports.length, [
        words(packet.ssrc),
        ...packet.reports.map(writeReport),
      ]);
    case "source-description":
      return writeDescription(packet.ssrc, packet.cname);
    case "bye":
      return frame(RTCP_TYPES.bye, packet.ssrcs.length, [words(...packet.ssrcs)]);
    case "nack":
      return frame(RTCP_TYPES.transport, RTCP_FORMATS.nack, [
        words(packet.sender, packet.media, ...nackWords(packet.lost)),
      ]);
    case "pli":
      return frame(RTCP_TYPES.payload, RTCP_FORMATS.pli, [words(packet.sender, packet.media)]);
    case "fir": {
      const requests = packet.requests.flatMap(({ ssrc, sequence }) => [ssrc, sequence * 2 ** 24]);
      return frame(RTCP_TYPES.payload, RTCP_FORMATS.fir, [words(packet.sender, 0, ...requests)]);
    }
    case "remb":
      return writeRemb(packet.sender, packet.bitsPerSecond, packet.ssrcs);
    case "reference-time": {
      const block = XR_BLOCKS.referenceTime * 2 ** 24 + 2;
      return frame(RTCP_TYPES.extended, 0, [
        words(packet.ssrc, block, packet.ntp.seconds, packet.ntp.fraction),
      ]);
    }
    case "reference-delay": {
      const block = XR_BLOCKS.referenceDelay * 2 ** 24 + 3 * packet.reports.length;
      const reports = packet.reports.flatMap(({ ssrc, lastTime, delay }) => [ssrc, lastTime, delay]);
      return frame(RTCP_TYPES.extended, 0, [words(packet.ssrc, block, ...reports)]);
    }
  }
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

/** RFC 3550 §6.4.1: the length counts words less one. */
function frame(type: number, count: number, body: readonly Buffer[]): Buffer {
  const whole = Buffer.concat([Buffer.alloc(4), ...body]);
  whole[0] = 0x80 | count;
  whole[1] = type;
  whole.writeUInt16BE(whole.length / 4 - 1, 2);
  return whole;
}

function writeReport(report: ReportBlock): Buffer {
  const { ssrc, fractionLost, lost, highestSequence, jitter, lastReport, delay } = report;
  const loss = fractionLost * 2 ** 24 + (lost & 0xffffff);
  return words(ssrc, loss, highestSequence, jitter, lastReport, delay);
}

function writeDescription(ssrc: number, cname: string): Buffer {
  const text = Buffer.from(cname, "latin1").subarray(0, 255);
  // The item, its terminating zero, and zeros to the next word.
  const chunk = Buffer.alloc(4 + Math.ceil((2 + text.length + 1) / 4) * 4);
  chunk.writeUInt32BE(ssrc, 0);
  chunk[4] = 1;
  chunk[5] = text.length;
  text.copy(chunk, 6);
  return frame(RTCP_TYPES.sdes, 1, [chunk]);
}

/** RFC 4585 §6.2.1: a number and a mask of the 16 that follow it. */
function nackWords(lost: readonly number[]): number[] {
  const out: number[] = [];
  let first = -1;
  let mask = 0;
  let last = 0;
  for (const sequence of lost) {
    const distance = (sequence - first) & 0xffff;
    if (first >= 0 && distance > last && distance <= 16) {
      mask |= 1 << (distance - 1);
      last = distance;
      continue;
    }
    if (first >= 0) out.push(first * 2 ** 16 + mask);
    first = sequence;
    mask = 0;
    last = 0;
  }
  if (first >= 0) out.push(first * 2 ** 16 + mask);
  return out;
}

function writeRemb(sender: number, bitsPerSecond: number, ssrcs: readonly number[]): Buffer {
  let exponent = 0;
  let mantissa = bitsPerSecond;
  while (mantissa > 0x3ffff && exponent < 63) {
    mantissa /= 2;
    exponent += 1;
  }
  const value = ssrcs.length * 2 ** 24 + exponent * 2 ** 18 + Math.floor(mantissa);
  return frame(RTCP_TYPES.payload, RTCP_FORMATS.application, [words(sender, 0, REMB_NAME, value, ...ssrcs)]);
}
