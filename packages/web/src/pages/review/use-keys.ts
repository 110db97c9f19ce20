import { useEffect, useRef } from "react";

/** Single keys for the room. Silent while someone types, holds a modifier, or has a dialog open. */
export function useKeys(keys: Record<string, () => void>) {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target;
      if (
        at instanceof HTMLElement &&
        at.closest("input:not([type=range]), textarea, select, dialog") !== null
      ) {
        return;
      }
      const isArrow = event.key.startsWith("Arrow");
      if (isArrow ? at instanceof HTMLInputElement : event.repeat) return; // arrows belong to a slider, and may repeat
      const act = latest.current[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
