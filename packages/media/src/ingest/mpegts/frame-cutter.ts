import { ProtocolError } from "../../wire/protocol-error.js";

/** Cuts a track's bytes into frames that each begin with a header, wherever a PES begins and ends. */
export type FrameCutter = {
  /** One PES's payload; `pts` (null: not stamped) is that of the first frame that begins in it. */
  take(payload: Uint8Array, pts: number | null, arrivedAtMs: number): void;
  /** Bytes are missing here: the frame begun is left out. */
  lost(): void;
};

/** What the frames of a stream look like. */
export type FrameForm = {
  readonly headerBytes: number;
  /** What every header begins with. */
  readonly firstByte: number;
  /** A frame's length with its header, from its first bytes; throws `ProtocolError` where none begins. */
  lengthOf(bytes: Uint8Array): number;
  /** Takes a whole frame; gives how many 90 kHz ticks it lasts. */
  frame(bytes: Uint8Array, pts: number, arrivedAtMs: number): number;
};

/** Places in a PES that look like a header and are none, until its rest is left out: searching must not cost more than the sound. */
const MAX_FALSE_HEADERS = 64;

/** Starts at a frame's beginning. `skipped` is told of bytes that are no frame. */
export function startFrameCutter(form: FrameForm, skipped: (reason: string) => void): FrameCutter {
  let rest = new Uint8Array(0); // shorter than one frame
  let next: number | null = null; // the time of the frame that comes now

  /** A frame's length, or null where none begins. */
  function lengthAt(bytes: Uint8Array, at: number): number | null {
    try {
      return form.lengthOf(bytes.subarray(at, at + form.headerBytes));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return null;
    }
  }

  function hand(bytes: Uint8Array, arrivedAtMs: number): void {
    if (next === null) return; // nothing has said when it is to be heard
    try {
      next += form.frame(bytes, Math.round(next), arrivedAtMs);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      skipped(error.message);
      next = null;
    }
  }

  return {
    take(payload, pts, arrivedAtMs) {
      const begun = rest.length;
      const bytes = begun === 0 ? payload : joined(rest, payload);
      let stamp = pts;
      let at = 0;
      let ignored = 0;
      let falseHeaders = 0;
      while (at < bytes.length) {
        if (stamp !== null && at >= begun) {
          next = stamp;
          stamp = null;
        }
        if (bytes.length - at < form.headerBytes) break;
        const length = lengthAt(bytes, at);
        if (length === null) {
          const found = ++falseHeaders > MAX_FALSE_HEADERS ? -1 : bytes.indexOf(form.firstByte, at + 1);
          const to = found < 0 ? bytes.length : found;
          ignored += to - at;
          at = to;
          continue;
        }
        if (bytes.length - at < length) break;
        hand(bytes.subarray(at, at + length), arrivedAtMs);
        at += length;
      }
      if (ignored > 0) skipped(`${ignored} bytes of sound are no frame`);
      rest = bytes.slice(at);
    },
    lost() {
      rest = new Uint8Array(0);
      next = null;
    },
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
