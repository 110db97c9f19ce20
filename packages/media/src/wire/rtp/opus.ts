import { MAX_PAYLOAD_BYTES, type PayloadWriter } from "./payload-writer.js";

/** RFC 7587 §4.1: the RTP clock of Opus, whatever the sound was sampled at. */
export const OPUS_CLOCK_RATE = 48_000;

/** RFC 6716 §3.1: a packet holds at most 120 ms. */
const MAX_SAMPLES = 5760;

/** RFC 7587 §4.2: one Opus packet is one payload. False, and nothing written, when it is empty or too long. */
export function packetiseOpus(packet: Uint8Array, out: PayloadWriter): boolean {
  if (packet.length === 0 || packet.length > MAX_PAYLOAD_BYTES) return false;
  out.begin();
  out.bytes(packet, 0, packet.length);
  out.end();
  return true;
}

/** Samples at 48 kHz in a packet, from its first bytes (RFC 6716 §3.1, table 2); 0 when it is no Opus packet. */
export function opusSamples(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  const config = toc >> 3;
  let frame: number;
  if (config < 12) frame = [480, 960, 1920, 2880][config & 3] ?? 0;
  else if (config < 16) frame = [480, 960][config & 1] ?? 0;
  else frame = [120, 240, 480, 960][config & 3] ?? 0;
  const code = toc & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  const samples = frame * count;
  return samples > MAX_SAMPLES ? 0 : samples;
}
