import type { AudioFormat } from "../hub/access-unit.js";

/** One AAC frame for the transcoding process. Times as in `AudioUnit`. */
export type CodedFrame = {
  readonly pts: number;
  readonly payload: Uint8Array;
  readonly arrivedAtMs: number;
};

/** What the engine says to a transcoding process, in structured clones over its IPC channel. */
export type ToTranscoder =
  | { readonly is: "format"; readonly format: AudioFormat }
  | { readonly is: "frame"; readonly frame: CodedFrame };

/** What a transcoding process says to the engine. */
export type FromTranscoder =
  /** The codec library is loaded; frames may come. */
  | { readonly is: "ready" }
  /** The codec library is not there: it will not be there after a restart either. */
  | { readonly is: "codec-missing"; readonly why: string }
  /** This AAC cannot be decoded. */
  | { readonly is: "unsupported"; readonly why: string }
  /** One "frame" is done, with the Opus packets that it completed: zero or more. */
  | { readonly is: "done"; readonly opus: readonly CodedFrame[] };
