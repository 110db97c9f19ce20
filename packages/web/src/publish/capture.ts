import type { Choice } from "./choice.js";

/** Asks the browser for the screen or the camera; rejects as the browser does when a person says no. */
export async function capture(choice: Choice): Promise<MediaStream> {
  const media = choice.source === "screen" ? await captureScreen(choice) : await captureCamera(choice);
  for (const track of media.getVideoTracks()) track.contentHint = choice.keeps;
  return media;
}

/** Ends what was captured: the browser's sign that it is shared goes out. */
export function release(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}

/** The longest picture side for each height: 21:9 and what is between. */
const WIDEST = 64 / 27;

function sizeOf({ lines, framesPerSecond }: Choice): MediaTrackConstraints {
  const frameRate = { ideal: framesPerSecond, max: framesPerSecond };
  if (lines === null) return { frameRate };
  return { frameRate, height: { max: lines }, width: { max: Math.ceil(lines * WIDEST) } };
}

/** Sound as it is mixed: nothing is to be filtered out of it. */
const UNTOUCHED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

async function captureScreen(choice: Choice): Promise<MediaStream> {
  const asked = {
    video: sizeOf(choice),
    audio: choice.hasScreenSound ? UNTOUCHED : false,
    // Chromium: this page in the list would only show itself in itself; the window may be changed while live.
    selfBrowserSurface: "exclude",
    surfaceSwitching: "include",
    systemAudio: choice.hasScreenSound ? "include" : "exclude",
  };
  const media = await navigator.mediaDevices.getDisplayMedia(asked);
  if (choice.microphoneId === null || media.getAudioTracks().length > 0) return media;
  try {
    const voice = await navigator.mediaDevices.getUserMedia({ audio: microphoneOf(choice) });
    for (const track of voice.getAudioTracks()) media.addTrack(track);
    return media;
  } catch (error) {
    release(media);
    throw error;
  }
}

function captureCamera(choice: Choice): Promise<MediaStream> {
  const { lines, framesPerSecond, cameraId, microphoneId } = choice;
  return navigator.mediaDevices.getUserMedia({
    video: {
      frameRate: { ideal: framesPerSecond },
      height: { ideal: lines ?? 2160 },
      width: { ideal: Math.ceil(((lines ?? 2160) * 16) / 9) },
      ...(cameraId === null ? {} : { deviceId: { exact: cameraId } }),
    },
    audio: microphoneId === null ? false : microphoneOf(choice),
  });
}

function microphoneOf({ microphoneId }: Choice): MediaTrackConstraints {
  return microphoneId === null || microphoneId === "" ? {} : { deviceId: { exact: microphoneId } };
}

/** A camera or a microphone that can be chosen. */
export type Device = { readonly id: string; readonly name: string };

/** Cameras and microphones; their names are empty until a person has let the page use one. */
export async function listDevices(): Promise<{
  readonly cameras: readonly Device[];
  readonly microphones: readonly Device[];
}> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind, word: string) =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "default")
      .map(({ deviceId, label }, index) => ({ id: deviceId, name: label || `${word} ${index + 1}` }));
  return { cameras: of("videoinput", "Camera"), microphones: of("audioinput", "Microphone") };
}
