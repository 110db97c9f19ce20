import type { Publication } from "../../hub/ports.js";

/** Turns a transport stream into access units. All calls return at once. */
export type TsSource = {
  /**
   * The next bytes, any number of them, in order. `isShort`: the message that they came in was shorter than the
   * sender's usual one, so a frame may end here. Throws `ProtocolError` only where nothing of it is MPEG-TS.
   */
  take(bytes: Uint8Array, arrivedAtMs: number, isShort: boolean): void;
  /** Bytes are missing here: what was begun is damaged and is left out. */
  lost(): void;
  /** Nothing more comes: hands on what is whole. */
  end(arrivedAtMs: number): void;
};

/** Demultiplexes into `publication`: the first picture and the first sound of the programme; others are a notice. */
export function tsToUnits(_publication: Publication, _skipped: (reason: string) => void): TsSource {
  return { take: () => undefined, lost: () => undefined, end: () => undefined }; // not built yet
}
