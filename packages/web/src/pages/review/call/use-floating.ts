import {
  type KeyboardEvent as ReactKeyboardEvent,
  type PointerEvent as ReactPointerEvent,
  type RefObject,
  useLayoutEffect,
} from "react";
import { cornerAt, type Room, type StripChoice, sharesOf } from "./strip-place.js";

const EDGE_PX = 68; // above and below: the bars' own places
const SIDE_PX = 12;
const STEP = 0.05; // of the free room, with an arrow key
const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Keeps a box where it was put in the room, and gives its grip what moves it: the pointer and the arrow keys. */
export function useFloating(
  box: RefObject<HTMLElement | null>,
  choice: StripChoice,
  onChoice: (change: Partial<StripChoice>) => void,
) {
  const { x, y } = choice;
  useLayoutEffect(() => {
    const element = box.current;
    const parent = element?.offsetParent;
    if (element == null || !(parent instanceof HTMLElement)) return;
    const lay = () => {
      const { left, top } = cornerAt({ x, y }, sizeOf(element), freeRoom(parent));
      element.style.left = `${left + SIDE_PX}px`;
      element.style.top = `${top + EDGE_PX}px`;
    };
    lay();
    const watcher = new ResizeObserver(lay);
    watcher.observe(element);
    watcher.observe(parent);
    return () => watcher.disconnect();
  }, [box, x, y]);

  function onPointerDown(down: ReactPointerEvent<HTMLElement>) {
    const element = box.current;
    const parent = element?.offsetParent;
    if (element === null || !(parent instanceof HTMLElement) || down.button !== 0) return;
    const grip = down.currentTarget;
    const from = { left: down.clientX - element.offsetLeft, top: down.clientY - element.offsetTop };
    grip.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent) => {
      const corner = {
        left: event.clientX - from.left - SIDE_PX,
        top: event.clientY - from.top - EDGE_PX,
      };
      onChoice(sharesOf(corner, sizeOf(element), freeRoom(parent)));
    };
    const end = () => {
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", end);
      grip.removeEventListener("pointercancel", end);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
  }

  function onKeyDown(event: ReactKeyboardEvent<HTMLElement>) {
    const step = ARROWS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // at 1:1 the arrows move the picture
    const within = (share: number) => Math.min(1, Math.max(0, share));
    onChoice({ x: within(x + step[0] * STEP), y: within(y + step[1] * STEP) });
  }

  return { onPointerDown, onKeyDown };
}

function sizeOf(element: HTMLElement): Room {
  return { width: element.offsetWidth, height: element.offsetHeight };
}

function freeRoom(parent: HTMLElement): Room {
  return { width: parent.clientWidth - 2 * SIDE_PX, height: parent.clientHeight - 2 * EDGE_PX };
}
