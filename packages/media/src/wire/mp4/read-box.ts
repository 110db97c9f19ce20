import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";

/** The head of a box: its name, and how long it is, head and all. */
export type BoxHead = { readonly type: string; readonly headBytes: number; readonly bytes: number };

/** A box that is whole in memory. */
export type ReadBox = {
  readonly type: string;
  /** Head and all. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
};

/** The longest head: a length of eight bytes behind the name. */
export const MAX_BOX_HEAD_BYTES = 16;

/** What is read of MP4s is our own, cut off by a power failure at worst: deeper than `trak/mdia/minf/stbl` is nothing. */
const MAX_BOXES = 1024;

/** Reads the head of a box (ISO/IEC 14496-12 §4.2). A length of 0, “to the end of the file”, is not ours. */
export function parseBoxHead(bytes: Uint8Array): BoxHead {
  const reader = new ByteReader("mp4", bytes);
  const short = reader.u32();
  const type = String.fromCharCode(...reader.slice(4));
  if (short !== 1) {
    if (short < 8) throw new ProtocolError("mp4", `a box ${name(type)} of ${short} bytes`);
    return { type, headBytes: 8, bytes: short };
  }
  const long = reader.u32() * 2 ** 32 + reader.u32();
  if (long < 16 || long > Number.MAX_SAFE_INTEGER)
    throw new ProtocolError("mp4", `a box ${name(type)} of ${long} bytes`);
  return { type, headBytes: 16, bytes: long };
}

/** The boxes that follow each other in `bytes`, all of them whole. */
export function readBoxes(bytes: Uint8Array): ReadBox[] {
  const boxes: ReadBox[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (boxes.length === MAX_BOXES) throw new ProtocolError("mp4", `more than ${MAX_BOXES} boxes in one`);
    const head = parseBoxHead(bytes.subarray(at, at + MAX_BOX_HEAD_BYTES));
    if (head.bytes > bytes.length - at)
      throw new ProtocolError("mp4", `${name(head.type)} goes beyond its parent`, at);
    const whole = bytes.subarray(at, at + head.bytes);
    boxes.push({ type: head.type, whole, content: whole.subarray(head.headBytes) });
    at += head.bytes;
  }
  return boxes;
}

/** The content of the one box of this name below a path such as `mdia/minf/stbl`. */
export function contentOf(bytes: Uint8Array, path: string): Uint8Array {
  let content = bytes;
  for (const type of path.split("/")) {
    const found = readBoxes(content).find((box) => box.type === type);
    if (found === undefined) throw new ProtocolError("mp4", `no box ${type} of ${path}`);
    content = found.content;
  }
  return content;
}

/** A name for people: it may be any four bytes. */
function name(type: string): string {
  return JSON.stringify(type);
}
