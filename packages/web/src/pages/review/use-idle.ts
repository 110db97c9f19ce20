import { type RefObject, useEffect, useState } from "react";

const IDLE_AFTER_MS = 3_000;

/** True when nobody has moved, touched or typed for 3 s: the controls step back. Never while `mayHide` is false. */
export function useIdle(frame: RefObject<HTMLElement | null>, mayHide: boolean): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    const box = frame.current;
    if (!mayHide || box === null) {
      setIdle(false);
      return;
    }
    let timer: ReturnType<typeof setTimeout>;
    const rest = () => {
      // Who goes by keyboard must see where they are, and a question stays until it is answered.
      if (box.querySelector(":focus-visible, dialog[open]") === null) setIdle(true);
      else timer = setTimeout(rest, IDLE_AFTER_MS);
    };
    const wake = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(rest, IDLE_AFTER_MS);
    };
    wake();
    const signs = ["pointermove", "pointerdown", "keydown", "focusin"] as const;
    for (const sign of signs) box.addEventListener(sign, wake);
    window.addEventListener("keydown", wake);
    return () => {
      clearTimeout(timer);
      for (const sign of signs) box.removeEventListener(sign, wake);
      window.removeEventListener("keydown", wake);
    };
  }, [frame, mayHide]);
  return isIdle;
}
