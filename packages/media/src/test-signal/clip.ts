import { fileURLToPath } from "node:url";
import type { AudioFormat, VideoFormat } from "../hub/access-unit.js";
import { ByteReader } from "../wire/byte-reader.js";
import { H264_NAL, h264NalType, parseH264Sps } from "../wire/codecs/h264.js";

// The clip's file: all numbers big-endian.
//
//   6 bytes  "CSCLIP"
//   u16      version, 1
//   u32      length of the loop, 90 kHz ticks
//   u16      number of H.264 parameter sets, each: u32 length, NAL unit
//   u16      audio channels (Opus, 48 kHz)
//   u32      number of units, each:
//     u8       0 audio, 1 video, 2 video keyframe
//     u32      pts = dts, 90 kHz ticks from the loop's start, never less than the one before
//     u32      length of what follows: the Opus packet, or the NAL units, each with its u32 length
//
// Nothing may follow the last unit. The first video unit is a keyframe at 0.

const MAGIC = "CSCLIP";
const VERSION = 1;
const KIND = { audio: 0, video: 1, keyframe: 2 } as const;

/** One coded picture or sound of the clip; times count from the loop's start. */
export type ClipUnit =
  | {
      readonly kind: "video";
      readonly pts: number;
      readonly isKeyframe: boolean;
      readonly units: readonly Uint8Array[];
    }
  | { readonly kind: "audio"; readonly pts: number; readonly payload: Uint8Array };

/** A loop of picture and sound, ready to be published. */
export type Clip = {
  readonly loopTicks: number;
  readonly video: VideoFormat;
  readonly audio: AudioFormat;
  /** In sending order; at least one, the first video unit a keyframe. */
  readonly units: readonly ClipUnit[];
};

/** The engine's own clip, made by scripts/make-test-signal.mjs. */
export const testSignalPath: string = fileURLToPath(
  new URL("../../assets/test-signal.clip", import.meta.url),
);

/** Reads a clip; throws `ProtocolError` with the place where it is not one. */
export function parseClip(bytes: Uint8Array): Clip {
  const reader = new ByteReader("clip", bytes);
  const magic = Buffer.from(reader.slice(MAGIC.length)).toString("latin1");
  if (magic !== MAGIC) reader.fail("expected a clip to begin with CSCLIP");
  const version = reader.u16();
  if (version !== VERSION) reader.fail(`expected version ${VERSION}, got ${version}`);
  const loopTicks = reader.u32();
  if (loopTicks === 0) reader.fail("expected a loop longer than 0");

  const parameterSets = pieces(reader, reader.u16());
  const sps = parameterSets.find((set) => set.length > 0 && h264NalType(set) === H264_NAL.sps);
  if (sps === undefined) return reader.fail("expected a sequence parameter set");
  const picture = parseH264Sps(sps);

  const channels = reader.u16();
  if (channels !== 1 && channels !== 2) reader.fail(`expected one or two channels, got ${channels}`);

  const units = parseUnits(reader, loopTicks);
  if (reader.left > 0) reader.fail(`expected the end, ${reader.left} bytes are left`);
  return {
    loopTicks,
    video: { codec: "h264", ...picture, reorderFrames: picture.reorderFrames ?? 0, parameterSets },
    audio: { codec: "opus", sampleRate: 48_000, channels, config: new Uint8Array(0) },
    units,
  };
}

const pieces = (reader: ByteReader, count: number): Uint8Array[] => {
  const list: Uint8Array[] = [];
  for (let at = 0; at < count; at += 1) list.push(reader.slice(reader.u32()));
  return list;
};

const allPieces = (body: ByteReader): Uint8Array[] => {
  const list: Uint8Array[] = [];
  while (body.left > 0) list.push(body.slice(body.u32()));
  return list;
};

const parseUnits = (reader: ByteReader, loopTicks: number): ClipUnit[] => {
  const count = reader.u32();
  const units: ClipUnit[] = [];
  let lastPts = 0;
  let hasKeyframe = false;
  for (let at = 0; at < count; at += 1) {
    const kind = reader.u8();
    const pts = reader.u32();
    if (pts < lastPts || pts >= loopTicks) {
      reader.fail(`expected a time from ${lastPts} to below ${loopTicks}, got ${pts}`);
    }
    lastPts = pts;
    const body = reader.slice(reader.u32());
    if (body.length === 0) reader.fail("expected a unit that is not empty");
    if (kind === KIND.audio) {
      units.push({ kind: "audio", pts, payload: body });
    } else if (kind === KIND.video || kind === KIND.keyframe) {
      const isKeyframe = kind === KIND.keyframe;
      if (!hasKeyframe && !(isKeyframe && pts === 0))
        reader.fail("expected the video to begin with a keyframe at 0");
      hasKeyframe = true;
      units.push({ kind: "video", pts, isKeyframe, units: allPieces(new ByteReader("clip", body)) });
    } else {
      reader.fail(`expected a unit of kind 0, 1 or 2, got ${kind}`);
    }
  }
  if (!hasKeyframe) reader.fail("expected at least one picture");
  return units;
};
