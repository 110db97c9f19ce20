const NATIVE_TYPE = "application/vnd.apple.mpegurl";

/** Whether this browser has what hls.js needs: Media Source Extensions, or an iPhone's managed ones (iOS 17.1). */
export function hasMediaSource(): boolean {
  return "ManagedMediaSource" in window || "MediaSource" in window;
}

/** Whether the browser plays HLS by itself: Safari, and the only way on an older iPhone. */
export function playsHlsItself(): boolean {
  return document.createElement("video").canPlayType(NATIVE_TYPE) !== "";
}
