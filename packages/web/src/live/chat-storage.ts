import type { ChatAudience } from "@colourstream/contract";

/** Where the chat of a page outlives it: what was typed, for this tab; what was read, for this browser. */
export type ChatStorage = {
  readonly ofTab: Pick<Storage, "getItem" | "setItem">;
  readonly ofBrowser: Pick<Storage, "getItem" | "setItem">;
};

/** A message that was not acknowledged when its page went. */
export type KeptMessage = {
  readonly ref: string;
  readonly text: string;
  readonly mentions: readonly string[];
  readonly audience: ChatAudience;
  readonly why: string | null;
};

const OUTBOX = "colourstream.chat.outbox";
const READ = "colourstream.chat.read";
const MAX_ROOMS = 50; // the ones that were read last

/** What waits to be sent in a room. */
export function keptOutbox({ ofTab }: ChatStorage, roomId: string): KeptMessage[] {
  const kept = read(ofTab, `${OUTBOX}.${roomId}`);
  return Array.isArray(kept) ? kept.filter(isKeptMessage) : [];
}

/** Keeps what waits to be sent, where the browser allows it. */
export function keepOutbox({ ofTab }: ChatStorage, roomId: string, messages: readonly KeptMessage[]): void {
  const plain = messages.map(({ ref, text, mentions, audience, why }) => ({
    ref,
    text,
    mentions,
    audience,
    why,
  }));
  write(ofTab, `${OUTBOX}.${roomId}`, plain);
}

/** The time of the last message that was read in a room; 0: none. */
export function keptReadAt({ ofBrowser }: ChatStorage, roomId: string): number {
  return readMarks(ofBrowser).find(([id]) => id === roomId)?.[1] ?? 0;
}

/** Keeps how far a room was read. */
export function keepReadAt({ ofBrowser }: ChatStorage, roomId: string, at: number): void {
  const others = readMarks(ofBrowser).filter(([id]) => id !== roomId);
  write(ofBrowser, READ, [[roomId, at], ...others].slice(0, MAX_ROOMS));
}

function readMarks(storage: ChatStorage["ofBrowser"]): [string, number][] {
  const kept = read(storage, READ);
  return Array.isArray(kept) ? kept.filter(isMark) : [];
}

function isMark(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
}

function isKeptMessage(value: unknown): value is KeptMessage {
  if (typeof value !== "object" || value === null) return false;
  const { ref, text, mentions, audience, why } = value as Record<string, unknown>;
  return (
    typeof ref === "string" &&
    typeof text === "string" &&
    Array.isArray(mentions) &&
    mentions.every((one) => typeof one === "string") &&
    (audience === "all" || audience === "side") &&
    (why === null || typeof why === "string")
  );
}

function read(storage: Pick<Storage, "getItem">, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? "null");
  } catch (error) {
    // Storage is switched off, or somebody else wrote there: then nothing is kept.
    if (error instanceof DOMException || error instanceof SyntaxError) return null;
    throw error;
  }
}

function write(storage: Pick<Storage, "setItem">, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
