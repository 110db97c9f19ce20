import { expect, test } from "vitest";
import { makeFlvReader } from "./flv-file.js";

/** Adobe FLV 10.1 §E.4.1: type, length, time, stream, body, and the whole tag's length again. */
function tag(type: number, body: readonly number[]): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(11 + body.length);
  return Buffer.concat([head, Buffer.from(body), size]);
}

const HEADER = Buffer.of(...Buffer.from("FLV"), 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);
const RECORD = [1, 66, 0, 30, 0xff, 0xe1, 0, 2, 0x67, 1, 1, 0, 1, 0x68];
const KEYFRAME = [0x17, 1, 0, 0, 0, 0, 0, 0, 3, 0x65, 7, 8];
const SOUND = [0xaf, 1, 9, 9];
const INTER = [0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41, 0, 0, 0, 2, 0x41, 5];

function toldOf(pieces: readonly Buffer[]): unknown[] {
  const told: unknown[] = [];
  const read = makeFlvReader({
    parameterSets: (sets) => told.push(sets.map((set) => [...set])),
    picture: ({ isKeyframe, nalUnits }) => told.push({ isKeyframe, units: nalUnits.map((nal) => [...nal]) }),
  });
  for (const piece of pieces) read(piece);
  return told;
}

const FILE = Buffer.concat([
  HEADER,
  tag(18, [2, 0, 0]),
  tag(9, [0x17, 0, 0, 0, 0, ...RECORD]),
  tag(9, KEYFRAME),
  tag(8, SOUND),
  tag(9, INTER),
]);

const WANTED = [
  [[0x67, 1], [0x68]],
  { isKeyframe: true, units: [[0x65, 7, 8]] },
  { isKeyframe: false, units: [[0x41], [0x41, 5]] },
];

test("parameter sets and pictures are read in order, whatever the pieces they come in", () => {
  expect(toldOf([FILE])).toEqual(WANTED);
  for (const length of [1, 2, 3, 7, 11, 40]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < FILE.length; at += length) pieces.push(FILE.subarray(at, at + length));
    expect(toldOf(pieces)).toEqual(WANTED);
  }
});

test("a picture is told at its own last byte, without the length that follows it", () => {
  expect(toldOf([FILE.subarray(0, -4)])).toEqual(WANTED);
  expect(toldOf([FILE.subarray(0, -5)])).toEqual(WANTED.slice(0, -1));
});
