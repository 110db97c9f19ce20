import type { Way } from "../../player/ways.js";

/** What came of the check picture over WebRTC. */
export type PictureResult =
  | {
      readonly is: "shown";
      readonly connectMs: number;
      readonly firstFrameMs: number;
      /** There and back; null where the browser does not tell. */
      readonly rttMs: number | null;
      /** By a TURN server, or over TCP, instead of straight by UDP. */
      readonly detour: "relay" | "tcp" | null;
    }
  /** The server answered, and no connection came about. */
  | { readonly is: "blocked" }
  /** Connected, and no frame was shown. */
  | { readonly is: "dark" }
  /** This browser has no WebRTC, or none of the check picture's codec. */
  | { readonly is: "unsupported" }
  /** The media engine is away, or the server did not answer. */
  | { readonly is: "not-tried"; readonly reason: string };

/** How much comes through, by HTTP. Null rate: it could not be measured. */
export type LineResult = {
  readonly bitsPerSecond: number | null;
  readonly neededBitsPerSecond: number;
  readonly isOfRoom: boolean;
};

/** A kind of stream, and by which way this browser shows it. */
export type CodecResult = { readonly name: string; readonly isUsual: boolean; readonly ways: readonly Way[] };

/** What a screen says of itself. */
export type ScreenResult = {
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  readonly isWideGamut: boolean;
};

/** All that was found out. */
export type CheckResults = {
  readonly picture: PictureResult;
  readonly line: LineResult;
  readonly codecs: readonly CodecResult[];
  /** Whether sound starts without a tap; null: the browser does not tell. */
  readonly soundStarts: boolean | null;
  readonly screen: ScreenResult;
};
