import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

/**
 * A backup is one gzip file (RFC 1952) of JSON lines: a header, then for each table a line that names it and its rows
 * as PostgreSQL writes them in JSON, one a line, and at the end how many there were and a SHA-256 of all lines before.
 * It is no dump of one version's files: any PostgreSQL from 15 on, and the embedded one, read it.
 */
export const BACKUP_FORMAT = 1;

/** How a backup's file is called at its end. */
export const BACKUP_SUFFIX = ".jsonl.gz";

/** The first line. */
export type BackupHeader = {
  readonly colourstream: "backup";
  readonly format: number;
  /** Of the ColourStream that wrote it. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  /** Such as 18.6: for people alone. */
  readonly database: string;
  /** What the database had been through: restoring begins there, and goes on to what this version knows. */
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[];
  /** Derived from the sealing key, and no way back to it: tells whether another key is the same. Base64url. */
  readonly keyCheck: string;
  /** The sealing key itself, base64; null unless it was asked for. */
  readonly key: string | null;
};

/** The last line's figures. */
export type BackupEnd = {
  readonly rows: Readonly<Record<string, number>>;
  /** Hex, over every line before, each with its line feed. */
  readonly sha256: string;
};

/** One line of a backup after its header. A row is left as the text that it is: numbers keep all their digits. */
export type BackupLine =
  | { readonly is: "table"; readonly name: string }
  | { readonly is: "row"; readonly json: string }
  | { readonly is: "end"; readonly end: BackupEnd };

/** The file is no backup, is damaged, or cannot go into this database. The message is for the operator. */
export class BackupError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BackupError";
  }
}

const MAX_LINE_CHARACTERS = 16 * 1024 * 1024; // the longest row of ours is a chat message, under 64 KiB

/** Opens a backup: its header, and the lines after it, each checked only at the end by the sum over all. */
export async function openBackup(
  path: string,
): Promise<{ readonly header: BackupHeader; readonly lines: AsyncGenerator<BackupLine, void> }> {
  const hash = createHash("sha256");
  const texts = linesOf(path, hash);
  const first = await texts.next();
  if (first.done === true) throw new BackupError(`${path} is empty.`);
  return { header: parseHeader(path, first.value), lines: parsedLines(path, texts, hash) };
}

function parseHeader(path: string, text: string): BackupHeader {
  const header = parsed(text) as Partial<BackupHeader> | null;
  if (header === null || header.colourstream !== "backup")
    throw new BackupError(`${path} is not a backup of ColourStream.`);
  if (header.format !== BACKUP_FORMAT)
    throw new BackupError(
      `${path} is of format ${header.format}, this version reads format ${BACKUP_FORMAT}: a newer ColourStream has written it.`,
    );
  if (!Array.isArray(header.migrations) || typeof header.keyCheck !== "string")
    throw new BackupError(`${path} is damaged: its first line is not whole.`);
  return header as BackupHeader;
}

async function* parsedLines(
  path: string,
  texts: AsyncGenerator<string, void>,
  hash: Hash,
): AsyncGenerator<BackupLine, void> {
  for await (const text of texts) {
    if (text.startsWith("{")) {
      yield { is: "row", json: text };
      continue;
    }
    const [kind, value] = (parsed(text) ?? []) as readonly unknown[];
    if (kind === "table" && typeof value === "string") yield { is: "table", name: value };
    else if (kind === "end" && typeof value === "object" && value !== null) {
      const end = value as BackupEnd;
      if (end.sha256 !== hash.digest("hex"))
        throw new BackupError(`${path} is damaged: its checksum does not fit.`);
      yield { is: "end", end };
      return;
    } else throw new BackupError(`${path} is damaged: a line of it is neither a table nor a row.`);
  }
  throw new BackupError(`${path} is cut short: its end is missing.`);
}

/** A line is in the hash once the next one is asked for: at the last line the hash is of those before it. */
async function* linesOf(path: string, hash: Hash): AsyncGenerator<string, void> {
  let rest = "";
  try {
    // What goes wrong in either comes out of the reading below.
    const text = pipeline(createReadStream(path), createGunzip(), () => undefined).setEncoding("utf8");
    for await (const piece of text as AsyncIterable<string>) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE_CHARACTERS) throw new BackupError(`${path} is damaged: a line has no end.`);
      for (const line of lines) {
        yield line;
        hash.update(`${line}\n`);
      }
    }
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return new BackupError(`There is no file ${path}.`);
  if (code === "Z_BUF_ERROR") return new BackupError(`${path} is cut short.`);
  if (code === "Z_DATA_ERROR")
    return new BackupError(`${path} is damaged, or is not a backup of ColourStream.`);
  return error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // said by whoever expected something of it
  }
}
