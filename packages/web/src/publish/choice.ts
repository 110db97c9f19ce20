/** What is sent: what a person chooses before going live. */
export type Choice = {
  readonly source: "screen" | "camera";
  /** Null: the browser's own default. */
  readonly cameraId: string | null;
  /** Null: no microphone. "" is the browser's default one. */
  readonly microphoneId: string | null;
  /** The sound of what is shared, where the browser can take it. */
  readonly hasScreenSound: boolean;
  /** Lines of the picture at most; null: as large as the source is. */
  readonly lines: 2160 | 1080 | 720 | null;
  readonly framesPerSecond: 24 | 25 | 30 | 50 | 60;
  readonly bitsPerSecond: number;
  readonly codec: "H264" | "VP9" | "AV1";
  /** What is kept when the line or the computer cannot do both. */
  readonly keeps: "detail" | "motion";
};

/** What a source begins with: a screen is mostly looked at for its detail, a camera for its movement. */
export function defaultChoice(source: Choice["source"]): Choice {
  const isScreen = source === "screen";
  return {
    source,
    cameraId: null,
    microphoneId: isScreen ? null : "",
    hasScreenSound: isScreen,
    lines: isScreen ? null : 1080,
    framesPerSecond: 30,
    bitsPerSecond: 8_000_000,
    codec: "H264",
    keeps: isScreen ? "detail" : "motion",
  };
}

/** True where the browser can share a screen: no phone's can. */
export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** False on an address that the browser does not trust: plain http on another machine than this. */
export function canCapture(): boolean {
  return window.isSecureContext && navigator.mediaDevices !== undefined;
}
