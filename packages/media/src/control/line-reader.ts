import { ProtocolError } from "../wire/protocol-error.js";
import { MAX_CONTROL_LINE_BYTES } from "./protocol.js";

const NEWLINE = 0x0a;

/** Takes bytes as they come and gives whole lines back, without their end. */
export type LineReader = {
  /** Throws `ProtocolError` when a line is longer than `MAX_CONTROL_LINE_BYTES` or is not UTF-8. */
  push(bytes: Uint8Array): string[];
};

/** Makes a reader of newline-ended UTF-8 lines that holds at most one unfinished line. */
export function createLineReader(): LineReader {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let pieces: Uint8Array[] = [];
  let held = 0;
  let offset = 0;

  const keep = (piece: Uint8Array): void => {
    held += piece.length;
    if (held > MAX_CONTROL_LINE_BYTES) {
      throw new ProtocolError(
        "control",
        `expected a line of at most ${MAX_CONTROL_LINE_BYTES} bytes`,
        offset,
      );
    }
    if (piece.length > 0) pieces.push(piece);
  };

  const finish = (): string => {
    const line = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    held = 0;
    try {
      return decoder.decode(line);
    } catch {
      throw new ProtocolError("control", "expected UTF-8", offset);
    }
  };

  return {
    push: (bytes) => {
      const lines: string[] = [];
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        keep(bytes.subarray(start, end));
        lines.push(finish());
        offset += end + 1 - start;
        start = end + 1;
      }
      // Copied: the caller may use its buffer again before the rest of the line arrives.
      keep(Buffer.from(bytes.subarray(start)));
      offset += bytes.length - start;
      return lines;
    },
  };
}
