import { type RefObject, useCallback, useEffect, useState } from "react";
import type { RoomPlayer } from "./use-player.js";

type IosVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

/** Full screen of the whole room; on an iPhone, which only has it for a video, of the picture. */
export function useFullScreen(frame: RefObject<HTMLElement | null>, { picture }: RoomPlayer) {
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    const look = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);

  const toggle = useCallback(() => {
    // A refusal (no user gesture, not allowed in a frame) leaves the page as it is: that is all there is to do.
    const refused = () => setOn(document.fullscreenElement !== null);
    if (document.fullscreenElement != null) document.exitFullscreen().catch(refused);
    else if (frame.current?.requestFullscreen) frame.current.requestFullscreen().catch(refused);
    else (picture as IosVideo | null)?.webkitEnterFullscreen?.();
  }, [frame, picture]);

  const isPossible =
    document.fullscreenEnabled || (picture !== null && "webkitEnterFullscreen" in (picture as IosVideo));
  return { isOn, isPossible, toggle };
}
