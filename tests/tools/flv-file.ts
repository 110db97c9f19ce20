import { readFileSync } from "node:fs";
import { splitAvcc } from "./rtmp-tap.js";

/** A picture as it lies in the file that an encoder sends. */
export type FiledPicture = { readonly isKeyframe: boolean; readonly nalUnits: readonly Buffer[] };

/** Who is told of the H.264 in a stream. */
export type FlvListener = {
  parameterSets(sets: readonly Buffer[]): void;
  picture(picture: FiledPicture): void;
};

const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;

/** The H.264 of an FLV file: its parameter sets (from the AVCDecoderConfigurationRecord) and its pictures in order. */
export function readFlvVideo(path: string): {
  parameterSets: readonly Buffer[];
  pictures: readonly FiledPicture[];
} {
  const pictures: FiledPicture[] = [];
  let parameterSets: readonly Buffer[] = [];
  const read = makeFlvReader({
    parameterSets(sets) {
      parameterSets = sets;
    },
    picture: (picture) => pictures.push(picture),
  });
  read(readFileSync(path));
  return { parameterSets, pictures };
}

/** Reads FLV as it comes, in pieces of any length: a picture is told when its own last byte is there. */
export function makeFlvReader(listener: FlvListener): (bytes: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  let isBegun = false;
  let skip = 0;

  /** Consumes one tag from the start of `held` (Adobe FLV 10.1 §E.3); false when it is not all there. */
  function readTag(): boolean {
    if (!isBegun && held.length >= 9) {
      isBegun = true;
      skip = held.readUInt32BE(5) + PREVIOUS_TAG_SIZE_BYTES;
    }
    const skipped = Math.min(skip, held.length);
    held = held.subarray(skipped);
    skip -= skipped;
    if (!isBegun || skip > 0 || held.length < TAG_HEADER_BYTES) return false;
    const type = held.readUInt8(0) & 0x1f;
    const end = TAG_HEADER_BYTES + held.readUIntBE(1, 3);
    if (held.length < end) return false;
    const body = held.subarray(TAG_HEADER_BYTES, end);
    held = held.subarray(end);
    skip = PREVIOUS_TAG_SIZE_BYTES;
    if (type !== 9 || (body.readUInt8(0) & 0x0f) !== 7) return true;
    if (body.readUInt8(1) === 0) listener.parameterSets(readParameterSets(body.subarray(5)));
    if (body.readUInt8(1) === 1)
      listener.picture({ isKeyframe: body.readUInt8(0) >> 4 === 1, nalUnits: splitAvcc(body.subarray(5)) });
    return true;
  }

  return (bytes) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    while (readTag()) {
      // until the rest is less than a tag
    }
  };
}

/** ISO/IEC 14496-15 §5.3.3.1.2: sequence parameter sets, then picture parameter sets, each behind 16 bits of length. */
function readParameterSets(record: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = record.readUInt8(at) & mask;
    at += 1;
    for (let number = 0; number < count; number += 1) {
      const length = record.readUInt16BE(at);
      sets.push(record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return sets;
}
