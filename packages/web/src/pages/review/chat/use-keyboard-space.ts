import { useEffect } from "react";

const KEYBOARD_PX = 120; // a browser's own bars are lower, every keyboard is higher

/**
 * Keeps the room above a phone's keyboard, which covers the page's lower part without the page being told otherwise
 * (CSSOM View, `visualViewport`): what is typed would stand behind it.
 */
export function useKeyboardSpace() {
  useEffect(() => {
    const seen = window.visualViewport;
    if (seen === null) return;
    const { style, dataset } = document.documentElement;
    const follow = () => {
      // Pinched, the visible part is a detail of the page and not what a keyboard leaves of it.
      const isWhole = seen.scale < 1.01;
      const above = isWhole ? Math.max(0, Math.round(seen.offsetTop)) : 0;
      const below = isWhole ? Math.max(0, Math.round(window.innerHeight - seen.height - above)) : 0;
      style.setProperty("--cs-above", `${above}px`);
      style.setProperty("--cs-below", `${below}px`);
      if (above + below > KEYBOARD_PX) dataset["keyboard"] = "open";
      else delete dataset["keyboard"];
    };
    follow();
    seen.addEventListener("resize", follow);
    seen.addEventListener("scroll", follow);
    return () => {
      seen.removeEventListener("resize", follow);
      seen.removeEventListener("scroll", follow);
      style.removeProperty("--cs-above");
      style.removeProperty("--cs-below");
      delete dataset["keyboard"];
    };
  }, []);
}
