import { posix } from "node:path";
import { commandsOf, type DocCommand } from "./doc-commands.js";

/** What pages can be held against: what there is in the project. Paths are from its root. */
export type Project = {
  /** A file or folder, or one that the set-up makes. */
  exists(path: string): boolean;
  /** The page's text; null where there is none. */
  page(path: string): string | null;
  readonly npmScripts: ReadonlySet<string>;
  /** What the operator's command line takes: its verbs, such as `room create`, each with its flags. */
  readonly cli: ReadonlyMap<string, ReadonlySet<string>>;
  readonly setUpFlags: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly profiles: ReadonlySet<string>;
  /** Every variable that some program or file of ours reads. */
  readonly variables: ReadonlySet<string>;
};

/** A page says what is not so. */
export type FalseClaim = { readonly path: string; readonly line: number; readonly why: string };

/** Flags of the operator's command line that every verb takes. */
const CLI_FOR_ALL = ["--json", "--help"];
const NPM_OWN = new Set(["ci", "install", "audit", "version"]);
/** Compose's commands that are followed by services. */
const FOR_SERVICES = new Set(["up", "stop", "start", "restart", "logs", "ps", "build", "pull", "rm", "top"]);
/** Those that are followed by one service, and what is run in it. */
const IN_SERVICE = new Set(["exec", "run"]);
/** Options of compose and its commands that take the next word. */
const WITH_VALUE = new Set([
  "-f",
  "--file",
  "--env-file",
  "--profile",
  "-p",
  "--project-name",
  "--scale",
  "--tail",
  "--since",
  "-u",
  "--user",
  "-e",
  "--env",
]);
/** In capitals, but not the names of SRT's refusals, which the SRT draft gives. */
const VARIABLE = /^(?!SRT_REJX?_)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
const OUR_PATH = /^(?:\.\/)?(?:packages|tests|tools|scripts|deploy|docs|bench)\/[\w./@-]+$/;

/** Holds a page to what there is. */
export function falseClaimsOf(path: string, markdown: string, project: Project): FalseClaim[] {
  const claims = [
    ...commandsOf(markdown).flatMap((command) =>
      wrongInCommand(command, project).map((why) => ({ line: command.line, why })),
    ),
    ...wrongInText(path, markdown, project),
  ];
  return claims.map((claim) => ({ path, ...claim }));
}

function wrongInCommand(command: DocCommand, project: Project): string[] {
  const { words, folder, variables } = command;
  const [program = "", ...rest] = words;
  const unknown = variables
    .filter((name) => !project.variables.has(name))
    .map((name) => `nothing reads the variable ${name}`);
  const missing = words
    .map((word) => word.replace(/^\.\//, ""))
    .filter((word) => (folder === "." ? OUR_PATH.test(word) : isPathBelow(word, project, folder)))
    .filter((word) => !project.exists(posix.join(folder, word)))
    .map((word) => `there is no ${posix.join(folder, word)}`);
  return [...unknown, ...missing, ...wrongInProgram(program, rest, command, project)];
}

/** In a folder of ours, a word with a known ending is taken for a file there. */
function isPathBelow(word: string, project: Project, folder: string): boolean {
  return project.exists(folder) && /^[\w][\w./-]*\.(?:ya?ml|env|json|sh|ts|mjs|conf|xml)$/.test(word);
}

function wrongInProgram(
  program: string,
  rest: readonly string[],
  { folder }: DocCommand,
  project: Project,
): string[] {
  if (program === "npm") return wrongInNpm(rest, project);
  if (program === "colourstream") return wrongInCli(rest, project);
  if (program === "docker" && rest[0] === "compose") return wrongInCompose(rest.slice(1), project);
  if (/(?:^|\/)setup-template\.sh$/.test(program)) {
    const flags = rest.filter((word) => word.startsWith("--")).map((word) => word.split("=", 1)[0] ?? "");
    return flags.filter((flag) => !project.setUpFlags.has(flag)).map((flag) => `${program} knows no ${flag}`);
  }
  const isOurs = /^(?:\.\/|\.\.\/|scripts\/)/.test(program);
  return isOurs && !project.exists(posix.join(folder, program))
    ? [`there is no ${posix.join(folder, program)}`]
    : [];
}

function wrongInNpm([verb = "", ...rest]: readonly string[], project: Project): string[] {
  const name = verb === "run" ? (rest[0] ?? "") : verb;
  if (verb !== "run" && NPM_OWN.has(name)) return [];
  if (!project.npmScripts.has(name)) return [`package.json has no script ${name}`];
  const at = rest.indexOf("--");
  return name === "cli" ? wrongInCli(at === -1 ? [] : rest.slice(at + 1), project) : [];
}

function wrongInCli(words: readonly string[], { cli }: Project): string[] {
  const [first = "help", second = ""] = words.filter((word) => !word.startsWith("-"));
  const verb = [`${first} ${second}`, first].find((one) => cli.has(one));
  if (verb === undefined) return [`the command line knows no “${first} ${second}”`.replace(" ”", "”")];
  const flags = words.filter((word) => word.startsWith("--"));
  return flags
    .filter((flag) => !CLI_FOR_ALL.includes(flag) && cli.get(verb)?.has(flag) !== true)
    .map((flag) => `“${verb}” knows no ${flag}`);
}

function wrongInCompose(words: readonly string[], project: Project): string[] {
  const wrong: string[] = [];
  const plain: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [word = "", value = words[at + 1] ?? ""] = (words[at] ?? "").split(/=(.*)/s);
    if (word.startsWith("-")) {
      if (word === "--profile" && !project.profiles.has(value))
        wrong.push(`compose.yaml has no profile ${value}`);
      if (word === "--scale") plain.push(...(words[at + 1] ?? "").split("=", 1));
      if (WITH_VALUE.has(word) && !words[at]?.includes("=")) at += 1;
      continue;
    }
    const verb = plain.find((one) => FOR_SERVICES.has(one) || IN_SERVICE.has(one));
    if (verb !== undefined && IN_SERVICE.has(verb) && plain.at(-1) !== verb) {
      if (word === "colourstream") wrong.push(...wrongInCli(words.slice(at + 1), project));
      break;
    }
    plain.push(word);
  }
  const at = plain.findIndex((one) => FOR_SERVICES.has(one) || IN_SERVICE.has(one));
  if (at === -1) return wrong;
  const services = plain
    .slice(0, at)
    .filter((one) => one !== "")
    .concat(plain.slice(at + 1));
  return [
    ...wrong,
    ...services
      .filter((one) => !project.services.has(one))
      .map((one) => `compose.yaml has no service ${one}`),
  ];
}

function wrongInText(path: string, markdown: string, project: Project): { line: number; why: string }[] {
  const wrong: { line: number; why: string }[] = [];
  let isBlock = false;
  for (const [at, text] of markdown.split("\n").entries()) {
    const say = (why: string): void => void wrong.push({ line: at + 1, why });
    if (/^\s*```/.test(text)) isBlock = !isBlock;
    if (isBlock) continue;
    for (const [, code = ""] of text.matchAll(/`([^`]+)`/g)) {
      if (VARIABLE.test(code) && !project.variables.has(code)) say(`nothing reads the variable ${code}`);
      if (OUR_PATH.test(code) && !project.exists(code.replace(/^\.\//, ""))) say(`there is no ${code}`);
      if (/^npm (?:run )?[\w:]+/.test(code) && !code.includes("…"))
        for (const command of commandsOf(`\`\`\`sh\n${code}\n\`\`\``))
          for (const why of wrongInCommand(command, project)) say(why);
    }
    for (const [, target = ""] of text.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
      const why = wrongInLink(path, target, project);
      if (why !== null) say(why);
    }
  }
  return wrong;
}

function wrongInLink(path: string, target: string, project: Project): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [file = "", anchor] = target.split("#");
  const to = file === "" ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
  if (!project.exists(to)) return `the link leads to ${to}, which is not there`;
  if (anchor === undefined || !to.endsWith(".md")) return null;
  return anchorsOf(project.page(to) ?? "").has(anchor) ? null : `${to} has no heading for #${anchor}`;
}

/** As GitHub makes them: lower case, marks left out, spaces as hyphens, a number behind the second of a name. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of markdown.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replaceAll(/\]\([^)]*\)/g, "]").toLowerCase();
    const name = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    let own = name;
    for (let number = 1; anchors.has(own); number += 1) own = `${name}-${number}`;
    anchors.add(own);
  }
  return anchors;
}

/** The variables that have a row in docs/configuration.md: those named in a table's first cell. */
export function variablesWithRow(markdown: string): Set<string> {
  const cells = [...markdown.matchAll(/^\|([^|]+)\|/gm)].map(([, cell = ""]) => cell);
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = ""]) => name)),
  );
}

/** The operator's verbs with their flags, from the lines of its own help. */
export function cliFromHelp(help: string): Map<string, Set<string>> {
  const verbs = new Map<string, Set<string>>();
  for (const [, usage = ""] of help.matchAll(/^ {2}([a-z].*?)(?: {2,}.*)?$/gm)) {
    const [, verb = ""] = /^([a-z][\w-]*(?: [a-z][\w-]*)?)/.exec(usage) ?? [];
    verbs.set(verb, new Set([...usage.matchAll(/--[a-z-]+/g)].map(([flag]) => flag)));
  }
  return verbs;
}
