/** Gives bytes of a file from `start` on, at most `length` of them. */
export type ReadRange = (start: number, length: number) => Promise<DataView>;

const MAX_TOP_BOXES = 64; // a plain MP4 has about five
const MAX_MOOV_BYTES = 64 * 1024 * 1024; // 8 bytes a frame and table: over ten hours
const BOX_HEAD_BYTES = 16;

// What encoders are set to. A file's clock may be in whole milliseconds, so that its average is a little off.
const KNOWN_RATES = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 48_000 / 1001, 48, 50, 60_000 / 1001, 60];
const RATE_TOLERANCE = 0.0004; // below half of the 0.1 % between 24 and 23.976

/**
 * The frame rate of an MP4 (ISO/IEC 14496-12): its video track's samples over its length. Null when the file does not
 * say, as one that is still growing: its samples are in fragments.
 */
export async function readFrameRate(read: ReadRange): Promise<number | null> {
  const moov = await findMoov(read);
  if (moov === null) return null;
  for (const trak of childrenOf(moov, "trak")) {
    const mdia = childrenOf(trak, "mdia")[0];
    if (mdia === undefined || handlerOf(mdia) !== "vide") continue;
    const frames = sampleCount(mdia);
    const seconds = durationOf(mdia);
    if (frames > 1 && seconds > 0) return nearestRate(frames / seconds);
  }
  return null;
}

function nearestRate(rate: number): number {
  return KNOWN_RATES.find((known) => Math.abs(known - rate) / known < RATE_TOLERANCE) ?? rate;
}

async function findMoov(read: ReadRange): Promise<DataView | null> {
  let at = 0;
  for (let boxes = 0; boxes < MAX_TOP_BOXES; boxes += 1) {
    const head = await read(at, BOX_HEAD_BYTES);
    if (head.byteLength < 8) return null;
    const { type, size, headBytes } = boxHead(head, 0);
    if (type === "moov") {
      return size <= MAX_MOOV_BYTES ? read(at + headBytes, size - headBytes) : null;
    }
    if (size < headBytes) return null; // 0: to the end of the file
    at += size;
  }
  return null;
}

function boxHead(view: DataView, at: number): { type: string; size: number; headBytes: number } {
  const size = view.getUint32(at);
  const type = fourCc(view, at + 4);
  // §4.2: 1 means that the size stands behind the type, in 64 bits.
  if (size !== 1 || view.byteLength < at + BOX_HEAD_BYTES) return { type, size, headBytes: 8 };
  return { type, size: Number(view.getBigUint64(at + 8)), headBytes: BOX_HEAD_BYTES };
}

function childrenOf(box: DataView, type: string): DataView[] {
  const found: DataView[] = [];
  for (let at = 0; at + 8 <= box.byteLength; ) {
    const { type: own, size, headBytes } = boxHead(box, at);
    if (size < headBytes || at + size > box.byteLength) break;
    if (own === type) found.push(new DataView(box.buffer, box.byteOffset + at + headBytes, size - headBytes));
    at += size;
  }
  return found;
}

/** §8.4.3: version and flags, four bytes that are 0, the kind of track. */
function handlerOf(mdia: DataView): string | null {
  const hdlr = childrenOf(mdia, "hdlr")[0];
  return hdlr === undefined || hdlr.byteLength < 12 ? null : fourCc(hdlr, 8);
}

/** §8.4.2: the track's length in seconds. */
function durationOf(mdia: DataView): number {
  const mdhd = childrenOf(mdia, "mdhd")[0];
  if (mdhd === undefined || mdhd.byteLength < 20) return 0;
  if (mdhd.getUint8(0) === 0) return mdhd.getUint32(16) / mdhd.getUint32(12);
  return mdhd.byteLength < 32 ? 0 : Number(mdhd.getBigUint64(24)) / mdhd.getUint32(20);
}

/** §8.7.3: how many samples the track has. */
function sampleCount(mdia: DataView): number {
  const stbl = childrenOf(mdia, "minf").flatMap((minf) => childrenOf(minf, "stbl"))[0];
  const stsz = stbl === undefined ? undefined : childrenOf(stbl, "stsz")[0];
  return stsz === undefined || stsz.byteLength < 12 ? 0 : stsz.getUint32(8);
}

function fourCc(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)));
}
