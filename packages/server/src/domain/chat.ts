import { type ChatMessage, MAX_CHAT_TEXT, type SeatRole } from "@colourstream/contract";

/** What a message has to be, and how a chat reads as a text. Pure. */

const CONTROLS = /(?![\n\t])\p{Cc}/gu;
const LONE_SURROGATES = /\p{Cs}/gu; // half a character: UTF-8 has no bytes for it, nor has the database
const NOTHING_TO_SEE = /^[\p{Cf}\p{Z}\p{Mn}\s]*$/u; // joiners, directions and marks without a letter

/** A message as it is kept: composed characters, no controls but newline and tab. Null: nothing is left, or too much. */
export function tidyMessage(typed: string): string | null {
  const text = typed
    .replace(/\r\n?/g, "\n")
    .replace(CONTROLS, "")
    .replace(LONE_SURROGATES, "\ufffd")
    .normalize("NFC")
    .trim();
  return text.length > MAX_CHAT_TEXT || NOTHING_TO_SEE.test(text) ? null : text;
}

/** Those of the people whose @name stands in the text, each once. */
export function mentionedIn(
  text: string,
  people: Iterable<{ readonly personId: string; readonly name: string }>,
): { personId: string; name: string }[] {
  const found = new Map<string, string>();
  for (const { personId, name } of people) if (text.includes(`@${name}`)) found.set(personId, name);
  return [...found].map(([personId, name]) => ({ personId, name }));
}

/** The first lines of a chat as a text. */
export function textHead(roomName: string): string {
  return `ColourStream chat: ${roomName}\nTimes are UTC.\n`;
}

/** A message's lines, after a heading where its day is another than `dayBefore`'s; a deleted one has none. */
export function textOf(
  message: Pick<ChatMessage, "author" | "audience" | "text" | "at" | "editedAt" | "deletedAt">,
  dayBefore: string | null,
): { text: string; day: string | null } {
  if (message.deletedAt !== null) return { text: "", day: dayBefore };
  const iso = new Date(message.at).toISOString();
  const day = iso.slice(0, 10);
  const { name, role } = message.author;
  const side = message.audience === "side" ? ", client’s side only" : "";
  const edited = message.editedAt === null ? "" : " (edited)";
  const line = `${iso.slice(11, 16)}  ${name} (${ROLES[role]}${side}): ${message.text}${edited}`;
  const heading = day === dayBefore ? "" : `\n${day}\n`;
  return { text: `${heading}${line.replaceAll("\n", `\n${INDENT}`)}\n`, day };
}

const INDENT = " ".repeat(7); // under the name
const ROLES: Record<SeatRole, string> = {
  presenter: "presenter",
  reviewer: "reviewer",
  observer: "observer",
};
