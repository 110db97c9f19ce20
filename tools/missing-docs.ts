/** An exported name without a sentence about it. */
export type Undocumented = { readonly line: number; readonly name: string };

const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|type|interface)\s+([\w$]+)/;

const MAKER = /^(?:create|make|open|start)(?=[A-Z])/;

/**
 * Exported names that no doc comment stands above. A schema and its type share a name and one comment; so do a type
 * `Stream` and the function `createStream` that makes one.
 */
export function findUndocumented(source: string): Undocumented[] {
  const lines = source.split("\n");
  const documented = new Set<string>();
  const missing: Undocumented[] = [];
  for (const [at, text] of lines.entries()) {
    const name = EXPORTED.exec(text)?.[1];
    if (name === undefined) continue;
    let above = at - 1;
    while (above >= 0 && /^(?:@|\/\/ biome-ignore)/.test(lines[above] ?? "")) above -= 1;
    if ((lines[above] ?? "").trimEnd().endsWith("*/")) documented.add(name);
    else missing.push({ line: at + 1, name });
  }
  return missing.filter(({ name }) => !documented.has(name) && !documented.has(name.replace(MAKER, "")));
}
