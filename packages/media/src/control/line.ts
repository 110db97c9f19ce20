import { ProtocolError } from "../wire/protocol-error.js";
import type { ControlLine } from "./protocol.js";

const MAX_QUESTION_NAME = 64; // the longest of ours has 15 characters

/** A line of the control protocol whose outer shape was checked; what it carries was not. */
export type CheckedLine =
  | { readonly is: "ask"; readonly question: string; readonly id: number; readonly given: unknown }
  | { readonly is: "answer"; readonly id: number; readonly value: unknown }
  | { readonly is: "failed"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly is: "tell"; readonly event: unknown };

/** True for a JSON object (not an array, not null): the first check of everything that crosses the socket. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isId = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0;

/** Parses one line; throws `ProtocolError` when it is none of the four shapes of `ControlLine`. */
export function parseLine(text: string): CheckedLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw new ProtocolError("control", "expected a line of JSON");
  }
  if (!isObject(line)) throw new ProtocolError("control", "expected a JSON object");

  if (typeof line.ask === "string") {
    if (line.ask.length > MAX_QUESTION_NAME || !isId(line.id)) {
      throw new ProtocolError("control", "expected a question with a short name and a positive whole id");
    }
    return { is: "ask", question: line.ask, id: line.id, given: line.with };
  }
  if (isId(line.answer)) {
    if ("is" in line) return { is: "answer", id: line.answer, value: line.is };
    const failed = line.failed;
    if (isObject(failed) && typeof failed.code === "string" && typeof failed.message === "string") {
      return { is: "failed", id: line.answer, code: failed.code, message: failed.message };
    }
    throw new ProtocolError("control", "expected an answer with `is` or `failed`");
  }
  if (isObject(line.tell)) return { is: "tell", event: line.tell };
  throw new ProtocolError("control", "expected `ask`, `answer` or `tell`");
}

/** Writes one line with its end. */
export function writeLine(line: ControlLine): string {
  return `${JSON.stringify(line)}\n`;
}
