import { constants } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";

/** A certificate with its key, in PEM files. */
export type TlsFilePair = { readonly certFile: string; readonly keyFile: string };

/** The files cannot be used. The message says which and why, in one line. */
export class TlsFilesError extends Error {}

/** A certificate that is read again when its files change. */
export type TlsFiles = {
  /** The newest pair that could be used. Connections that are open keep the one they began with. */
  context(): SecureContext;
  close(): void;
};

/** How often the files are looked at: a renewed certificate is in use long before the old one ends. */
export const LOOK_EVERY_MS = 60_000;

/** Reads both files; throws `TlsFilesError` where they cannot be read or do not belong together. */
export function openTlsFiles(
  pair: TlsFilePair,
  told: { changed(): void; wrong(why: string): void },
  everyMs: number = LOOK_EVERY_MS,
): TlsFiles {
  let seen = stateOf(pair);
  let context = readPair(pair);
  const look = (): void => {
    const now = stateOf(pair);
    if (now === seen) return;
    seen = now;
    try {
      context = readPair(pair);
      told.changed();
    } catch (error) {
      if (!(error instanceof TlsFilesError)) throw error;
      told.wrong(error.message); // half of the pair is new yet, or it is damaged: the one before goes on
    }
  };
  const timer = setInterval(look, everyMs).unref();
  return { context: () => context, close: () => clearInterval(timer) };
}

/** Another text when a file is another one: its times and size, followed through links as certbot makes them. */
function stateOf({ certFile, keyFile }: TlsFilePair): string {
  return [certFile, keyFile]
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? "none" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
    })
    .join(", ");
}

function readPair({ certFile, keyFile }: TlsFilePair): SecureContext {
  const cert = readText(certFile);
  const key = readText(keyFile);
  try {
    return createSecureContext({
      cert,
      key,
      minVersion: "TLSv1.2", // RFC 9325 §3.1.1
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION, // RFC 9325 §3.5: it costs us more than the one who asks
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = WRONG[code] ?? `cannot be used (${error instanceof Error ? error.message : String(error)})`;
    throw new TlsFilesError(`the certificate ${certFile} with the key ${keyFile} ${why}`);
  }
}

const WRONG: Readonly<Record<string, string>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "do not belong together",
  ERR_OSSL_PEM_NO_START_LINE: "are not both PEM files",
  ERR_OSSL_UNSUPPORTED: "are not both PEM files",
};

function readText(file: string): string {
  try {
    return readFileSync(file, "latin1"); // PEM is ASCII (RFC 7468 §3)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new TlsFilesError(`${file} cannot be read (${code})`);
  }
}
