import type { Sending } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import type { SelfView } from "./call.js";
import type { Devices } from "./devices.js";
import { createLevelMeter, type LevelMeter } from "./level-meter.js";
import type { Own } from "./mesh.js";
import { createOwnDevice, type OwnDevice } from "./own-device.js";
import { createSpeaking } from "./speaking.js";

type Kind = "mic" | "camera" | "screen";

/** What our own part needs. */
export type SelfPorts = {
  readonly devices: Devices;
  readonly clock: Clock;
  /** What we send is another now. Resolves when it goes out. */
  readonly onSending: () => Promise<void>;
  /** How our part is to be shown has changed. */
  readonly onChange: () => void;
};

/** Our own part of the call: three devices, and what is sent of them. */
export type Self = {
  readonly mic: OwnDevice;
  readonly camera: OwnDevice;
  readonly screen: OwnDevice;
  own(): Own;
  sending(): Sending;
  view(): SelfView;
  isSpeaking(): boolean;
  setSide(isOn: boolean): void;
  keepMicReady(isKept: boolean): void;
  /** Nothing stays open. */
  release(): void;
};

const MIC_READY_MS = 30_000; // then the browser's recording light goes out, and the next talk opens it anew
const SILENT_FOR_MS = 4_000;
const SILENT_DBFS = -65; // no room is so quiet: the microphone is muted at its own switch, or it is the wrong one

/** Nothing is open, and nothing is asked for. */
export function createSelf({ devices, clock, onSending, onChange }: SelfPorts): Self {
  const speaking = createSpeaking();
  let side = false;
  let isMicKept = false;
  let problem: SelfView["problem"] = null;
  let meter: { readonly of: MediaStreamTrack; readonly meter: LevelMeter } | null = null;
  let loudAt = 0;
  let isSilent = false;
  let previews: { camera: MediaStream | null; screen: MediaStream | null } = { camera: null, screen: null };

  const device = (kind: Kind, open: Devices["openMic"], readyForMs: () => number) =>
    createOwnDevice({
      clock,
      open,
      readyForMs,
      isReplaced: kind !== "screen",
      onChange() {
        previews = { camera: preview("camera"), screen: preview("screen") };
        measure(mic.track());
        return onSending();
      },
      onProblem(why) {
        if (why !== null) problem = { device: kind, why };
        else if (problem?.device === kind) problem = null;
        onChange();
      },
    });
  const mic = device("mic", devices.openMic, () => (isMicKept ? Number.POSITIVE_INFINITY : MIC_READY_MS));
  const camera = device("camera", devices.openCamera, () => 0);
  const screen = device("screen", devices.openScreen, () => 0);

  function preview(kind: "camera" | "screen"): MediaStream | null {
    const track = (kind === "camera" ? camera : screen).track();
    const before = previews[kind];
    if (track === null || before?.getTracks()[0] === track) return track === null ? null : before;
    return new MediaStream([track]);
  }

  function measure(track: MediaStreamTrack | null) {
    if ((meter?.of ?? null) === track) return;
    meter?.meter.close();
    meter = null;
    isSilent = false;
    speaking.forget("self");
    if (track === null) return;
    loudAt = clock.now();
    const measured = createLevelMeter(track, ({ dbfs }) => {
      const now = clock.now();
      if (dbfs > SILENT_DBFS) loudAt = now;
      speaking.hear("self", 10 ** (dbfs / 20), now);
      const wasSilent = isSilent;
      isSilent = now - loudAt > SILENT_FOR_MS;
      if (wasSilent !== isSilent) onChange();
    });
    meter = { of: track, meter: measured };
  }

  const own = () => ({ mic: mic.track(), camera: camera.track(), screen: screen.track(), side });
  const sending = () => ({
    mic: mic.track() !== null,
    camera: camera.track() !== null,
    screen: screen.track() !== null,
    side,
  });
  const isSpeaking = () => speaking.isSpeaking("self", clock.now());

  return {
    mic,
    camera,
    screen,
    own,
    sending,
    isSpeaking,
    view: () => ({ sending: sending(), isSpeaking: isSpeaking(), isSilent, ...previews, problem }),
    setSide(isOn) {
      side = isOn;
      void onSending();
    },
    keepMicReady(isKept) {
      isMicKept = isKept;
      mic.readinessChanged();
    },
    release() {
      side = false;
      for (const one of [mic, camera, screen]) one.release();
    },
  };
}
