import type { Clock } from "../live/clock.js";
import { DeviceError, type DeviceProblem } from "./devices.js";

/** What one device of ours needs. */
export type OwnDevicePorts = {
  readonly clock: Clock;
  readonly open: (deviceId: string | null) => Promise<MediaStreamTrack>;
  /** How long it stays open, sending nothing, after it was switched off. */
  readonly readyForMs: () => number;
  /** One that was pulled out is replaced by another; a screen that its owner takes back is not. */
  readonly isReplaced: boolean;
  /** What is sent is another track now. Resolves when it goes out. */
  readonly onChange: () => Promise<void>;
  readonly onProblem: (why: DeviceProblem | null) => void;
};

/** Our microphone, camera or screen. */
export type OwnDevice = {
  /** What is to be sent; null: nothing. */
  track(): MediaStreamTrack | null;
  /** Resolves when it is so, or when the device was refused. */
  set(isOn: boolean): Promise<void>;
  /** Another one was chosen: what is open moves over. */
  use(deviceId: string | null): Promise<void>;
  /** How long it may stay ready is another now. */
  readinessChanged(): void;
  /** Switches it off at once. */
  release(): void;
};

const LASTING_MS = 1_000; // one that ends as soon as it is opened would be opened for ever

/** A device that is opened at its first use. */
export function createOwnDevice(ports: OwnDevicePorts): OwnDevice {
  const { clock } = ports;
  let isOn = false;
  let deviceId: string | null = null;
  let track: MediaStreamTrack | null = null;
  let opening: Promise<void> | null = null;
  let lives = 0; // releases so far: what was asked for before one is not wanted any more
  let openedAt = 0;
  let offSince = 0;
  let cancelRelease: (() => void) | null = null;

  function changed() {
    return ports.onChange();
  }

  function open(): Promise<void> {
    const life = lives;
    opening = (async () => {
      try {
        const next = await ports.open(deviceId);
        if (life !== lives) {
          next.stop();
          return;
        }
        await take(next);
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        if (life !== lives) return;
        if (track === null) isOn = false;
        ports.onProblem(error.why);
        await changed();
      }
    })().finally(() => {
      if (life === lives) opening = null;
    });
    return opening;
  }

  /** The one before is stopped only when the others hear this one. */
  async function take(next: MediaStreamTrack) {
    const before = track;
    track = next;
    openedAt = clock.now();
    next.enabled = isOn;
    next.onended = () => {
      void ended(next);
    };
    ports.onProblem(null);
    const moved = changed();
    if (!isOn) waitToRelease();
    await moved;
    before?.stop();
  }

  /** Pulled out, or taken away by the browser: the machine's own choice may stand in. */
  async function ended(lost: MediaStreamTrack) {
    if (lost !== track) return;
    track = null;
    const mayOpen = isOn && ports.isReplaced && clock.now() - openedAt >= LASTING_MS;
    if (mayOpen) {
      deviceId = null;
      await open();
      return;
    }
    if (isOn && ports.isReplaced) ports.onProblem("not-found");
    isOn = false;
    await changed();
  }

  function waitToRelease() {
    cancelRelease?.();
    cancelRelease = null;
    const left = offSince + ports.readyForMs() - clock.now();
    if (left === Number.POSITIVE_INFINITY) return;
    if (left <= 0) stop();
    else cancelRelease = clock.after(left, stop);
  }

  function stop() {
    cancelRelease?.();
    cancelRelease = null;
    track?.stop();
    track = null;
  }

  return {
    track: () => (isOn ? track : null),
    async set(next) {
      if (next !== isOn) {
        isOn = next;
        offSince = clock.now();
        cancelRelease?.();
        cancelRelease = null;
        if (track !== null) {
          track.enabled = next; // at once, whatever the senders still have to do
          await changed();
          if (!isOn && track !== null) waitToRelease();
        }
      }
      if (isOn && track === null) await (opening ?? open());
    },
    async use(next) {
      deviceId = next;
      await opening;
      if (track !== null && isOn) await open();
      else stop(); // ready is the wrong one
    },
    readinessChanged() {
      if (!isOn && track !== null) waitToRelease();
    },
    release() {
      lives += 1;
      opening = null;
      isOn = false;
      stop();
      void changed();
    },
  };
}
