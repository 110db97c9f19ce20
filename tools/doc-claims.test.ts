import { expect, test } from "vitest";
import { cliFromHelp, falseClaimsOf, type Project, variablesWithRow } from "./doc-claims.js";
import { commandsOf } from "./doc-commands.js";

const PAGES: Record<string, string> = {
  "docs/a.md": "# A page\n## Two `words` & more\n## Again\n## Again\n",
  "docs/b.md": "# B",
};
const FILES = [
  "scripts/set-up.sh",
  "scripts/setup-template.sh",
  "deploy",
  "deploy/compose.yaml",
  "deploy/global.env",
  ...Object.keys(PAGES),
];
const project: Project = {
  exists: (path) => FILES.includes(path),
  page: (path) => PAGES[path] ?? null,
  npmScripts: new Set(["start", "test", "cli"]),
  cli: cliFromHelp(`Intro.

  room create --name NAME [--json]    makes one
  restore FILE [--yes] [--json]       puts it back
  help                                this page`),
  setUpFlags: new Set(["--domain"]),
  services: new Set(["app", "traefik"]),
  profiles: new Set(["edges"]),
  variables: new Set(["DATA_DIR", "PORT"]),
};

const wrongIn = (markdown: string): string[] =>
  falseClaimsOf("docs/b.md", markdown, project).map(({ line, why }) => `${line}: ${why}`);
const block = (...lines: string[]): string => ["```sh", ...lines, "```"].join("\n");

test("commands are told apart: by line, pipe, folder, quotes, comment and the variables before them", () => {
  const page = `${block("cd deploy # there", "A=1 docker compose up \\", "  -d | grep 'a b' 2>/dev/null && cd .. ; sudo npm ci")}\n\n${"```"}\nnot one\n${"```"}`;
  expect(commandsOf(page)).toEqual([
    { line: 4, variables: ["A"], words: ["docker", "compose", "up", "-d"], folder: "deploy" },
    { line: 4, variables: [], words: ["grep", "a b"], folder: "deploy" },
    { line: 4, variables: [], words: ["npm", "ci"], folder: "." },
  ]);
});

test("what is so passes", () => {
  expect(
    wrongIn(`${block(
      "npm ci && npm start",
      "DATA_DIR=/tmp/x npm run cli -- room create --name 'A b' --json",
      "npm run cli -- restore deploy/global.env --yes",
      "scripts/setup-template.sh --domain a.example",
      "cd deploy && docker compose --env-file global.env --profile edges up -d --scale app=2",
      "docker compose exec app colourstream restore /b --yes",
      "docker compose logs -f traefik",
      "curl http://127.0.0.1:3000/healthz",
    )}
A [page](a.md#two-words--more), [again](a.md#again-1), [here](#b), [far](https://a.example/#x); \`PORT\`, \`npm run cli -- help\`, \`deploy/compose.yaml\`.`),
  ).toEqual([]);
});

test("what is not so is named with its line", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["npm run nothing", "package.json has no script nothing"],
    ["npm run cli -- room paint", "the command line knows no “room paint”"],
    ["npm run cli -- restore x --force", "“restore” knows no --force"],
    ["scripts/gone.sh", "there is no scripts/gone.sh"],
    ["bash deploy/gone.sh", "there is no deploy/gone.sh"],
    ["scripts/setup-template.sh --domian a", "scripts/setup-template.sh knows no --domian"],
    ["docker compose up -d redis", "compose.yaml has no service redis"],
    ["docker compose --profile gpu up", "compose.yaml has no profile gpu"],
    ["docker compose exec app colourstream paint", "the command line knows no “paint”"],
    ["docker compose up --scale web=2", "compose.yaml has no service web"],
    ["cd deploy && docker compose -f other.yaml up", "there is no deploy/other.yaml"],
    ["DATA_DRI=x npm start", "nothing reads the variable DATA_DRI"],
  ];
  for (const [command, why] of cases) expect(wrongIn(block(command)), command).toContain(`2: ${why}`);
  expect(wrongIn("`DATA_DRI` and `docs/gone.md` and `npm run nothing`")).toEqual([
    "1: nothing reads the variable DATA_DRI",
    "1: there is no docs/gone.md",
    "1: package.json has no script nothing",
  ]);
  expect(wrongIn("[a](gone.md), [b](a.md#again-2), [c](#c)")).toEqual([
    "1: the link leads to docs/gone.md, which is not there",
    "1: docs/a.md has no heading for #again-2",
    "1: docs/b.md has no heading for #c",
  ]);
});

test("a variable has its row when a table's first cell names it", () => {
  expect(variablesWithRow("| `PORT` | `3000` |\n| `A_FILE`, `B_FILE` | x |\n`DATA_DIR` elsewhere")).toEqual(
    new Set(["PORT", "A_FILE", "B_FILE"]),
  );
});
