import type { Peer } from "../../transport/peer.js";
import {
  ABSOLUTE_CAPTURE_TIME_URI,
  type HeaderExtension,
  headerExtensionsLength,
  NO_PLAYOUT_DELAY,
  PLAYOUT_DELAY_URI,
  writeHeaderExtensions,
} from "../../wire/rtp/header-extension.js";
import { RTP_HEADER_BYTES, writeRtpHeader } from "../../wire/rtp/packet.js";
import { ntpTime } from "../../wire/rtp/rtcp-write.js";
import type { SharedPacket } from "./packet-ring.js";

/** What was agreed for one m-line: the viewer's numbers for what we send. */
export type SendTrack = {
  readonly payloadType: number;
  readonly ssrc: number;
  /** RFC 4588: where lost packets are sent again; null when the viewer does not take it. */
  readonly rtx: { readonly payloadType: number; readonly ssrc: number } | null;
  /** Extension URI to the viewer's number for it. */
  readonly extensions: ReadonlyMap<string, number>;
};

/** One SSRC on its way to one viewer: rewrites what is the viewer's own in a shared packet and sends it. */
export type TrackSender = {
  /** Sends under the next sequence number, which it gives. `time` is in the track's clock, without offset. */
  send(packet: SharedPacket, time: number): number;
  /** Sends again what went out as `sequence` at `time`. Gives its bytes; 0 when it is too late for that. */
  resend(packet: SharedPacket, sequence: number, time: number): number;
  rtpTime(time: number): number;
  packets(): number;
  octets(): number;
};

const CAPTURE_TIME_BYTES = 8;

/** RFC 4588 §4: the original sequence number precedes the payload. */
const RTX_NUMBER_BYTES = 2;

/** SRTP (RFC 3711 §3.3.2) refuses numbers further back: both libdatachannel's and the browsers' windows are 1024. */
const SRTP_WINDOW = 1000;

export function createTrackSender(
  track: SendTrack,
  send: Peer["send"],
  start: { readonly sequence: number; readonly timestamp: number },
): TrackSender {
  const plain = extensionBlock(track, false);
  const withTime = extensionBlock(track, true);
  let next = start.sequence & 0xffff;
  let nextRtx = (start.sequence >>> 16) & 0xffff;
  let packets = 0;
  let octets = 0;

  const rtpTime = (time: number) => (time + start.timestamp) % 2 ** 32;

  const write = (
    packet: SharedPacket,
    payloadStart: number,
    header: { payloadType: number; ssrc: number; sequenceNumber: number; marker: boolean; timestamp: number },
  ): number => {
    const { payload } = packet;
    const block = packet.isFirst ? withTime : plain;
    const at = payloadStart - block.bytes.length - RTP_HEADER_BYTES;
    writeRtpHeader(payload.buffer, at, header, block.bytes.length > 0);
    if (block.bytes.length > 0) {
      block.bytes.copy(payload.buffer, at + RTP_HEADER_BYTES);
      if (block.timeAt > 0) {
        const { seconds, fraction } = ntpTime(packet.arrivedWallMs);
        payload.buffer.writeUInt32BE(seconds, at + RTP_HEADER_BYTES + block.timeAt);
        payload.buffer.writeUInt32BE(fraction, at + RTP_HEADER_BYTES + block.timeAt + 4);
      }
    }
    const bytes = payload.end - at;
    if (payload.cut?.length !== bytes) payload.cut = payload.buffer.subarray(at, payload.end);
    send(payload.cut);
    return bytes;
  };

  const writeAs = (packet: SharedPacket, sequenceNumber: number, time: number): number =>
    write(packet, packet.payload.start, {
      payloadType: track.payloadType,
      ssrc: track.ssrc,
      sequenceNumber,
      marker: packet.isLast,
      timestamp: rtpTime(time),
    });

  const writeRtx = (
    packet: SharedPacket,
    sequence: number,
    time: number,
    rtx: NonNullable<SendTrack["rtx"]>,
  ): number => {
    const { buffer, start: payloadStart } = packet.payload;
    const sequenceNumber = nextRtx;
    nextRtx = (nextRtx + 1) & 0xffff;
    buffer.writeUInt16BE(sequence, payloadStart - RTX_NUMBER_BYTES);
    return write(packet, payloadStart - RTX_NUMBER_BYTES, {
      ...rtx,
      sequenceNumber,
      marker: packet.isLast,
      timestamp: rtpTime(time),
    });
  };

  return {
    send(packet, time) {
      const sequence = next;
      writeAs(packet, sequence, time);
      next = (next + 1) & 0xffff;
      packets += 1;
      octets += packet.payload.end - packet.payload.start;
      return sequence;
    },
    resend(packet, sequence, time) {
      if (track.rtx !== null) return writeRtx(packet, sequence, time, track.rtx);
      return ((next - sequence) & 0xffff) > SRTP_WINDOW ? 0 : writeAs(packet, sequence, time);
    },
    rtpTime,
    packets: () => packets,
    octets: () => octets,
  };
}

/** The extensions as they precede each payload; `timeAt` is where a first packet's arrival time goes, 0 for nowhere. */
function extensionBlock(track: SendTrack, isFirst: boolean): { bytes: Buffer; timeAt: number } {
  const extensions: HeaderExtension[] = [];
  const playout = track.extensions.get(PLAYOUT_DELAY_URI);
  const capture = track.extensions.get(ABSOLUTE_CAPTURE_TIME_URI);
  if (playout !== undefined) extensions.push({ id: playout, data: NO_PLAYOUT_DELAY });
  let timeAt = 0;
  if (isFirst && capture !== undefined) {
    timeAt = 4 + (playout === undefined ? 0 : 1 + NO_PLAYOUT_DELAY.length) + 1;
    extensions.push({ id: capture, data: new Uint8Array(CAPTURE_TIME_BYTES) });
  }
  const bytes = Buffer.alloc(headerExtensionsLength(extensions));
  writeHeaderExtensions(bytes, 0, extensions);
  return { bytes, timeAt };
}
