import type { GuardedListener } from "../../net/guarded-listener.js";
import {
  LOOK_EVERY_MS,
  openTlsFiles,
  type TlsFilePair,
  type TlsFiles,
  TlsFilesError,
} from "../../net/tls-files.js";
import { type RtmpListenerOptions, startRtmpListener } from "./listener.js";

/** What RTMPS needs beside what RTMP does. */
export type RtmpsOptions = Omit<RtmpListenerOptions, "tls"> &
  TlsFilePair & {
    /** How often the files are looked at; a minute unless a test says otherwise. */
    readonly lookEveryMs?: number;
  };

/** RTMPS as it stands now. */
export type Rtmps = {
  /** Null while the files cannot be used: nobody is let in by RTMPS then. */
  port(): number | null;
  close(): Promise<void>;
};

/**
 * Listens for RTMPS publishers. A certificate that cannot be used is no reason for the engine to end, as everybody else
 * can do without it: it is said in the log, and the files are looked at again until they can be used.
 */
export async function startRtmps(options: RtmpsOptions): Promise<Rtmps> {
  const { log, lookEveryMs = LOOK_EVERY_MS } = options;
  let files: TlsFiles | null = null;
  let listener: GuardedListener | null = null;
  let again: NodeJS.Timeout | undefined;
  let said: string | null = null;
  let isClosed = false;

  const open = (): TlsFiles | null => {
    try {
      return openTlsFiles(
        options,
        {
          changed: () => log.info({}, "rtmps: the certificate was read again"),
          wrong: (why) =>
            log.warn({ why }, "rtmps: the new certificate cannot be used; the one before goes on"),
        },
        lookEveryMs,
      );
    } catch (error) {
      if (!(error instanceof TlsFilesError)) throw error;
      if (error.message !== said)
        log.warn({ why: error.message }, "rtmps: off, as its certificate cannot be used");
      said = error.message;
      return null;
    }
  };
  const listen = async (usable: TlsFiles): Promise<void> => {
    files = usable;
    try {
      listener = await startRtmpListener({ ...options, tls: usable.context });
    } catch (error) {
      usable.close();
      files = null;
      throw error;
    }
  };
  const later = (): void => {
    again = setTimeout(() => void tryAgain(), lookEveryMs).unref();
  };
  const tryAgain = async (): Promise<void> => {
    const usable = open();
    if (usable === null) {
      later();
      return;
    }
    try {
      await listen(usable);
    } catch (error) {
      log.warn({ reason: String(error) }, "rtmps: the port cannot be opened");
      later();
      return;
    }
    if (isClosed) await shut();
    else log.info({ port: options.port }, "rtmps: on, its certificate can be used now");
  };
  const shut = async (): Promise<void> => {
    files?.close();
    await listener?.close();
  };

  const usable = open();
  if (usable === null) later();
  else await listen(usable);
  return {
    port: () => listener?.port ?? null,
    close: async () => {
      isClosed = true;
      clearTimeout(again);
      await shut();
    },
  };
}
