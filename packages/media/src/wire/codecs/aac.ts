import { BitReader } from "./bit-reader.js";

/** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1), as far as a receiver needs it. */
export type AacConfig = {
  /** Audio object type of the core: 2 is AAC-LC. */
  readonly objectType: number;
  /** Samples per second that come out of a decoder, after SBR where it is signalled. */
  readonly sampleRate: number;
  /** Channels that come out of a decoder, after parametric stereo where it is signalled. */
  readonly channels: number;
  readonly sbr: boolean;
};

/** Reads an AudioSpecificConfig, with explicit SBR and PS (hierarchical and by sync extension). */
export function parseAacConfig(bytes: Uint8Array): AacConfig {
  const bits = new BitReader("aac", bytes.subarray(0, MAX_CONFIG_BYTES));
  const core = readAacConfig(bits);
  const extension = core.sbr ? null : readSyncExtension(bits);
  if (extension === null) return core;
  const channels = extension.parametricStereo && core.channels === 1 ? 2 : core.channels;
  return { ...core, sbr: true, sampleRate: extension.sampleRate, channels };
}

/**
 * Reads an AudioSpecificConfig that stands among other bits, up to its own end: without the sync extension, which can only
 * be told from what follows where the configuration's length is known (ISO/IEC 14496-3 §1.6.5.2).
 */
export function readAacConfig(bits: BitReader): AacConfig {
  const startsAt = bits.offset;
  let objectType = audioObjectType(bits);
  let sampleRate = samplingFrequency(bits);
  const configuration = bits.u(4);
  let sbr = false;
  let parametricStereo = false;
  if (objectType === SBR || objectType === PS) {
    sbr = true;
    parametricStereo = objectType === PS;
    sampleRate = samplingFrequency(bits);
    objectType = audioObjectType(bits);
  }
  if (!GENERAL_AUDIO.has(objectType)) bits.fail(`audio object type ${objectType} is not AAC`);
  bits.skip(1); // frameLengthFlag
  if (bits.flag()) bits.skip(14); // coreCoderDelay
  bits.skip(1); // extensionFlag
  let channels = CHANNELS[configuration] ?? 0;
  if (configuration === 0) channels = programChannels(bits, startsAt);
  if (channels === 0) bits.fail(`channel configuration ${configuration} is reserved`);

  if (parametricStereo && channels === 1) channels = 2;
  return { objectType, sampleRate, channels, sbr };
}

/** SBR and parametric stereo, signalled behind a configuration in a way that older decoders do not see. */
function readSyncExtension(bits: BitReader): { sampleRate: number; parametricStereo: boolean } | null {
  if (bits.left < 16 || bits.u(11) !== SYNC_EXTENSION || audioObjectType(bits) !== SBR || !bits.flag())
    return null;
  const sampleRate = samplingFrequency(bits);
  const parametricStereo = bits.left >= 12 && bits.u(11) === PS_EXTENSION && bits.flag();
  return { sampleRate, parametricStereo };
}

/** Writes the plain form: AAC-LC or another object type, no SBR signalled. */
export function writeAacConfig(config: {
  objectType: number;
  sampleRate: number;
  channels: number;
}): Uint8Array {
  const index = FREQUENCIES.indexOf(config.sampleRate);
  const configuration = CHANNELS.indexOf(config.channels);
  if (index < 0 || configuration < 1) {
    throw new RangeError(`no AudioSpecificConfig for ${config.channels} channels at ${config.sampleRate} Hz`);
  }
  const word = (config.objectType << 11) | (index << 7) | (configuration << 3);
  return Uint8Array.of(word >> 8, word & 255);
}

/** Real ones have 2 to 7 bytes; with a program config element up to about 60. */
const MAX_CONFIG_BYTES = 512;

const SBR = 5;
const PS = 29;
const SYNC_EXTENSION = 0x2b7;
const PS_EXTENSION = 0x548;

/** Object types whose configuration is a GASpecificConfig (table 1.15) and that encoders send: Main, LC, SSR, LTP. */
const GENERAL_AUDIO = new Set([1, 2, 3, 4]);

/** ISO/IEC 14496-3 table 1.18. */
const FREQUENCIES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/** ISO/IEC 14496-3 table 1.19; 0 stands for "in the program config element" and for what is reserved. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8, 0];

function audioObjectType(bits: BitReader): number {
  const type = bits.u(5);
  return type === 31 ? 32 + bits.u(6) : type;
}

function samplingFrequency(bits: BitReader): number {
  const index = bits.u(4);
  if (index === 15) {
    const rate = bits.u(24);
    if (rate < 1000 || rate > 192_000) bits.fail(`a sampling frequency of ${rate} Hz`);
    return rate;
  }
  return FREQUENCIES[index] ?? bits.fail(`sampling frequency index ${index} is reserved`);
}

/** program_config_element (ISO/IEC 14496-3 §4.4.1.1): how many channels its elements make. */
function programChannels(bits: BitReader, startsAt: number): number {
  bits.skip(4 + 2 + 4); // element_instance_tag, object_type, sampling_frequency_index
  const [front, side, back, lfe] = [bits.u(4), bits.u(4), bits.u(4), bits.u(2)];
  const [associated, coupling] = [bits.u(3), bits.u(4)];
  if (bits.flag()) bits.skip(4);
  if (bits.flag()) bits.skip(4);
  if (bits.flag()) bits.skip(3);
  let channels = lfe;
  for (let i = 0; i < front + side + back; i++) {
    channels += bits.flag() ? 2 : 1;
    bits.skip(4);
  }
  bits.skip(4 * lfe + 4 * associated + 5 * coupling);
  bits.skip((8 - ((bits.offset - startsAt) % 8)) % 8); // byte_alignment, counted from the configuration's start
  bits.skip(8 * bits.u(8)); // comment_field_data
  return channels;
}
