import { parseAacConfig } from "../codecs/aac.js";
import { parseAv1Sequence } from "../codecs/av1.js";
import { H264_NAL, h264NalType } from "../codecs/h264.js";
import { H265_NAL, h265NalType, parseHevcLevels } from "../codecs/h265.js";
import { ProtocolError } from "../protocol-error.js";
import { vp9Level } from "./decoder-records.js";
import type { AudioTrack, Track, VideoTrack } from "./track.js";

/** A track's codec as browsers are asked about it (RFC 6381 and the codecs' own rules). */
export function codecStringOf(track: Track): string {
  return track.kind === "video" ? videoString(track) : audioString(track);
}

function videoString(track: VideoTrack): string {
  const { setup, bitDepth } = track;
  switch (setup.entry) {
    case "avc1":
      return avcString(setup.sets);
    case "hvc1":
      return hevcString(setup.sets);
    case "av01": {
      const { profile, level, tier } = parseAv1Sequence(setup.sequenceHeader);
      return `av01.${profile}.${two(level)}${tier === 0 ? "M" : "H"}.${two(bitDepth)}`;
    }
    case "vp09":
      return `vp09.${two(setup.profile)}.${two(vp9Level(track))}.${two(bitDepth)}`;
  }
}

/** RFC 6381 §3.3: profile, constraints and level as the SPS has them. */
function avcString(sets: readonly Uint8Array[]): string {
  const sps = sets.find((set) => h264NalType(set) === H264_NAL.sps);
  if (sps === undefined) throw new ProtocolError("h264", "there is no SPS");
  return `avc1.${[...sps.subarray(1, 4)].map(hex).join("")}`;
}

/** ISO/IEC 14496-15 §E.3: profile, compatibility (bits turned round), tier and level, constraints without zeros at the end. */
function hevcString(sets: readonly Uint8Array[]): string {
  const sps = sets.find((set) => h265NalType(set) === H265_NAL.sps);
  if (sps === undefined) throw new ProtocolError("h265", "there is no SPS");
  const { general } = parseHevcLevels(sps);
  const [first = 0] = general;
  const space = ["", "A", "B", "C"][first >> 6] ?? "";
  const tier = (first & 0x20) === 0 ? "L" : "H";
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) {
    const isSet = ((general[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1;
    compatibility += isSet * 2 ** bit;
  }
  const constraints = [...general.subarray(5, 11)];
  while (constraints.at(-1) === 0) constraints.pop();
  const parts = [
    "hvc1",
    `${space}${first & 0x1f}`,
    compatibility.toString(16).toUpperCase(),
    `${tier}${general[11] ?? 0}`,
  ];
  return [...parts, ...constraints.map((byte) => byte.toString(16).toUpperCase())].join(".");
}

function audioString({ setup }: AudioTrack): string {
  if (setup.entry === "Opus") return "opus";
  const { objectType, sbr } = parseAacConfig(setup.audioSpecificConfig);
  return `mp4a.40.${sbr ? HE_AAC : objectType}`;
}

/** Object type of SBR: what browsers know HE-AAC as, whether or not it has parametric stereo. */
const HE_AAC = 5;

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0").toUpperCase();
}
