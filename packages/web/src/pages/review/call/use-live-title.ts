import { useEffect } from "react";

/** The browser's tab says it too: the window may lie behind others. */
export function useLiveTitle(isLive: boolean, roomName: string) {
  useEffect(() => {
    if (!isLive) return;
    // After the room, which names the tab when its own name changes.
    const timer = setTimeout(() => {
      document.title = `● MIC LIVE – ${roomName}`;
    });
    return () => {
      clearTimeout(timer);
      document.title = `${roomName} – ColourStream`;
    };
  }, [isLive, roomName]);
}
