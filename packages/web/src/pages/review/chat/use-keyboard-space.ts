import { useEffect } from "react";

/**
 * Keeps the room above a phone's keyboard, which covers the page's lower part without the page being told otherwise
 * (CSSOM View, `visualViewport`): what is typed would stand behind it.
 */
export function useKeyboardSpace() {
  useEffect(() => {
    const seen = window.visualViewport;
    if (seen === null) return;
    const { style } = document.documentElement;
    const follow = () => {
      // Pinched, the visible part is a detail of the page and not what a keyboard leaves of it.
      const isPinched = seen.scale > 1.01;
      const below = window.innerHeight - seen.height - seen.offsetTop;
      style.setProperty("--cs-above", isPinched ? "0px" : `${Math.max(0, Math.round(seen.offsetTop))}px`);
      style.setProperty("--cs-below", isPinched ? "0px" : `${Math.max(0, Math.round(below))}px`);
    };
    follow();
    seen.addEventListener("resize", follow);
    seen.addEventListener("scroll", follow);
    return () => {
      seen.removeEventListener("resize", follow);
      seen.removeEventListener("scroll", follow);
      style.removeProperty("--cs-above");
      style.removeProperty("--cs-below");
    };
  }, []);
}
