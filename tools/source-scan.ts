/** A piece of TypeScript that a rule may look at; comments, templates and regular expressions are left out. */
export type Token = {
  readonly kind: "word" | "string" | "mark";
  readonly text: string;
  readonly line: number;
};

/** One import or re-export of a source file. */
export type Import = {
  readonly from: string;
  /** The names as the other module calls them; empty for `import "x"` and `import("x")`. */
  readonly names: readonly string[];
  readonly isTypeOnly: boolean;
  readonly line: number;
};

const PIECES = [
  String.raw`(?<skip>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
  String.raw`(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`,
  String.raw`(?<word>[A-Za-z_$#@][\w$]*|\d[\w.]*)`,
  String.raw`(?<mark>=>|\?\.|\.{3}|[\s\S])`,
].join("|");

const REGULAR_EXPRESSION = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const MAY_END_A_VALUE = /^(?:[\w$#@]+|\)|\]|\})$/;
const WORDS_BEFORE_A_VALUE = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "await",
  "yield",
  "throw",
  "void",
]);

/** Splits TypeScript into tokens: enough to tell an import from a word in a comment or a string. */
export function scan(source: string): Token[] {
  const pieces = new RegExp(PIECES, "y");
  const tokens: Token[] = [];
  const templateDepths: number[] = []; // brace depth at each open `${`
  let depth = 0;
  let line = 1;
  let at = 0;

  function skipTemplate(): void {
    for (at += 1; at < source.length; at += 1) {
      const character = source[at];
      if (character === "\n") line += 1;
      if (character === "\\") at += 1;
      else if (character === "`") {
        at += 1;
        return;
      } else if (character === "$" && source[at + 1] === "{") {
        templateDepths.push(depth);
        at += 2;
        return;
      }
    }
  }

  while (at < source.length) {
    const character = source[at];
    if (character === "`") {
      skipTemplate();
      tokens.push({ kind: "string", text: "", line });
      continue;
    }
    if (character === "}" && templateDepths.at(-1) === depth) {
      templateDepths.pop();
      skipTemplate();
      continue;
    }
    if (character === "/" && !/^\/[/*]/.test(source.slice(at, at + 2)) && startsValue(tokens.at(-1))) {
      REGULAR_EXPRESSION.lastIndex = at;
      const expression = REGULAR_EXPRESSION.exec(source);
      if (expression !== null) {
        at += expression[0].length;
        tokens.push({ kind: "string", text: "", line });
        continue;
      }
    }
    pieces.lastIndex = at;
    const match = pieces.exec(source);
    if (match === null) break;
    const { string, word, mark } = match.groups ?? {};
    if (string !== undefined) tokens.push({ kind: "string", text: string.slice(1, -1), line });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, line });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark, line });
    if (mark === "{") depth += 1;
    if (mark === "}") depth -= 1;
    line += match[0].split("\n").length - 1;
    at += match[0].length;
  }
  return tokens;
}

function startsValue(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "string") return false;
  return !MAY_END_A_VALUE.test(before.text) || WORDS_BEFORE_A_VALUE.has(before.text);
}

/** All imports: static, re-exported, for their effect, dynamic, `require` and `typeof import()`. */
export function importsOf(tokens: readonly Token[]): Import[] {
  const found: Import[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "word" || tokens[at - 1]?.text === ".") continue;
    const next = tokens[at + 1];
    const { line } = token;
    if (token.text === "import" || token.text === "require") {
      const argument = next?.text === "(" ? tokens[at + 2] : token.text === "import" ? next : undefined;
      if (argument?.kind === "string") {
        found.push({ from: argument.text, names: [], isTypeOnly: false, line });
        continue;
      }
    }
    if (token.text !== "import" && token.text !== "export") continue;
    const clause = readClause(tokens, at + 1);
    if (clause !== null) found.push({ ...clause, line });
  }
  return found;
}

function readClause(tokens: readonly Token[], start: number): Omit<Import, "line"> | null {
  const names: string[] = [];
  const isTypeOnly = tokens[start]?.text === "type" && tokens[start + 1]?.text !== "from";
  let afterAs = false;
  for (let at = start + (isTypeOnly ? 1 : 0); at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    if (token.text === "from" && tokens[at + 1]?.kind === "string") {
      return { from: (tokens[at + 1] as Token).text, names, isTypeOnly };
    }
    if (token.kind === "mark" && !["{", "}", ",", "*"].includes(token.text)) return null;
    if (token.kind === "string") return null;
    if (token.text === "as") afterAs = true;
    else if (token.kind === "word" && token.text !== "type") {
      if (!afterAs) names.push(token.text);
      afterAs = false;
    }
    // `export const x` and the like are no clauses
    if (
      ["const", "function", "class", "async", "interface", "let", "default", "declare"].includes(token.text)
    ) {
      return null;
    }
  }
  return null;
}
