/** Why a device did not open, in kinds that have words in the page. */
export type DeviceProblem =
  | "not-allowed"
  | "not-found"
  | "in-use"
  /** The page is not at an https address, nor at localhost: browsers give no devices there. */
  | "insecure"
  | "failed";

/** A device that could not be opened. */
export class DeviceError extends Error {
  readonly why: DeviceProblem;
  constructor(why: DeviceProblem, cause: unknown) {
    super(`the device did not open: ${why}`, { cause });
    this.name = "DeviceError";
    this.why = why;
  }
}

/** One device to choose. Labels are empty until the browser has let us use one of its kind. */
export type DeviceChoice = { readonly id: string; readonly label: string };

/** What there is. `speakers` empty: this browser does not let a page choose. */
export type DeviceList = {
  readonly mics: readonly DeviceChoice[];
  readonly cameras: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
};

/** The machine's microphones, cameras and screens. */
export type Devices = {
  list(): Promise<DeviceList>;
  /** Devices came or went. */
  onChange(listener: () => void): () => void;
  /** With echo cancellation, noise suppression and gain control on. Rejects with `DeviceError`. */
  openMic(deviceId: string | null): Promise<MediaStreamTrack>;
  openCamera(deviceId: string | null): Promise<MediaStreamTrack>;
  openScreen(): Promise<MediaStreamTrack>;
};

const CAMERA = { width: 480, height: 270, frameRate: 15 } as const; // a face in a filmstrip, no more
const SCREEN = { width: { max: 1280 }, height: { max: 1280 }, frameRate: { max: 5 } } as const; // to be read, not watched

/** What this machine and browser have. */
export const browserDevices: Devices = {
  async list() {
    const all = (await media()?.enumerateDevices()) ?? [];
    const of = (kind: MediaDeviceKind) =>
      all
        .filter((device) => device.kind === kind)
        .map(({ deviceId, label }): DeviceChoice => ({ id: deviceId, label }));
    const mayChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;
    return {
      mics: of("audioinput"),
      cameras: of("videoinput"),
      speakers: mayChooseSpeaker ? of("audiooutput") : [],
    };
  },
  onChange(listener) {
    const devices = media();
    devices?.addEventListener("devicechange", listener);
    return () => devices?.removeEventListener("devicechange", listener);
  },
  openMic: (deviceId) =>
    openChosen(deviceId, (chosen) =>
      open((devices) =>
        devices.getUserMedia({
          audio: {
            ...chosen,
            // "remote-only" lets the programme's sound through wherever it is not played by WebRTC: always `true`.
            echoCancellation: true,
            noiseSuppression: true,
            autoGainControl: true,
            channelCount: 1,
          },
        }),
      ),
    ),
  openCamera: (deviceId) =>
    openChosen(deviceId, (chosen) =>
      open((devices) => devices.getUserMedia({ video: { ...chosen, ...CAMERA } })),
    ),
  async openScreen() {
    const track = await open((devices) => devices.getDisplayMedia({ video: SCREEN, audio: false }));
    track.contentHint = "detail"; // letters stay sharp; frames may be left out
    return track;
  },
};

type Chosen = { readonly deviceId?: { readonly exact: string } };

/** The chosen one; where it is not there any more, the machine's own choice. */
async function openChosen(
  deviceId: string | null,
  openWith: (chosen: Chosen) => Promise<MediaStreamTrack>,
): Promise<MediaStreamTrack> {
  if (deviceId === null || deviceId === "") return openWith({}); // without permission yet, ids are empty
  try {
    return await openWith({ deviceId: { exact: deviceId } });
  } catch (error) {
    if (!(error instanceof DeviceError) || error.why !== "not-found") throw error;
    return openWith({});
  }
}

async function open(ask: (devices: MediaDevices) => Promise<MediaStream>): Promise<MediaStreamTrack> {
  const devices = media();
  if (devices === null) throw new DeviceError("insecure", null);
  let stream: MediaStream;
  try {
    stream = await ask(devices);
  } catch (error) {
    throw new DeviceError(whyOf(error), error);
  }
  const [track] = stream.getTracks();
  if (track === undefined) throw new DeviceError("failed", null);
  return track;
}

/** Browsers leave it out where the page is at an insecure address, whatever the types say. */
function media(): MediaDevices | null {
  return (navigator as { mediaDevices?: MediaDevices }).mediaDevices ?? null;
}

/** W3C mediacapture-main §10.2 and screen-capture §5: what each name means. */
function whyOf(error: unknown): DeviceProblem {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "not-allowed";
    case "NotFoundError":
    case "OverconstrainedError":
      return "not-found";
    case "NotReadableError":
    case "AbortError":
      return "in-use";
    default:
      return "failed"; // among them a browser that shares no screens: TypeError
  }
}
