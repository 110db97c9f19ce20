import { readFileSync } from "node:fs";
import { splitAvcc } from "./rtmp-tap.js";

/** A picture as it lies in the file that an encoder sends. */
export type FiledPicture = { readonly isKeyframe: boolean; readonly nalUnits: readonly Buffer[] };

/** The H.264 of an FLV file: its parameter sets (from the AVCDecoderConfigurationRecord) and its pictures in order. */
export function readFlvVideo(path: string): { parameterSets: Buffer[]; pictures: FiledPicture[] } {
  const file = readFileSync(path);
  const pictures: FiledPicture[] = [];
  let parameterSets: Buffer[] = [];
  // Adobe FLV 10.1 §E.3: header, then for each tag its length again and the next tag.
  for (let at = file.readUInt32BE(5) + 4; at + 11 <= file.length; ) {
    const type = file.readUInt8(at) & 0x1f;
    const length = file.readUIntBE(at + 1, 3);
    const body = file.subarray(at + 11, at + 11 + length);
    at += 11 + length + 4;
    if (type !== 9 || (body.readUInt8(0) & 0x0f) !== 7) continue;
    if (body.readUInt8(1) === 0) parameterSets = readParameterSets(body.subarray(5));
    if (body.readUInt8(1) !== 1) continue;
    pictures.push({ isKeyframe: body.readUInt8(0) >> 4 === 1, nalUnits: splitAvcc(body.subarray(5)) });
  }
  return { parameterSets, pictures };
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
