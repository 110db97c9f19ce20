/**
 * A frame's number and birth time, drawn into its luma as black and white squares and read back from the pixels:
 * what a viewer sees proves by itself which frame it is and how old.
 *
 * 72 bits, first bit first, row by row from the top left corner: 24 bits frame number, 32 bits time (milliseconds
 * modulo 2^32), 16 bits CRC. A square is one macroblock, so that a coder's block edges fall on its edges.
 */

/** Side of a square in pixels; H.264's macroblock (ITU-T H.264 §6.3). */
export const CELL_PIXELS = 16;

const BITS = 72;
const BLACK = 16; // BT.709 limited range
const WHITE = 235;

/** What a barcode says. */
export type Barcode = {
  /** 0 to 2^24 - 1, then again from 0. */
  readonly frame: number;
  /** Wall clock in ms, modulo 2^32. */
  readonly timeMs: number;
};

/** A plane of 8-bit luma samples. */
export type LumaPlane = {
  readonly width: number;
  readonly samples: Uint8Array | Uint8ClampedArray;
  /** Samples from one row to the next, and from one pixel to the next (4 for RGBA). */
  readonly stride: number;
  readonly step: number;
};

/** How many squares fit side by side. */
export function barcodeColumns(width: number): number {
  return Math.floor(width / CELL_PIXELS);
}

/** How many pixel rows at the top the barcode takes in a picture of this width. */
export function barcodeHeight(width: number): number {
  return Math.ceil(BITS / barcodeColumns(width)) * CELL_PIXELS;
}

/** Draws a barcode into the luma of a planar picture (yuv420p, yuv422p, gray), from the top left corner. */
export function drawBarcode(luma: Uint8Array, width: number, barcode: Barcode): void {
  const bits = barcodeBits(barcode.frame, barcode.timeMs);
  const columns = barcodeColumns(width);
  for (let at = 0; at < BITS; at += 1) {
    const value = bits[at] === 1 ? WHITE : BLACK;
    const left = (at % columns) * CELL_PIXELS;
    const top = Math.floor(at / columns) * CELL_PIXELS;
    for (let row = top; row < top + CELL_PIXELS; row += 1) {
      luma.fill(value, row * width + left, row * width + left + CELL_PIXELS);
    }
  }
}

function barcodeBits(frame: number, timeMs: number): number[] {
  const bits: number[] = [];
  const whole = Math.floor(timeMs) % 2 ** 32;
  for (let bit = 23; bit >= 0; bit -= 1) bits.push((frame >>> bit) & 1);
  for (let bit = 31; bit >= 0; bit -= 1) bits.push((whole >>> bit) & 1);
  let crc = 0xffff; // CRC-16/IBM-3740; ITU-T X.25's polynomial
  for (const bit of bits) {
    const isOdd = ((crc >>> 15) ^ bit) & 1;
    crc = (crc << 1) & 0xffff;
    if (isOdd === 1) crc ^= 0x1021;
  }
  for (let bit = 15; bit >= 0; bit -= 1) bits.push((crc >>> bit) & 1);
  return bits;
}

/**
 * Reads a barcode; null when the check bits do not fit (a damaged picture, or one without a barcode).
 * It stands alone, without anything from outside, because its source also runs in browser pages.
 */
export function readBarcode(plane: LumaPlane): Barcode | null {
  const cell = 16;
  const columns = Math.floor(plane.width / cell);
  let crc = 0xffff;
  let frame = 0;
  let timeMs = 0;
  let check = 0;
  for (let at = 0; at < 72; at += 1) {
    const left = (at % columns) * cell;
    const top = Math.floor(at / columns) * cell;
    let sum = 0;
    for (let y = 4; y < 12; y += 1) {
      for (let x = 4; x < 12; x += 1) {
        sum += plane.samples[(top + y) * plane.stride + (left + x) * plane.step] ?? 0;
      }
    }
    const bit = sum > 64 * 125 ? 1 : 0;
    if (at < 24) frame = frame * 2 + bit;
    else if (at < 56) timeMs = timeMs * 2 + bit;
    else {
      check = check * 2 + bit;
      continue;
    }
    const isOdd = ((crc >>> 15) ^ bit) & 1;
    crc = (crc << 1) & 0xffff;
    if (isOdd === 1) crc ^= 0x1021;
  }
  return check === crc ? { frame, timeMs } : null;
}

/** How many milliseconds before `nowMs` (wall clock) the barcode was drawn. */
export function ageMs(barcode: Barcode, nowMs: number): number {
  const difference = (nowMs - barcode.timeMs) % 2 ** 32;
  return difference > 2 ** 31 ? difference - 2 ** 32 : difference;
}
