import { type RefObject, useCallback, useEffect, useState } from "react";
import type { RoomPlayer } from "./use-player.js";

type IosVideo = HTMLVideoElement & {
  webkitEnterFullscreen?: () => void;
  webkitExitFullscreen?: () => void;
  webkitDisplayingFullscreen?: boolean;
};

/**
 * Full screen of the whole room, or of a player. An iPhone only has it for a video by itself: the picture then, or, where it must not
 * be seen without its watermark, the whole window without our own bars.
 */
export function useFullScreen(
  frame: RefObject<HTMLElement | null>,
  { picture }: Pick<RoomPlayer, "picture">,
  isMarked: boolean,
) {
  const [isOn, setOn] = useState(false);
  const [isFilled, setFilled] = useState(false);
  useEffect(() => {
    const look = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);

  const video = picture as IosVideo | null;
  useEffect(() => {
    if (isMarked && video?.webkitDisplayingFullscreen === true) video.webkitExitFullscreen?.();
  }, [isMarked, video]);

  const toggle = useCallback(() => {
    // A refusal (no user gesture, not allowed in a frame) leaves the page as it is: that is all there is to do.
    const refused = () => setOn(document.fullscreenElement !== null);
    if (document.fullscreenElement != null) document.exitFullscreen().catch(refused);
    else if (frame.current?.requestFullscreen) frame.current.requestFullscreen().catch(refused);
    else if (isMarked || isFilled) setFilled(!isFilled);
    else video?.webkitEnterFullscreen?.();
  }, [frame, video, isMarked, isFilled]);

  const isPossible = document.fullscreenEnabled || (video !== null && "webkitEnterFullscreen" in video);
  return { isOn: isOn || isFilled, isFilled, isPossible, toggle };
}
