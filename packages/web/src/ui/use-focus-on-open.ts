import { type RefObject, useEffect, useRef } from "react";

/**
 * For a part that opens on a page and must be noticed: its heading takes the focus, and whoever had it gets it back
 * when the part closes. Only when the focus has gone with the part: who moved on stays where they are.
 */
export function useFocusOnOpen(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, []);
  return heading;
}
