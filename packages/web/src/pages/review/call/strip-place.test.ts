import { expect, test } from "vitest";
import { cornerAt, FIRST_CHOICE, parseChoice, resized, sharesOf } from "./strip-place.js";

const strip = { width: 200, height: 100 };
const room = { width: 1000, height: 600 };

test("a place is a share of the free room: it stays at its edge when the window changes", () => {
  expect(cornerAt({ x: 1, y: 0 }, strip, room)).toEqual({ left: 800, top: 0 });
  expect(cornerAt({ x: 1, y: 0 }, strip, { width: 500, height: 600 })).toEqual({ left: 300, top: 0 });
  expect(cornerAt({ x: 0.5, y: 0.5 }, strip, room)).toEqual({ left: 400, top: 250 });
});

test("a window smaller than the strip shows its upper left part", () => {
  expect(cornerAt({ x: 1, y: 1 }, strip, { width: 100, height: 50 })).toEqual({ left: 0, top: 0 });
  expect(sharesOf({ left: 40, top: 40 }, strip, { width: 100, height: 50 })).toEqual({ x: 0, y: 0 });
});

test("what is dragged over an edge stays at it", () => {
  expect(sharesOf({ left: -50, top: 900 }, strip, room)).toEqual({ x: 0, y: 1 });
  expect(sharesOf({ left: 400, top: 250 }, strip, room)).toEqual({ x: 0.5, y: 0.5 });
});

test("sizes end at their ends", () => {
  expect(resized("small", -1)).toBe("small");
  expect(resized("small", 1)).toBe("medium");
  expect(resized("large", 1)).toBe("large");
});

test.each(["", "null", "[]", "{", '{"x":7,"y":"a","size":"huge","isHidden":1}'])(
  "a kept choice that says nothing is the first one: %s",
  (text) => {
    expect(parseChoice(text)).toEqual(FIRST_CHOICE);
  },
);

test("a kept choice is read as it was", () => {
  const choice = { x: 0.25, y: 1, size: "small", isFloating: true, isHidden: true, hasColour: true } as const;
  expect(parseChoice(JSON.stringify(choice))).toEqual(choice);
});
