import type { ChatMessage } from "@colourstream/contract";
import type { Presence } from "../../../live/presence.js";

/** Somebody who can be mentioned. */
export type Candidate = { readonly personId: string; readonly name: string };

const MAX_SHOWN = 6;
const LONGEST_NAME = 60;

/** Those who are here, then those who wrote and have gone; each once, without ourselves. */
export function candidatesOf({ you, people }: Presence, messages: readonly ChatMessage[]): Candidate[] {
  const me = people.find(({ id }) => id === you)?.personId;
  const found = new Map<string, Candidate>();
  for (const { personId, name } of [...people, ...messages.map(({ author }) => author).reverse()])
    if (personId !== me && !found.has(personId)) found.set(personId, { personId, name });
  return [...found.values()];
}

/** What stands between an @ and the caret and could become one of the candidates; null: nothing does. */
export function mentionAt(
  text: string,
  caret: number,
  candidates: readonly Candidate[],
): { readonly from: number; readonly fitting: readonly Candidate[] } | null {
  const from = text.lastIndexOf("@", caret - 1);
  if (from < 0 || caret - from > LONGEST_NAME || /\S/.test(text.charAt(from - 1))) return null;
  const typed = text.slice(from + 1, caret).toLowerCase();
  if (/^\s|\n/.test(typed)) return null;
  const names = new Set<string>();
  const fitting = candidates.filter(({ name }) => {
    const folded = name.toLowerCase();
    const fits = !names.has(name) && (folded.startsWith(typed) || folded.includes(` ${typed}`));
    names.add(name); // an @name means everybody of that name: it is offered once
    return fits;
  });
  return fitting.length === 0 ? null : { from, fitting: fitting.slice(0, MAX_SHOWN) };
}

/** The ids of those whose @name stands in a text. */
export function mentionedIn(text: string, candidates: readonly Candidate[], most: number): string[] {
  return candidates
    .filter(({ name }) => text.includes(`@${name}`))
    .map(({ personId }) => personId)
    .slice(0, most);
}
