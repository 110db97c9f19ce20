/** A piece of a message as it is shown: as it was written, whatever else it is. */
export type TextPart =
  | { readonly is: "text"; readonly text: string }
  /** The text is the address: nobody is led anywhere else than they read. */
  | { readonly is: "link"; readonly text: string; readonly href: string }
  | { readonly is: "mention"; readonly text: string; readonly personId: string };

type Mention = { readonly personId: string; readonly name: string };

// Without characters that are not seen: directions would show an address in another order than it is read.
const ADDRESS = /https?:\/\/[^\s<>"“”\p{Cf}]+/giu;
const AFTER_IT = /[.,;:!?'’…]+$/u; // a sentence's, not the address's

/** The pieces of a message: links of the web, and the names of those who are mentioned. */
export function textParts(text: string, mentions: readonly Mention[]): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    const href = hrefOf(address);
    if (href === null) continue;
    parts.push(...mentionParts(text.slice(from, index), mentions), { is: "link", text: address, href });
    from = index + address.length;
  }
  parts.push(...mentionParts(text.slice(from), mentions));
  return parts;
}

/** A sentence's signs at the end, and a bracket that was opened before the address. */
function withoutEnd(found: string): string {
  let address = found;
  for (;;) {
    const before = address;
    address = address.replace(AFTER_IT, "");
    for (const [open, close] of ["()", "[]", "{}"].map((pair) => [...pair])) {
      if (open === undefined || close === undefined || !address.endsWith(close)) continue;
      if (count(address, close) > count(address, open)) address = address.slice(0, -1);
    }
    if (address === before) return address;
  }
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

/** Null: no address of the web, or one that names a user: what stands before an @ is read as the place. */
function hrefOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, username, password, href } = new URL(address);
  const isWeb = protocol === "https:" || protocol === "http:";
  return isWeb && username === "" && password === "" ? href : null;
}

function mentionParts(text: string, mentions: readonly Mention[]): TextPart[] {
  if (text === "") return [];
  // The longest first: "@Ana Maria" is not "@Ana".
  const sorted = mentions.toSorted((a, b) => b.name.length - a.name.length);
  let first: { at: number; mention: Mention } | null = null;
  for (const mention of sorted) {
    const at = text.indexOf(`@${mention.name}`);
    if (at >= 0 && (first === null || at < first.at)) first = { at, mention };
  }
  if (first === null) return [{ is: "text", text }];
  const { at, mention } = first;
  const end = at + mention.name.length + 1;
  return [
    ...(at > 0 ? [{ is: "text", text: text.slice(0, at) } as const] : []),
    { is: "mention", text: text.slice(at, end), personId: mention.personId },
    ...mentionParts(text.slice(end), mentions),
  ];
}
