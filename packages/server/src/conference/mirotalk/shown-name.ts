// MiroTalk takes these for markup or for an escape, and changes them.
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/</g, "‹"],
  [/>/g, "›"],
  [/%/g, "％"],
  [/&(?=#?\w+;)/g, "＆"],
];

/**
 * What somebody is called in MiroTalk: their name, with a number where another is called so. MiroTalk knows people by
 * nothing else: by this name we find them in its list.
 */
export function shownName(name: string, taken: ReadonlySet<string>): string {
  const plain = REPLACED.reduce((text, [from, to]) => text.replace(from, to), name);
  let shown = plain;
  for (let count = 2; taken.has(shown); count++) shown = `${plain} (${count})`;
  return shown;
}
