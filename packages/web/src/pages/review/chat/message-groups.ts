import type { ChatMessage } from "@colourstream/contract";
import { dayInput, dayWords } from "../../../ui/local-time.js";

/** What one person wrote in one go, under one name and time. */
export type MessageGroup = {
  /** The first message's id. */
  readonly key: string;
  /** Where another day begins: its words. */
  readonly day: string | null;
  readonly messages: readonly [ChatMessage, ...ChatMessage[]];
};

const IN_ONE_GO_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** Messages, oldest first, as they stand below each other. A new group begins at `breakAt`, for the line above it. */
export function groupMessages(
  messages: readonly ChatMessage[],
  now: number,
  breakAt: string | null,
): MessageGroup[] {
  const groups: { key: string; day: string | null; messages: [ChatMessage, ...ChatMessage[]] }[] = [];
  let before: ChatMessage | null = null;
  for (const message of messages) {
    const isOtherDay = before === null || dayInput(before.at) !== dayInput(message.at);
    const last = groups.at(-1);
    const goesOn = !isOtherDay && message.id !== breakAt && before !== null && isSameVoice(before, message);
    if (goesOn && last !== undefined) last.messages.push(message);
    else
      groups.push({
        key: message.id,
        day: isOtherDay ? dayName(message.at, now) : null,
        messages: [message],
      });
    before = message;
  }
  return groups;
}

function isSameVoice(a: ChatMessage, b: ChatMessage): boolean {
  return (
    a.author.personId === b.author.personId &&
    a.author.name === b.author.name &&
    a.audience === b.audience &&
    b.at - a.at < IN_ONE_GO_MS
  );
}

/** "Today", "Yesterday", "22 Nov 2026", on this browser's clock. */
function dayName(at: number, now: number): string {
  if (dayInput(at) === dayInput(now)) return "Today";
  return dayInput(at) === dayInput(now - DAY_MS) ? "Yesterday" : dayWords(at);
}

/** "14:05", on this browser's clock. */
export function timeWords(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
