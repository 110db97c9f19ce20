import type { VideoCodec } from "../hub/access-unit.js";
import { BitReader } from "../wire/codecs/bit-reader.js";
import { H264_NAL, h264NalType, isH264Keyframe, parseH264Sps } from "../wire/codecs/h264.js";
import { H265_NAL, h265NalType, isH265Keyframe, parseH265Sps } from "../wire/codecs/h265.js";
import { toRbsp } from "../wire/codecs/nal-units.js";
import type { PictureFormat } from "../wire/codecs/picture.js";
import { ProtocolError } from "../wire/protocol-error.js";

/** The two codecs whose pictures are NAL units. */
export type NalCodec = Extract<VideoCodec, "h264" | "h265">;

/** The parameter sets of a stream, whether they come in a record or in band. */
export type ParameterSets = {
  /** All sets at once, as a configuration record has them. True when something has changed. */
  replace(sets: readonly Uint8Array[]): boolean;
  /** The sets among a picture's units, each in the place of the one with its type and id. True when something has changed. */
  takeInBand(units: readonly Uint8Array[]): boolean;
  /** What the first SPS says; null while there is none. */
  format(): PictureFormat | null;
  /** All sets, VPS before SPS before PPS. */
  list(): Uint8Array[];
};

/** H.264 allows 32 SPS and 256 PPS; encoders send one or two of each. */
const MAX_SETS = 64;

/** Starts without any. */
export function startParameterSets(codec: NalCodec): ParameterSets {
  let sets = new Map<string, Uint8Array>();
  let first: PictureFormat | null = null;

  function take(next: Map<string, Uint8Array>): boolean {
    if (next.size > MAX_SETS) throw new ProtocolError(codec, `more than ${MAX_SETS} parameter sets`);
    if (next.size === sets.size && [...next].every(([key, set]) => isSameBytes(sets.get(key), set)))
      return false;
    const ordered = [...next].sort(([a], [b]) => (a < b ? -1 : 1));
    first = firstFormat(
      codec,
      ordered.map(([, set]) => set),
    );
    sets = new Map(ordered.map(([key, set]) => [key, keptOrCopied(sets.get(key), set)])); // a set in band would keep its picture
    return true;
  }

  return {
    replace: (list) => take(new Map(list.map((set) => [setKey(codec, set), set]))),
    takeInBand(units) {
      const inBand = units.filter((unit) => isParameterSet(codec, unit));
      if (inBand.length === 0) return false;
      return take(new Map([...sets, ...inBand.map((set) => [setKey(codec, set), set] as const)]));
    },
    format: () => first,
    list: () => [...sets.values()],
  };
}

/** True when a decoder can start at this picture. */
export function isNalKeyframe(
  codec: NalCodec,
  units: readonly Uint8Array[],
  calledKeyframe: boolean,
): boolean {
  return codec === "h264" ? isH264Keyframe(units, calledKeyframe) : isH265Keyframe(units);
}

function isParameterSet(codec: NalCodec, unit: Uint8Array): boolean {
  if (codec === "h264") {
    const type = h264NalType(unit);
    return type === H264_NAL.sps || type === H264_NAL.pps;
  }
  const type = h265NalType(unit);
  return type >= H265_NAL.vps && type <= H265_NAL.pps;
}

/** Sorts as VPS, SPS, PPS and then by id. */
function setKey(codec: NalCodec, set: Uint8Array): string {
  const raw = toRbsp(set.subarray(0, 64));
  const bits = new BitReader(codec, raw);
  if (codec === "h264") {
    const type = bits.u(8) & 0x1f;
    if (type === H264_NAL.sps) bits.skip(24); // profile, constraints, level
    return `${type}:${padded(bits.ueUpTo(255, "parameter set id"))}`;
  }
  const type = (bits.u(16) >> 9) & 0x3f;
  if (type === H265_NAL.vps) return `${type}:${padded(bits.u(4))}`;
  if (type === H265_NAL.pps) return `${type}:${padded(bits.ueUpTo(63, "pps_pic_parameter_set_id"))}`;
  return `${type}:${padded(0)}`; // an SPS's id stands behind its profile; no encoder sends two
}

function keptOrCopied(known: Uint8Array | undefined, set: Uint8Array): Uint8Array {
  return known !== undefined && isSameBytes(known, set) ? known : set.slice();
}

function padded(id: number): string {
  return String(id).padStart(3, "0");
}

function firstFormat(codec: NalCodec, sets: Iterable<Uint8Array>): PictureFormat | null {
  for (const set of sets) {
    if (codec === "h264" && h264NalType(set) === H264_NAL.sps) return parseH264Sps(set);
    if (codec === "h265" && h265NalType(set) === H265_NAL.sps) return parseH265Sps(set);
  }
  return null;
}

/** True when `a` is there and has the same bytes as `b`. */
export function isSameBytes(a: Uint8Array | null | undefined, b: Uint8Array): boolean {
  return a != null && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
