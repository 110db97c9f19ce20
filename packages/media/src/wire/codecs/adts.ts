import { ByteReader } from "../byte-reader.js";
import { writeAacConfig } from "./aac.js";

/** The header of an ADTS frame (ISO/IEC 14496-3 §1.A.2.2). */
export type AdtsHeader = {
  /** ISO/IEC 13818-7's profile, which is the audio object type less one: 1 is AAC-LC. */
  readonly profile: number;
  /** Samples per second of the core: with SBR inside, a decoder gives twice as many. */
  readonly sampleRate: number;
  /** channel_configuration: 0 means that a program config element inside the frame says it. */
  readonly channelConfiguration: number;
  /** Header, CRC and payload together, in bytes. */
  readonly frameBytes: number;
  readonly headerBytes: 7 | 9;
  /** How many AAC frames are in it; encoders send one. */
  readonly blocks: number;
};

/** Bytes that have to be there to read a header; the CRC behind it is not looked at. */
export const ADTS_HEADER_BYTES = 7;

/** Samples of one AAC frame, per channel, at the core's rate. */
export const AAC_FRAME_SAMPLES = 1024;

/** ISO/IEC 14496-3 table 1.18. */
const FREQUENCIES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/** ISO/IEC 14496-3 table 1.19, the configurations that an ADTS header can name. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Reads a header. */
export function parseAdtsHeader(bytes: Uint8Array): AdtsHeader {
  const reader = new ByteReader("adts", bytes);
  const sync = reader.u16();
  if ((sync & 0xfff6) !== 0xfff0) reader.fail(`begins with ${sync.toString(16)}, expected fff0 or the like`);
  const headerBytes = (sync & 1) === 1 ? 7 : 9;
  const fixed = reader.u16();
  const lengths = reader.u24();
  const sampleRate =
    FREQUENCIES[(fixed >> 10) & 15] ?? reader.fail("the sampling frequency index is reserved");
  const frameBytes = ((fixed & 3) << 11) | (lengths >> 13);
  if (frameBytes <= headerBytes) reader.fail(`a frame of ${frameBytes} bytes`);
  return {
    profile: fixed >> 14,
    sampleRate,
    channelConfiguration: (fixed >> 6) & 7,
    frameBytes,
    headerBytes,
    blocks: (lengths & 3) + 1,
  };
}

/** Writes a header; a CRC, where there is to be one, stays 0. */
export function writeAdtsHeader(header: AdtsHeader): Uint8Array {
  const bytes = new Uint8Array(header.headerBytes);
  const index = FREQUENCIES.indexOf(header.sampleRate);
  const { frameBytes, channelConfiguration } = header;
  bytes.set([
    0xff,
    header.headerBytes === 7 ? 0xf1 : 0xf0,
    (header.profile << 6) | (index << 2) | (channelConfiguration >> 2),
    ((channelConfiguration & 3) << 6) | (frameBytes >> 11),
    (frameBytes >> 3) & 255,
    ((frameBytes & 7) << 5) | 0x1f, // buffer fullness 0x7ff: variable bit rate
    0xfc | (header.blocks - 1),
  ]);
  return bytes;
}

/** The AudioSpecificConfig that says the same as the header; null where the channels are not in it. */
export function aacConfigOfAdts({
  profile,
  sampleRate,
  channelConfiguration,
}: AdtsHeader): Uint8Array | null {
  const channels = CHANNELS[channelConfiguration] ?? 0;
  return channels === 0 ? null : writeAacConfig({ objectType: profile + 1, sampleRate, channels });
}
