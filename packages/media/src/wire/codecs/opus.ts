import { ByteReader } from "../byte-reader.js";

/** The identification header (RFC 7845 §5.1). */
export type OpusHead = {
  readonly channels: number;
  /** Samples at 48 kHz to be thrown away at the start. */
  readonly preSkip: number;
  readonly mappingFamily: number;
  /** Null with mapping family 0: mono or stereo in one Opus stream. */
  readonly mapping: {
    readonly streams: number;
    readonly coupled: number;
    readonly channels: Uint8Array;
  } | null;
};

/** Opus always decodes at 48 kHz (RFC 7587 §4.1), whatever the header calls the input's rate. */
export const OPUS_SAMPLE_RATE = 48_000;

const MAGIC = 0x4f707573_48656164n; // "OpusHead"

/** Reads an identification header. */
export function parseOpusHead(bytes: Uint8Array): OpusHead {
  const head = new ByteReader("opus", bytes);
  const magic = (BigInt(head.u32()) << 32n) | BigInt(head.u32());
  if (magic !== MAGIC) head.fail("the header does not begin with OpusHead");
  const version = head.u8();
  if (version >> 4 !== 0) head.fail(`header version ${version} is not known`);
  const channels = head.u8();
  if (channels === 0) head.fail("no channels");
  const preSkip = head.u8() | (head.u8() << 8);
  head.skip(6); // input sample rate, output gain
  const mappingFamily = head.u8();
  if (mappingFamily === 0) {
    if (channels > 2) head.fail(`${channels} channels with mapping family 0`);
    return { channels, preSkip, mappingFamily, mapping: null };
  }
  const streams = head.u8();
  const coupled = head.u8();
  if (streams === 0 || coupled > streams) head.fail(`${streams} streams, ${coupled} of them coupled`);
  const map = head.slice(channels);
  for (const index of map) {
    if (index !== 255 && index >= streams + coupled) head.fail(`channel mapping names stream ${index}`);
  }
  return { channels, preSkip, mappingFamily, mapping: { streams, coupled, channels: map.slice() } };
}

/** Writes an identification header at 48 kHz with no gain. */
export function writeOpusHead(head: OpusHead): Uint8Array {
  const bytes = [
    ...new TextEncoder().encode("OpusHead"),
    1,
    head.channels,
    head.preSkip & 255,
    head.preSkip >> 8,
  ];
  bytes.push(0x80, 0xbb, 0, 0, 0, 0, head.mappingFamily);
  if (head.mapping !== null) bytes.push(head.mapping.streams, head.mapping.coupled, ...head.mapping.channels);
  return Uint8Array.from(bytes);
}
