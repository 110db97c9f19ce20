import type { Person, ServerMessage } from "@colourstream/contract";

/** Who is in the room, as last told. */
export type Presence = {
  /** Our own entry's id; null: not told yet. */
  readonly you: string | null;
  /** Those who are here, in the order in which they came. */
  readonly people: readonly Person[];
};

/** Nobody has told us anything yet. */
export const NOBODY: Presence = { you: null, people: [] };

/** What the server says of who is here changes the list. */
export function onPresence(before: Presence, said: ServerMessage): Presence {
  if (said.type !== "room.presence") return before;
  const gone = new Set([...said.gone, ...said.people.map(({ id }) => id)]);
  const stay = said.isAll ? [] : before.people.filter(({ id }) => !gone.has(id));
  const people = [...stay, ...said.people].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
  return { you: said.you ?? before.you, people };
}
