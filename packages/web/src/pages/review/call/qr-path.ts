import { encode } from "uqr";

/** A QR code as one path of an SVG, a unit a module. */
export type QrCode = { readonly path: string; readonly size: number };

const QUIET_ZONE = 4; // ISO/IEC 18004 §9.1: modules of nothing on every side, or cameras do not find it

/** Draws the dark modules of a text's QR code, row by row. Paint them dark on light: many readers know no other. */
export function qrCode(text: string): QrCode {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { path: path.join(""), size };
}
