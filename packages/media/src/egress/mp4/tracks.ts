import type { AudioFormat, VideoFormat, VideoUnit } from "../../hub/access-unit.js";
import { OBU, obuType } from "../../wire/codecs/av1.js";
import { H264_NAL, h264NalType, parseH264Sps } from "../../wire/codecs/h264.js";
import { H265_NAL, h265NalType, parseH265Sps } from "../../wire/codecs/h265.js";
import type { PictureFormat } from "../../wire/codecs/picture.js";
import { u32 } from "../../wire/mp4/box.js";
import { sizedObu } from "../../wire/mp4/decoder-records.js";
import type { AudioTrack, VideoSetup, VideoTrack } from "../../wire/mp4/track.js";
import { ProtocolError } from "../../wire/protocol-error.js";

/** Ids of the two tracks in everything that we write. */
export const TRACK_ID = { video: 1, audio: 2 } as const;

/** The video track for a format of the hub. Throws `ProtocolError` when its parameter sets are not all there. */
export function videoTrackOf(format: VideoFormat): VideoTrack {
  const { width, height, bitDepth, chroma, colour } = format;
  return {
    kind: "video",
    id: TRACK_ID.video,
    setup: setupOf(format),
    ...{ width, height, bitDepth, chroma, colour },
    sampleAspectRatio: sampleAspectOf(format),
  };
}

/** The audio track for a format of the hub. */
export function audioTrackOf(format: AudioFormat): AudioTrack {
  const { codec, sampleRate, channels, config } = format;
  const setup =
    codec === "aac" ? { entry: "mp4a" as const, audioSpecificConfig: config } : { entry: "Opus" as const };
  return { kind: "audio", id: TRACK_ID.audio, setup, sampleRate, channels };
}

/** A picture's bytes as MP4 carries them: NAL units behind their lengths, OBUs with their sizes, the VP9 frame as it is. */
export function samplePieces(codec: VideoFormat["codec"], unit: VideoUnit): Uint8Array[] {
  if (codec === "vp9") return [...unit.units];
  if (codec === "av1") return unit.units.map(sizedObu);
  return unit.units.flatMap((nal) => [u32(nal.length), nal]);
}

function setupOf({ codec, parameterSets, profile, frameRate }: VideoFormat): VideoSetup {
  switch (codec) {
    case "h264":
      return { entry: "avc1", sets: parameterSets };
    case "h265":
      return { entry: "hvc1", sets: parameterSets };
    case "av1": {
      const sequenceHeader = parameterSets.find((obu) => obuType(obu) === OBU.sequenceHeader);
      if (sequenceHeader === undefined) throw new ProtocolError("av1", "there is no sequence header");
      return { entry: "av01", sequenceHeader };
    }
    case "vp9":
      return { entry: "vp09", profile: Number(/\d/.exec(profile)?.[0] ?? 0), frameRate };
  }
}

function sampleAspectOf({ codec, parameterSets }: VideoFormat): PictureFormat["sampleAspectRatio"] {
  if (codec === "h264") {
    const sps = parameterSets.find((set) => h264NalType(set) === H264_NAL.sps);
    return sps === undefined ? null : parseH264Sps(sps).sampleAspectRatio;
  }
  if (codec === "h265") {
    const sps = parameterSets.find((set) => h265NalType(set) === H265_NAL.sps);
    return sps === undefined ? null : parseH265Sps(sps).sampleAspectRatio;
  }
  return null;
}
