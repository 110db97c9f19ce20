import type { VideoCodec } from "../../hub/access-unit.js";
import { type Av1Sequence, isAv1Keyframe, OBU, obuType, parseAv1Sequence } from "../../wire/codecs/av1.js";
import type { PictureFormat } from "../../wire/codecs/picture.js";
import { parseVp9Header } from "../../wire/codecs/vp9.js";
import { depacketiseAv1 } from "../../wire/rtp/av1-depacketise.js";
import { depacketiseH264 } from "../../wire/rtp/h264-depacketise.js";
import { depacketiseH265 } from "../../wire/rtp/h265-depacketise.js";
import { depacketiseVp9 } from "../../wire/rtp/vp9-depacketise.js";
import type { TrackFormat } from "../formats.js";
import { isNalKeyframe, isSameBytes, type NalCodec, startParameterSets } from "../parameter-sets.js";

/** A picture taken out of its packets, with the format that holds for it. */
export type Picture = {
  readonly units: readonly Uint8Array[];
  readonly isKeyframe: boolean;
  /** Null until the bitstream has said it. */
  readonly format: TrackFormat | null;
};

/**
 * Takes pictures out of their payloads. Throws `ProtocolError` for what is none; gives null when nothing is in it that
 * a decoder needs.
 */
export type Pictures = (payloads: readonly Uint8Array[]) => Picture | null;

/** Starts without any parameter sets: RTP carries them in band. */
export function startPictures(codec: VideoCodec): Pictures {
  if (codec === "av1") return startAv1();
  if (codec === "vp9") return startVp9();
  return startNal(codec, codec === "h264" ? depacketiseH264 : depacketiseH265);
}

function startNal(codec: NalCodec, depacketise: (payloads: readonly Uint8Array[]) => Uint8Array[]): Pictures {
  const sets = startParameterSets(codec);
  return (payloads) => {
    const units = depacketise(payloads);
    if (units.length === 0) return null;
    sets.takeInBand(units);
    const format = formatOf(codec, sets.format(), sets.list());
    return { units, isKeyframe: isNalKeyframe(codec, units, false), format };
  };
}

function startAv1(): Pictures {
  let obu: Uint8Array | null = null;
  let sequence: Av1Sequence | null = null;
  return (payloads) => {
    const units = depacketiseAv1(payloads);
    if (units.length === 0) return null;
    const inBand = units.find((unit) => obuType(unit) === OBU.sequenceHeader);
    if (inBand !== undefined && !isSameBytes(obu, inBand)) {
      sequence = parseAv1Sequence(inBand);
      obu = inBand;
    }
    const format = obu === null ? null : formatOf("av1", sequence?.format ?? null, [obu]);
    return { units, isKeyframe: isAv1Keyframe(units, sequence), format };
  };
}

function startVp9(): Pictures {
  let picture: PictureFormat | null = null;
  return (payloads) => {
    const units = depacketiseVp9(payloads);
    const [frame] = units;
    if (frame === undefined) return null;
    const header = parseVp9Header(frame);
    picture = header.format ?? picture;
    return { units, isKeyframe: header.isKeyframe, format: formatOf("vp9", picture, []) };
  };
}

function formatOf(
  codec: VideoCodec,
  picture: PictureFormat | null,
  parameterSets: Uint8Array[],
): TrackFormat | null {
  return picture === null ? null : { codec, ...picture, parameterSets };
}
