import { useEffect } from "react";

/** Keeps the screen on while the picture runs. The browser takes the lock away with the tab: asked for again on return. */
export function useWakeLock(isOn: boolean) {
  useEffect(() => {
    if (!isOn || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let isOver = false;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const got = await navigator.wakeLock.request("screen");
        if (isOver) await got.release();
        else lock = got;
      } catch (error) {
        // Refused in battery saver, or while the tab is going: the screen then keeps its own habits.
        if (!(error instanceof DOMException)) throw error;
      }
    };
    const onVisible = () => void ask();
    onVisible();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", onVisible);
      void lock?.release();
    };
  }, [isOn]);
}
