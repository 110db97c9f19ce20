/** A point in the space that the mark can move in: 0 is left or top, 1 is right or bottom. */
export type Point = { readonly x: number; readonly y: number };

// There and back. Primes, so that the way repeats after two hours only and every part of the picture is crossed.
const ACROSS_MS = 97_000;
const DOWN_MS = 71_000;

/** Where the mark is after so long: on a straight way at a steady pace, thrown back by the edges. It never rests. */
export function wander(ageMs: number): Point {
  return { x: thereAndBack(ageMs / ACROSS_MS), y: thereAndBack(ageMs / DOWN_MS) };
}

const JUMP_EVERY_MS = 20_000;
// The plastic number's powers spread points over a square so that each falls far from those before it.
const STEP_X = 0.7548776662466927;
const STEP_Y = 0.5698402909980532;

/** Where the mark is for those who asked for less motion: elsewhere every 20 s, and still in between. */
export function jump(ageMs: number): Point {
  const count = Math.floor(ageMs / JUMP_EVERY_MS);
  return { x: (0.5 + count * STEP_X) % 1, y: (0.5 + count * STEP_Y) % 1 };
}

function thereAndBack(turns: number): number {
  const part = turns - Math.floor(turns);
  return part < 0.5 ? 2 * part : 2 - 2 * part;
}
