import type { VideoCodec } from "../../hub/access-unit.js";
import {
  type Av1Sequence,
  isAv1Keyframe,
  OBU,
  obuType,
  parseAv1Config,
  parseAv1Sequence,
  splitObus,
} from "../../wire/codecs/av1.js";
import { parseAvcConfig } from "../../wire/codecs/h264.js";
import { parseHevcConfig } from "../../wire/codecs/h265.js";
import { splitAnnexB, splitLengthPrefixed, startsWithStartCode } from "../../wire/codecs/nal-units.js";
import type { PictureFormat } from "../../wire/codecs/picture.js";
import { parseVp9Config, parseVp9Header, type Vp9Config } from "../../wire/codecs/vp9.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import type { TrackFormat } from "../formats.js";
import { isNalKeyframe, isSameBytes, type NalCodec, startParameterSets } from "../parameter-sets.js";

/** A coded frame taken apart. */
export type Picture = { readonly units: readonly Uint8Array[]; readonly isKeyframe: boolean };

/** The state of one video track: its codec's configuration and what the bitstream has said since. */
export type VideoTrack = {
  readonly codec: VideoCodec;
  /** A configuration record. */
  config(record: Uint8Array): void;
  /** A coded frame; null when nothing is in it. */
  frame(bytes: Uint8Array, calledKeyframe: boolean): Picture | null;
  /** What is known of the format now, without reordering where the bitstream leaves it open; null when not enough is. */
  format(): TrackFormat | null;
};

const CODECS: ReadonlyMap<string, VideoCodec> = new Map([
  ["avc1", "h264"],
  ["hvc1", "h265"],
  ["hev1", "h265"],
  ["av01", "av1"],
  ["vp09", "vp9"],
]);

/** The codec of a fourCC; null when it is not one of ours. */
export function videoCodecOf(fourCc: string): VideoCodec | null {
  return CODECS.get(fourCc) ?? null;
}

/** A track of this codec, before its first configuration. */
export function startVideoTrack(codec: VideoCodec): VideoTrack {
  if (codec === "av1") return startAv1Track();
  if (codec === "vp9") return startVp9Track();
  return startNalTrack(codec);
}

/**
 * The codec a configuration record is really of. OBS before 29.1 and others send HEVC under H.264's codec id: its record
 * has no SPS of H.264 in it, but reads as an HEVC one.
 */
export function sniffNalCodec(called: VideoCodec, record: Uint8Array): VideoCodec {
  if (called !== "h264" || canRead(() => parseAvcConfig(record).sps.length > 0)) return called;
  return canRead(() => parseHevcConfig(record).sps.length > 0) ? "h265" : called;
}

function canRead(attempt: () => boolean): boolean {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof ProtocolError) return false; // the question is only whether it can be read
    throw error;
  }
}

function startNalTrack(codec: NalCodec): VideoTrack {
  const sets = startParameterSets(codec);
  let lengthSize = 4; // until a record says otherwise: encoders that send parameter sets only in band use 4

  function split(bytes: Uint8Array): Uint8Array[] {
    if (!startsWithStartCode(bytes)) return splitLengthPrefixed(bytes, lengthSize);
    // A first NAL unit of one byte or a start code that has no place here: what reads through to the end is right.
    if (canRead(() => splitLengthPrefixed(bytes, lengthSize).length > 0))
      return splitLengthPrefixed(bytes, lengthSize);
    return splitAnnexB(bytes);
  }

  return {
    codec,
    config(record) {
      if (codec === "h264") {
        const config = parseAvcConfig(record);
        lengthSize = config.lengthSize;
        if (config.sps.length > 0) sets.replace([...config.sps, ...config.pps]);
        return;
      }
      const config = parseHevcConfig(record);
      lengthSize = config.lengthSize;
      if (config.sps.length > 0) sets.replace([...config.vps, ...config.sps, ...config.pps]);
    },
    frame(bytes, calledKeyframe) {
      const units = split(bytes);
      if (units.length === 0) return null;
      sets.takeInBand(units);
      return { units, isKeyframe: isNalKeyframe(codec, units, calledKeyframe) };
    },
    format: () => withSets(codec, sets.format(), sets.list()),
  };
}

function startAv1Track(): VideoTrack {
  let obu: Uint8Array | null = null;
  let sequence: Av1Sequence | null = null;

  function take(next: Uint8Array): void {
    if (isSameBytes(obu, next)) return;
    sequence = parseAv1Sequence(next);
    obu = next;
  }

  return {
    codec: "av1",
    config(record) {
      const found = parseAv1Config(record);
      if (found !== null) take(found);
    },
    frame(bytes) {
      const units = splitObus(bytes);
      if (units.length === 0) return null;
      const inBand = units.find((unit) => obuType(unit) === OBU.sequenceHeader);
      if (inBand !== undefined) take(inBand);
      return { units, isKeyframe: isAv1Keyframe(units, sequence) };
    },
    format: () => (obu === null ? null : withSets("av1", sequence?.format ?? null, [obu])),
  };
}

function startVp9Track(): VideoTrack {
  let config: Vp9Config | null = null;
  let picture: PictureFormat | null = null;
  return {
    codec: "vp9",
    config(record) {
      config = parseVp9Config(record);
    },
    frame(bytes) {
      if (bytes.length === 0) return null;
      const header = parseVp9Header(bytes);
      // The record knows the transfer characteristics, which VP9's own header has no field for.
      if (header.format !== null)
        picture = { ...header.format, colour: config?.colour ?? header.format.colour };
      return { units: [bytes], isKeyframe: header.isKeyframe };
    },
    format: () => withSets("vp9", picture, []),
  };
}

function withSets(
  codec: VideoCodec,
  picture: PictureFormat | null,
  parameterSets: Uint8Array[],
): TrackFormat | null {
  return picture === null ? null : { codec, ...picture, parameterSets };
}
