import { type PointerEvent as ReactPointerEvent, useCallback, useEffect, useRef, useState } from "react";
import {
  actualSize,
  clampPan,
  fittedSize,
  type Pan,
  type Place,
  percentShown,
  visiblePart,
} from "./picture-geometry.js";
import type { RoomPlayer } from "./use-player.js";

const CENTRE: Pan = { x: 0, y: 0 };
const STEP_PX = 80;

/** Fit or 1:1, and which part of a picture that is larger than the window. */
export function usePicture({ videoA, videoB, picture }: RoomPlayer) {
  const stage = useRef<HTMLElement>(null);
  const [scale, setScale] = useState<"fit" | "actual">("fit");
  const [pan, setPan] = useState<Pan>(CENTRE);
  const [visible, setVisible] = useState<Place | null>(null);
  const [percent, setPercent] = useState<number | null>(null);

  useEffect(() => {
    const box = stage.current;
    if (box === null) return;
    function lay() {
      const source = picture ?? videoA.current;
      if (box === null || source === null) return;
      const room = { width: box.clientWidth, height: box.clientHeight };
      const video = { width: source.videoWidth, height: source.videoHeight };
      const ratio = window.devicePixelRatio;
      // Where the picture stands above the panel its place is as high as it is.
      if (video.width > 0) box.style.setProperty("--cs-picture", `${video.width} / ${video.height}`);
      setPercent(video.width === 0 ? null : scale === "actual" ? 100 : percentShown(video, room, ratio));
      if (video.width === 0) setVisible(null);
      else {
        const whole = scale === "fit" ? fittedSize(video, room) : actualSize(video, room, pan, ratio);
        const now = visiblePart(whole, room);
        setVisible((before) => (before !== null && isSame(before, now) ? before : now));
      }
      for (const element of [videoA.current, videoB.current]) {
        if (element === null) continue;
        if (scale === "fit" || video.width === 0) {
          element.removeAttribute("style");
          continue;
        }
        const place = actualSize(video, room, pan, ratio);
        element.style.width = `${place.width}px`;
        element.style.height = `${place.height}px`;
        element.style.left = `${place.left}px`;
        element.style.top = `${place.top}px`;
      }
    }
    lay();
    const watcher = new ResizeObserver(lay);
    watcher.observe(box);
    window.addEventListener("resize", lay); // browser zoom changes the device pixel ratio
    picture?.addEventListener("resize", lay); // the encoder changed its resolution
    return () => {
      watcher.disconnect();
      window.removeEventListener("resize", lay);
      picture?.removeEventListener("resize", lay);
    };
  }, [scale, pan, picture, videoA, videoB]);

  const toggle = useCallback(() => {
    setScale((before) => (before === "fit" ? "actual" : "fit"));
    setPan(CENTRE);
  }, []);

  function moveTo(wanted: Pan) {
    const box = stage.current;
    if (box === null || picture === null) return;
    const room = { width: box.clientWidth, height: box.clientHeight };
    const video = { width: picture.videoWidth, height: picture.videoHeight };
    setPan(clampPan(wanted, video, room, window.devicePixelRatio));
  }

  const onPointerDown = (down: ReactPointerEvent<HTMLElement>) => {
    const box = stage.current;
    if (scale === "fit" || box === null || down.button !== 0) return;
    const from = { x: down.clientX - pan.x, y: down.clientY - pan.y };
    box.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent) => moveTo({ x: event.clientX - from.x, y: event.clientY - from.y });
    const end = () => {
      box.removeEventListener("pointermove", move);
      box.removeEventListener("pointerup", end);
      box.removeEventListener("pointercancel", end);
    };
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", end);
    box.addEventListener("pointercancel", end);
  };

  /** The arrow keys of 1:1: they uncover the side that they point to. */
  const step = (x: number, y: number) => () => moveTo({ x: pan.x - x * STEP_PX, y: pan.y - y * STEP_PX });
  const arrows = {
    arrowleft: step(-1, 0),
    arrowright: step(1, 0),
    arrowup: step(0, -1),
    arrowdown: step(0, 1),
  };

  return { stage, scale, percent, visible, toggle, onPointerDown, arrows: scale === "actual" ? arrows : {} };
}

function isSame(a: Place, b: Place): boolean {
  return a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height;
}
