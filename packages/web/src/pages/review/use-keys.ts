import { useEffect, useRef } from "react";

/** What keys do, by `KeyboardEvent.key` in small letters; the space bar is `space`. */
export type Keys = Readonly<Record<string, () => void>>;
/** What keys do while they are held: told when they go down and when they come up again, whatever has happened since. */
export type HeldKeys = Readonly<Record<string, (isDown: boolean) => void>>;

/**
 * Single keys for the room. Silent while someone types, holds a modifier, or has a dialog open. The space bar belongs
 * to whatever has the focus, as it presses buttons.
 */
export function useKeys(keys: Keys, held: HeldKeys = NONE) {
  const latest = useRef({ keys, held });
  useEffect(() => {
    latest.current = { keys, held };
  });
  useEffect(() => {
    const down = new Set<string>();
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target;
      const isElement = at instanceof Element;
      if (isElement && at.closest("input:not([type=range]), textarea, select, dialog") !== null) return;
      const key = nameOf(event);
      if (key === "space" && isElement && at.closest(PRESSED_BY_SPACE) !== null) return;
      if (latest.current.held[key] !== undefined) {
        event.preventDefault(); // space would scroll
        if (event.repeat || down.has(key)) return;
        down.add(key);
        latest.current.held[key](true);
        return;
      }
      const isArrow = event.key.startsWith("Arrow");
      if (isArrow ? at instanceof HTMLInputElement : event.repeat) return; // arrows belong to a slider, and may repeat
      const act = latest.current.keys[key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    const release = (key: string) => {
      if (down.delete(key)) latest.current.held[key]?.(false);
    };
    const lift = (event: KeyboardEvent) => release(nameOf(event));
    // A key that comes up elsewhere is not told here.
    const releaseAll = () => {
      for (const key of [...down]) release(key);
    };
    window.addEventListener("keydown", press);
    window.addEventListener("keyup", lift);
    window.addEventListener("blur", releaseAll);
    document.addEventListener("visibilitychange", releaseAll);
    return () => {
      window.removeEventListener("keydown", press);
      window.removeEventListener("keyup", lift);
      window.removeEventListener("blur", releaseAll);
      document.removeEventListener("visibilitychange", releaseAll);
      releaseAll();
    };
  }, []);
}

const NONE: HeldKeys = {};
const PRESSED_BY_SPACE =
  "button, a[href], summary, input, [role=button], [role=tab], [role=switch], [role=menuitem], [contenteditable]";

function nameOf({ key }: KeyboardEvent): string {
  return key === " " ? "space" : key.toLowerCase();
}
