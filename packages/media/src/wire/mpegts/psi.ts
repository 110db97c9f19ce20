import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import { crc32 } from "./crc.js";

/** A program association table (ISO/IEC 13818-1 §2.4.4.3): which programmes there are. */
export type ProgramAssociation = {
  readonly version: number;
  /** False: it is to hold later and is not to be used now. */
  readonly isCurrent: boolean;
  /** Number 0 is the network's table, not a programme. */
  readonly programs: readonly { readonly number: number; readonly pid: number }[];
};

/** A descriptor: its tag and what is in it. */
export type Descriptor = { readonly tag: number; readonly body: Uint8Array };

/** A track of a programme. */
export type ElementaryStream = {
  readonly streamType: number;
  readonly pid: number;
  readonly descriptors: readonly Descriptor[];
};

/** A program map table (ISO/IEC 13818-1 §2.4.4.8): which tracks a programme has. */
export type ProgramMap = {
  readonly program: number;
  readonly version: number;
  readonly isCurrent: boolean;
  readonly pcrPid: number;
  readonly descriptors: readonly Descriptor[];
  readonly streams: readonly ElementaryStream[];
};

/** The id of the program association table. */
export const PAT_TABLE = 0;

/** The id of the program map table. */
export const PMT_TABLE = 2;

/** ISO/IEC 13818-1 §2.4.4.11: sections of these tables have at most so many bytes behind their length. */
const MAX_SECTION_LENGTH = 1021;

/** Reads a program association section with its CRC. */
export function parseProgramAssociation(bytes: Uint8Array): ProgramAssociation {
  const { body, version, isCurrent } = parseSection(bytes, PAT_TABLE, "pat");
  const programs: { number: number; pid: number }[] = [];
  while (body.left > 0) programs.push({ number: body.u16(), pid: body.u16() & 0x1fff });
  return { version, isCurrent, programs };
}

/** Reads a program map section with its CRC. */
export function parseProgramMap(bytes: Uint8Array): ProgramMap {
  const { body, id, version, isCurrent } = parseSection(bytes, PMT_TABLE, "pmt");
  const pcrPid = body.u16() & 0x1fff;
  const descriptors = parseDescriptors(body);
  const streams: ElementaryStream[] = [];
  while (body.left > 0) {
    streams.push({
      streamType: body.u8(),
      pid: body.u16() & 0x1fff,
      descriptors: parseDescriptors(body),
    });
  }
  return { program: id, version, isCurrent, pcrPid, descriptors, streams };
}

/** Writes a program association section. */
export function writeProgramAssociation(table: ProgramAssociation, transportStream = 1): Uint8Array {
  const body = table.programs.flatMap(({ number, pid }) => [...word(number), ...word(0xe000 | pid)]);
  return writeSection(PAT_TABLE, transportStream, table, body);
}

/** Writes a program map section. */
export function writeProgramMap(table: ProgramMap): Uint8Array {
  const body = [...word(0xe000 | table.pcrPid), ...descriptorBytes(table.descriptors)];
  for (const { streamType, pid, descriptors } of table.streams) {
    body.push(streamType, ...word(0xe000 | pid), ...descriptorBytes(descriptors));
  }
  return writeSection(PMT_TABLE, table.program, table, body);
}

type Section = { body: ByteReader; id: number; version: number; isCurrent: boolean };

function parseSection(bytes: Uint8Array, table: number, protocol: string): Section {
  const reader = new ByteReader(protocol, bytes);
  const id = reader.u8();
  if (id !== table) reader.fail(`table id ${id}, expected ${table}`);
  const word = reader.u16();
  const length = word & 0xfff;
  if ((word & 0x8000) === 0) reader.fail("a section without a CRC");
  if (length < 9 || length > MAX_SECTION_LENGTH || length !== reader.left)
    reader.fail(`a section length of ${length}, ${reader.left} bytes are there`);
  if (crc32(bytes) !== 0) throw new ProtocolError(protocol, "the CRC is wrong");
  const extension = reader.u16();
  const flags = reader.u8();
  reader.skip(2); // section_number, last_section_number: these tables fit into one
  const body = new ByteReader(protocol, reader.slice(reader.left - 4));
  return { body, id: extension, version: (flags >> 1) & 31, isCurrent: (flags & 1) === 1 };
}

function parseDescriptors(body: ByteReader): Descriptor[] {
  const reader = new ByteReader("descriptors", body.slice(body.u16() & 0xfff));
  const descriptors: Descriptor[] = [];
  while (reader.left > 0) descriptors.push({ tag: reader.u8(), body: reader.slice(reader.u8()) });
  return descriptors;
}

function descriptorBytes(descriptors: readonly Descriptor[]): number[] {
  const bytes = descriptors.flatMap(({ tag, body }) => [tag, body.length, ...body]);
  return [...word(0xf000 | bytes.length), ...bytes];
}

function writeSection(
  table: number,
  id: number,
  { version, isCurrent }: { readonly version: number; readonly isCurrent: boolean },
  body: readonly number[],
): Uint8Array {
  const length = 5 + body.length + 4;
  if (length > MAX_SECTION_LENGTH)
    throw new RangeError(`a section of ${length} bytes, at most ${MAX_SECTION_LENGTH}`);
  const head = [table, ...word(0xb000 | length), ...word(id), 0xc0 | (version << 1) | (isCurrent ? 1 : 0)];
  const bytes = Uint8Array.of(...head, 0, 0, ...body, 0, 0, 0, 0);
  const crc = crc32(bytes.subarray(0, -4));
  bytes.set([crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255], bytes.length - 4);
  return bytes;
}

function word(value: number): [number, number] {
  return [value >> 8, value & 255];
}
