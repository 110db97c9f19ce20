import { expect, test } from "vitest";
import { actualSize, clampPan, fittedSize, percentShown, visiblePart } from "./picture-geometry.js";

const HD = { width: 1920, height: 1080 };
const CENTRE = { x: 0, y: 0 };

test("at 1:1 a video pixel is a device pixel, whatever the display's ratio", () => {
  expect(actualSize(HD, { width: 1440, height: 900 }, CENTRE, 1)).toEqual({
    width: 1920,
    height: 1080,
    left: -240,
    top: -90,
  });
  expect(actualSize(HD, { width: 1440, height: 900 }, CENTRE, 2)).toEqual({
    width: 960,
    height: 540,
    left: 240,
    top: 180,
  });
});

test("edges stand on whole device pixels", () => {
  const place = actualSize(HD, { width: 1441, height: 901 }, { x: 0.3, y: 0.2 }, 1.5);
  expect(place.left * 1.5).toBeCloseTo(Math.round(place.left * 1.5), 9);
  expect(place.top * 1.5).toBeCloseTo(Math.round(place.top * 1.5), 9);
});

test("panning ends at the picture's edge", () => {
  const stage = { width: 1440, height: 900 };
  expect(clampPan({ x: 9_999, y: -9_999 }, HD, stage, 1)).toEqual({ x: 240, y: -90 });
  expect(clampPan({ x: 100, y: -50 }, HD, stage, 1)).toEqual({ x: 100, y: -50 });
});

test("a picture smaller than the window stays in its middle", () => {
  expect(clampPan({ x: 50, y: 50 }, HD, { width: 1440, height: 900 }, 2)).toEqual(CENTRE);
});

test("the percentage counts device pixels", () => {
  expect(percentShown(HD, { width: 960, height: 900 }, 1)).toBe(50);
  expect(percentShown(HD, { width: 960, height: 900 }, 2)).toBe(100);
});

test("a fitted picture lies in the middle of the stage, whole", () => {
  const stage = { width: 960, height: 900 };
  expect(fittedSize({ width: 1920, height: 1080 }, stage)).toEqual({
    width: 960,
    height: 540,
    left: 0,
    top: 180,
  });
});

test("of a picture larger than the stage, the stage's part is visible; of a smaller one, all", () => {
  const stage = { width: 1000, height: 900 };
  const large = { left: -460, top: -90, width: 1920, height: 1080 };
  expect(visiblePart(large, stage)).toEqual({ left: 0, top: 0, width: 1000, height: 900 });
  const small = { left: 100, top: 200, width: 640, height: 360 };
  expect(visiblePart(small, stage)).toEqual(small);
});
