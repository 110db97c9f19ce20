import { fromHex } from "../hex.js";
import type { PesHeader } from "./pes.js";
import type { ProgramAssociation, ProgramMap } from "./psi.js";
import type { AdaptationField, TsPacket } from "./ts-packet.js";

const NO_FIELD: AdaptationField = {
  length: 0,
  isDiscontinuity: false,
  isRandomAccess: false,
  isPriority: false,
  pcr: null,
  opcr: null,
  spliceCountdown: null,
  privateBytes: null,
  extension: null,
};

const PLAIN: TsPacket = {
  pid: 0x100,
  startsUnit: false,
  hasError: false,
  scrambling: 0,
  continuity: 5,
  adaptation: null,
  payload: null,
};

const bytesOf = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);

function packet(head: string, payloadBytes: number): Uint8Array {
  const header = fromHex(head);
  const bytes = new Uint8Array(188).fill(0xff);
  bytes.set(header);
  bytes.set(bytesOf(payloadBytes), 188 - payloadBytes);
  return bytes;
}

/** Transport packets, and whether each is stuffed. */
export const PACKET_CASES: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  value: TsPacket,
  stuffed: boolean,
])[] = [
  ["full of payload", packet("47 0100 15", 184), { ...PLAIN, payload: bytesOf(184) }, false],
  [
    "one byte of stuffing",
    packet("47 0100 35 00", 183),
    { ...PLAIN, adaptation: NO_FIELD, payload: bytesOf(183) },
    true,
  ],
  [
    "two bytes of stuffing: a field without flags",
    packet("47 0100 35 01 00", 182),
    { ...PLAIN, adaptation: { ...NO_FIELD, length: 1 }, payload: bytesOf(182) },
    true,
  ],
  [
    "stuffing",
    packet("47 0100 35 53 00", 100),
    { ...PLAIN, adaptation: { ...NO_FIELD, length: 83 }, payload: bytesOf(100) },
    true,
  ],
  [
    "a keyframe's first packet: random access and PCR, no stuffing",
    packet("47 4100 35 07 50 0000 7b0c 7e 00", 176),
    {
      ...PLAIN,
      startsUnit: true,
      adaptation: { ...NO_FIELD, length: 7, isRandomAccess: true, pcr: 0x7b0c * 2 * 300 },
      payload: bytesOf(176),
    },
    false,
  ],
  [
    "a PCR and stuffing behind it",
    packet("47 0100 35 08 10 0000 7b0c fe 2b ff", 175),
    {
      ...PLAIN,
      adaptation: { ...NO_FIELD, length: 8, pcr: (0x7b0c * 2 + 1) * 300 + 0x2b },
      payload: bytesOf(175),
    },
    true,
  ],
  [
    "a PCR alone, without payload",
    packet("47 0100 25 b7 10 0000 7b0c 7e 00", 0),
    { ...PLAIN, adaptation: { ...NO_FIELD, length: 183, pcr: 0x7b0c * 2 * 300 } },
    true,
  ],
  [
    "every field, marked as damaged and scrambled",
    packet("47 c100 b5 19 ff 0000 0001 7e 00 0000 0002 7e 01 fe 02 abcd 01 3f ff ff ff ff ff", 158),
    {
      ...PLAIN,
      startsUnit: true,
      hasError: true,
      scrambling: 2,
      adaptation: {
        length: 25,
        isDiscontinuity: true,
        isRandomAccess: true,
        isPriority: true,
        pcr: 600,
        opcr: 1201,
        spliceCountdown: 0xfe,
        privateBytes: fromHex("abcd"),
        extension: fromHex("3f"),
      },
      payload: bytesOf(158),
    },
    true,
  ],
];

/** Program association sections. */
export const PAT_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: ProgramAssociation])[] = [
  [
    "ffmpeg's",
    fromHex("00 b00d 0001 c1 00 00 0001 f000 2ab104b2"),
    { version: 0, isCurrent: true, programs: [{ number: 1, pid: 0x1000 }] },
  ],
  [
    "GStreamer's",
    fromHex("00 b00d 0001 c1 00 00 0001 e020 a2c32941"),
    { version: 0, isCurrent: true, programs: [{ number: 1, pid: 0x20 }] },
  ],
];

/** Program map sections. */
export const PMT_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: ProgramMap])[] = [
  [
    "ffmpeg's of H.264 and AAC",
    fromHex("02 b017 0001 c1 00 00 e100 f000 1b e100 f000 0f e101 f000 2f44b99b"),
    {
      program: 1,
      version: 0,
      isCurrent: true,
      pcrPid: 0x100,
      descriptors: [],
      streams: [
        { streamType: 0x1b, pid: 0x100, descriptors: [] },
        { streamType: 0x0f, pid: 0x101, descriptors: [] },
      ],
    },
  ],
  [
    "ffmpeg's of H.264 and Opus",
    fromHex("02 b021 0001 c1 00 00 e100 f000 1b e100 f000 06 e101 f00a 05 04 4f707573 7f 02 8001 a3ea4534"),
    {
      program: 1,
      version: 0,
      isCurrent: true,
      pcrPid: 0x100,
      descriptors: [],
      streams: [
        { streamType: 0x1b, pid: 0x100, descriptors: [] },
        {
          streamType: 0x06,
          pid: 0x101,
          descriptors: [
            { tag: 0x05, body: fromHex("4f707573") },
            { tag: 0x7f, body: fromHex("8001") },
          ],
        },
      ],
    },
  ],
];

const STAMPED: PesHeader = { streamId: 0xe0, packetLength: 0, isAligned: false, pts: 126_000, dts: 126_000 };

/** PES headers in their shortest form. */
export const PES_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: PesHeader])[] = [
  ["a picture of unsaid length", fromHex("000001 e0 0000 80 80 05 21 0007 d861"), STAMPED],
  [
    "a picture with B-frames, aligned",
    fromHex("000001 e0 0000 84 c0 0a 31 0009 1041 11 0007 d861"),
    { ...STAMPED, isAligned: true, pts: 133_152, dts: 126_000 },
  ],
  [
    "the last tick before the wrap",
    fromHex("000001 c0 0108 80 80 05 2f ffff ffff"),
    { streamId: 0xc0, packetLength: 264, isAligned: false, pts: 2 ** 33 - 1, dts: 2 ** 33 - 1 },
  ],
  [
    "no time stamp",
    fromHex("000001 bd 0010 80 00 00"),
    { streamId: 0xbd, packetLength: 16, isAligned: false, pts: null, dts: null },
  ],
];
