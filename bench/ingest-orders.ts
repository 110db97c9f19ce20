import type { Verdict } from "../packages/media/src/control/protocol.js";

/** What the engine's ways in are asked over their process's IPC channel. */
export type IngestOrder =
  /** Listens; RTMPS with this certificate, WHIP on an HTTP socket in this folder. */
  | { readonly order: "listen"; readonly cert: string; readonly key: string; readonly folder: string }
  /** Counts from now; `names` also notes each picture, which costs CPU. */
  | { readonly order: "begin"; readonly names: boolean }
  | { readonly order: "report" };

/** Where to publish. */
export type IngestPlaces = {
  readonly rtmpPort: number;
  readonly rtmpsPort: number;
  readonly srtPort: number;
  readonly httpPath: string;
};

/** A picture in the hub. */
export type HubPicture = {
  readonly fingerprint: string;
  /** As the encoder's container said it, 90 kHz. */
  readonly pts: number;
  /** Wall clock when the hub was given it. */
  readonly atMs: number;
};

/** What came since `begin`. */
export type IngestReport = {
  readonly pictures: readonly HubPicture[];
  readonly count: number;
  readonly bytes: number;
  readonly seconds: number;
  /** User and system time of the process. */
  readonly cpuMs: number;
};

/** What the process answers. */
export type IngestAnswer =
  | { readonly listening: IngestPlaces }
  | { readonly began: true }
  | { readonly report: IngestReport }
  | { readonly failed: string };

/** Streams whose key begins with this are encrypted with `PASSPHRASE`. */
export const SECRET_KEY = "secret";

/** Of SRT, for the runs with encryption. */
export const PASSPHRASE = "the-passphrase-of-the-bench";

/** Everyone may publish; the key is the stream's name. */
export function letIn(key: string): Verdict {
  const passphrase = key.startsWith(SECRET_KEY) ? PASSPHRASE : null;
  return { allowed: true, stream: key, viewer: null, lifetimeMs: null, passphrase };
}
