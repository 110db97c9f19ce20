import type { Said, Topic } from "./bus.js";

/** One saying: what about, and what. */
export type Saying = readonly [Topic, Said];

/** What one process sends to all. `seq`: of its latest saying, or of the first where it carries some. */
export type Notice =
  | { readonly is: "said"; readonly from: string; readonly seq: number; readonly said: readonly Saying[] }
  /** One saying that was too long: its text has this id. */
  | { readonly is: "kept"; readonly from: string; readonly seq: number; readonly id: string }
  /** It has just connected, or is still there, or goes. */
  | { readonly is: "hello" | "here" | "bye"; readonly from: string; readonly seq: number };

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Null for what none of our processes has written. */
export function parseNotice(text: string): Notice | null {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return null;
  const { is, from, seq, said, id } = value as Record<string, unknown>;
  if (typeof from !== "string" || !ID.test(from) || !Number.isSafeInteger(seq)) return null;
  const head = { from, seq: seq as number };
  if (head.seq < 0) return null;
  switch (is) {
    case "said":
      return Array.isArray(said) && said.every(isSaying) ? { is, ...head, said: said as Saying[] } : null;
    case "kept":
      return typeof id === "string" && /^\d{1,19}$/.test(id) ? { is, ...head, id } : null;
    case "hello":
    case "here":
    case "bye":
      return { is, ...head };
    default:
      return null;
  }
}

/** A saying that was kept as text; null for what none of our processes has written. */
export function parseSaying(text: string): Saying | null {
  const value = parsed(text);
  return isSaying(value) ? value : null;
}

function isSaying(value: unknown): value is Saying {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
