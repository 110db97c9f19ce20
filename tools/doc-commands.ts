/** A simple command of a page's shell block. */
export type DocCommand = {
  readonly line: number;
  /** The variables set in front of it. */
  readonly variables: readonly string[];
  readonly words: readonly string[];
  /** The folder that the block has changed to by then, from the project's root; "." is that. */
  readonly folder: string;
};

/** Where the pages say that a checkout is. */
const CHECKOUT = "/opt/colourstream";

/** The commands of a Markdown page's `sh` blocks, in their order. */
export function commandsOf(markdown: string): DocCommand[] {
  const commands: DocCommand[] = [];
  for (const { line, text } of shellBlocks(markdown)) {
    let folder = ".";
    for (const [at, whole] of joined(text).entries()) {
      for (const words of simpleCommands(whole)) {
        const first = words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word));
        const rest = first === -1 ? [] : words.slice(first);
        const named = words.slice(0, first === -1 ? words.length : first);
        const variables = named.map((word) => word.split("=", 1)[0] ?? "");
        if (rest[0] === "cd") folder = changed(folder, rest[1] ?? ".");
        else
          commands.push({
            line: line + at,
            variables,
            words: rest[0] === "sudo" ? rest.slice(1) : rest,
            folder,
          });
      }
    }
  }
  return commands;
}

function changed(folder: string, to: string): string {
  if (to === CHECKOUT) return ".";
  if (to.startsWith(`${CHECKOUT}/`)) return to.slice(CHECKOUT.length + 1);
  if (to === "..") return folder.split("/").slice(0, -1).join("/") || ".";
  return folder === "." ? to : `${folder}/${to}`;
}

function shellBlocks(markdown: string): { line: number; text: string[] }[] {
  const blocks: { line: number; text: string[] }[] = [];
  let open: { line: number; text: string[] } | null = null;
  let isOther = false;
  for (const [at, text] of markdown.split("\n").entries()) {
    const [, language] = /^\s*```(\w*)/.exec(text) ?? [];
    if (language === undefined) open?.text.push(text);
    else if (open !== null || isOther) [open, isOther] = [null, false];
    else if (/^(?:sh|bash|shell)$/.test(language)) {
      open = { line: at + 2, text: [] };
      blocks.push(open);
    } else isOther = true;
  }
  return blocks;
}

/** A line that ends in a backslash goes on in the next; the lines that went into it stay, empty, so that numbers fit. */
function joined(lines: readonly string[]): string[] {
  const all: string[] = [];
  let before = "";
  for (const line of lines) {
    const isOpen = line.endsWith("\\");
    const whole = before + (isOpen ? line.slice(0, -1) : line);
    before = isOpen ? whole : "";
    all.push(isOpen ? "" : whole);
  }
  return all;
}

/** Split at `&&`, `||`, `|` and `;`, comments and redirections left out; quoted words are one. */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [word, single, double] of line.matchAll(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|&&|\|\|?|;|#.*$|(?:\\.|[^\s'"|;&]|&(?!&))+/g,
  )) {
    if (word.startsWith("#")) break;
    if (["&&", "||", "|", ";"].includes(word)) commands.push([]);
    else if (!/^\d?[<>]/.test(word)) commands.at(-1)?.push(single ?? double ?? word);
  }
  return commands.filter((words) => words.length > 0);
}
