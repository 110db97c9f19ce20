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

/** Not built yet: there are none. */
export const browserDevices: Devices = {
  list: async () => ({ mics: [], cameras: [], speakers: [] }),
  onChange: () => () => undefined,
  openMic: async () => {
    throw new DeviceError("not-found", null);
  },
  openCamera: async () => {
    throw new DeviceError("not-found", null);
  },
  openScreen: async () => {
    throw new DeviceError("not-found", null);
  },
};
