import { type RefObject, useLayoutEffect, useRef } from "react";
import { browserClock } from "../../live/clock.js";
import type { Place } from "./picture-geometry.js";
import { createWatermark, type Watermark } from "./watermark.js";

const LESS_MOTION = matchMedia("(prefers-reduced-motion: reduce)");

/** Lays the viewer's name over the picture before it is painted for the first time; `name` null: there is no mark. */
export function useWatermark(
  stage: RefObject<HTMLElement | null>,
  name: string | null,
  picture: Place | null,
) {
  const mark = useRef<Watermark | null>(null);
  useLayoutEffect(() => {
    if (stage.current === null || name === null) return;
    mark.current = createWatermark({
      stage: stage.current,
      name,
      clock: browserClock,
      random: Math.random,
      isStill: () => LESS_MOTION.matches,
    });
    return () => {
      mark.current?.close();
      mark.current = null;
    };
  }, [stage, name]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new mark must be told too where the picture is
  useLayoutEffect(() => {
    if (picture !== null) mark.current?.over(picture);
  }, [picture, name]);
}
