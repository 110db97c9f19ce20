import { ascii, box, fullBox, joined, u8, u16, u32 } from "./box.js";
import {
  writeAv1Record,
  writeAvcRecord,
  writeEsDescriptor,
  writeHevcRecord,
  writeOpusRecord,
  writeVp9Record,
} from "./decoder-records.js";
import { type AudioTrack, type Track, VIDEO_TIMESCALE, type VideoTrack } from "./track.js";

/** Identity (ISO/IEC 14496-12 §6.2.2): 16.16 and, in the last column, 2.30. */
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** "und" in three letters of five bits (ISO/IEC 14496-12 §8.4.2.3). */
const NO_LANGUAGE = 0x55c4;

const MOVIE_TIMESCALE = 1000;

/** Flags of a track header: enabled, in the movie. */
const ENABLED = 3;

/** "The data is in this file" (ISO/IEC 14496-12 §8.7.2). */
const SELF_CONTAINED = 1;

/** What a player reads before the first fragment: the tracks, without samples (ISO/IEC 14496-12 §8.1 and §8.8). */
export function writeInitSegment(tracks: readonly Track[]): Uint8Array {
  const nextId = Math.max(0, ...tracks.map((track) => track.id)) + 1;
  const movieHeader = fullBox(
    "mvhd",
    0,
    0,
    u32(0, 0, MOVIE_TIMESCALE, 0), // created, modified, timescale, duration: in the fragments
    u32(0x10000),
    u16(0x100, 0), // rate and volume 1
    u32(0, 0),
    MATRIX,
    u32(0, 0, 0, 0, 0, 0, nextId),
  );
  const extensions = tracks.map((track) => fullBox("trex", 0, 0, u32(track.id, 1, 0, 0, 0)));
  return joined([
    box("ftyp", ascii("iso6"), u32(0), ascii("iso6mp41")), // tfdt and default-base-is-moof are iso6's
    box("moov", movieHeader, ...tracks.map(trackBox), box("mvex", ...extensions)),
  ]);
}

function trackBox(track: Track): Uint8Array {
  const isVideo = track.kind === "video";
  const header = fullBox(
    "tkhd",
    0,
    ENABLED,
    u32(0, 0, track.id, 0, 0), // created, modified, id, reserved, duration
    u32(0, 0),
    u16(0, 0, isVideo ? 0 : 0x100, 0), // layer, group, volume
    MATRIX,
    u32(isVideo ? shownWidth(track) * 0x10000 : 0, isVideo ? track.height * 0x10000 : 0),
  );
  const timescale = isVideo ? VIDEO_TIMESCALE : track.sampleRate;
  const mediaHeader = fullBox("mdhd", 0, 0, u32(0, 0, timescale, 0), u16(NO_LANGUAGE, 0));
  const [kind, name] = isVideo ? ["vide", "video"] : ["soun", "sound"];
  const handler = fullBox("hdlr", 0, 0, u32(0), ascii(kind), u32(0, 0, 0), ascii(`${name}\0`));
  return box("trak", header, box("mdia", mediaHeader, handler, mediaInformation(track)));
}

function mediaInformation(track: Track): Uint8Array {
  const header =
    track.kind === "video"
      ? fullBox("vmhd", 0, 1, u16(0, 0, 0, 0)) // flags are 1 (ISO/IEC 14496-12 §12.1.2)
      : fullBox("smhd", 0, 0, u16(0, 0));
  const dataReference = fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, SELF_CONTAINED));
  const entry = track.kind === "video" ? videoEntry(track) : audioEntry(track);
  const noSamples = [
    fullBox("stts", 0, 0, u32(0)),
    fullBox("stsc", 0, 0, u32(0)),
    fullBox("stsz", 0, 0, u32(0, 0)),
    fullBox("stco", 0, 0, u32(0)),
  ];
  return box(
    "minf",
    header,
    box("dinf", dataReference),
    box("stbl", fullBox("stsd", 0, 0, u32(1), entry), ...noSamples),
  );
}

/** In square pixels of the picture's height (ISO/IEC 14496-12 §8.3.2). */
function shownWidth({ width, sampleAspectRatio }: VideoTrack): number {
  const [horizontal, vertical] = sampleAspectRatio ?? [1, 1];
  return Math.min(0xffff, Math.round((width * horizontal) / vertical));
}

/** VisualSampleEntry (ISO/IEC 14496-12 §12.1.3) with colour and the shape of the pixels. */
function videoEntry(track: VideoTrack): Uint8Array {
  const { setup, width, height, colour, sampleAspectRatio } = track;
  const extras: Uint8Array[] = [decoderBox(track)];
  if (colour !== null) {
    const { primaries, transfer, matrix, fullRange } = colour;
    const range = u8(fullRange ? 0x80 : 0);
    extras.push(box("colr", ascii("nclx"), u16(primaries, transfer, matrix), range)); // §12.1.5
  }
  if (sampleAspectRatio !== null) extras.push(box("pasp", u32(...sampleAspectRatio))); // §12.1.4
  return box(
    setup.entry,
    new Uint8Array(6),
    u16(1), // data_reference_index
    new Uint8Array(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0), // 72 dpi
    u16(1), // frame_count
    new Uint8Array(32), // compressorname
    u16(0x18, 0xffff), // depth: colour without alpha
    ...extras,
  );
}

function decoderBox(track: VideoTrack): Uint8Array {
  const { setup } = track;
  switch (setup.entry) {
    case "avc1":
      return box("avcC", writeAvcRecord(setup.sets));
    case "hvc1":
      return box("hvcC", writeHevcRecord(setup.sets));
    case "av01":
      return box("av1C", writeAv1Record(setup.sequenceHeader));
    case "vp09":
      return fullBox("vpcC", 1, 0, writeVp9Record(track));
  }
}

/** AudioSampleEntry (ISO/IEC 14496-12 §12.2.3). */
function audioEntry(track: AudioTrack): Uint8Array {
  const { setup, channels, sampleRate } = track;
  const decoder =
    setup.entry === "mp4a"
      ? fullBox("esds", 0, 0, writeEsDescriptor(setup.audioSpecificConfig))
      : box("dOps", writeOpusRecord(track));
  const rate = sampleRate > 0xffff ? 0 : sampleRate; // 88.2 and 96 kHz do not fit: the timescale says them
  return box(
    setup.entry,
    new Uint8Array(6),
    u16(1), // data_reference_index
    new Uint8Array(8),
    u16(channels, 16, 0, 0), // 16 bits a sample, as every writer puts it
    u16(rate, 0),
    decoder,
  );
}
