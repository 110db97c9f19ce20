import { barcodeHeight, drawBarcode } from "./barcode.js";
import { seededRandom } from "./random.js";

/** Draws numbered frames for an encoder to send. */
export type FrameSource = {
  /** Bytes of one yuv420p frame. */
  readonly frameBytes: number;
  /** The frame with its barcode. The buffer is used again after `LOOP_FRAMES` more frames. */
  draw(frame: number, timeMs: number): Uint8Array;
};

const LOOP_FRAMES = 12;

/**
 * Frames of moving film-like grain over a gradient: grain is what a colourist sends and what fills a bit rate; `grain`
 * is its strength in code values. A few frames are made beforehand and repeat, as drawing must not cost the CPU that
 * is being measured.
 */
export function makeFrameSource(width: number, height: number, grain: number): FrameSource {
  const lumaBytes = width * height;
  const frameBytes = lumaBytes + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const random = seededRandom(width * height);
  const noise = Float32Array.from({ length: 65_537 }, () => (random() - 0.5) * 2 * grain); // prime: no visible tiles
  const loop = Array.from({ length: LOOP_FRAMES }, (_, number) => {
    const picture = new Uint8Array(frameBytes).fill(128);
    const shift = Math.floor(random() * noise.length);
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const ramp = 48 + (144 * ((column + number * 8) % width)) / width;
        const at = row * width + column;
        picture[at] = ramp + (noise[(at + shift) % noise.length] as number);
      }
    }
    picture.fill(128, 0, barcodeHeight(width) * width);
    return picture;
  });
  return {
    frameBytes,
    draw(frame, timeMs) {
      const picture = loop[frame % LOOP_FRAMES] as Uint8Array;
      drawBarcode(picture, width, { frame: frame % 2 ** 24, timeMs });
      return picture;
    },
  };
}
