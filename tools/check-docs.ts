import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import { cliFromHelp, falseClaimsOf, type Project, variablesWithRow } from "./doc-claims.js";

/**
 * Holds what the pages say to what there is: commands, flags, services, files, links, variables; and every variable
 * that the server reads to its row in docs/configuration.md.
 */

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), "utf8");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: PROJECT_ROOT,
  encoding: "utf8",
  maxBuffer: 16 * 1024 * 1024,
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(PROJECT_ROOT, path)));

/** Made by the set-up or by a build: not in the tree, and named in .gitignore. */
function isMade(path: string): boolean {
  return (
    spawnSync("git", ["check-ignore", "--quiet", "--no-index", path], { cwd: PROJECT_ROOT }).status === 0
  );
}

function compose(): { services: string[]; profiles: string[] } {
  const all = ["compose.yaml", "compose.edges.yaml"].flatMap((name) => {
    const path = join("deploy", name);
    if (!existsSync(join(PROJECT_ROOT, path))) return [];
    const { services = {} } = parse(read(path)) as { services?: Record<string, { profiles?: string[] }> };
    return Object.entries(services);
  });
  return { services: all.map(([name]) => name), profiles: all.flatMap(([, { profiles = [] }]) => profiles) };
}

/** Words in capitals in everything that is no page: what is there, some program reads or some file sets. */
function variables(): Set<string> {
  const sources = files.filter((path) => !/\.(?:md|svg|png|lock)$|package-lock|captures|fixtures/.test(path));
  return new Set(
    sources
      .filter((path) =>
        /\.(?:ts|tsx|mjs|sh|ya?ml|env|template|conf|xml|json)$|Dockerfile|\.ci\/run|deploy\/|scripts\//.test(
          path,
        ),
      )
      .flatMap((path) => read(path).match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []),
  );
}

const { services, profiles } = compose();
const help = /const HELP = `([^`]*)`/.exec(read("packages/server/src/cli.ts"))?.[1] ?? "";
const setUp = spawnSync("bash", ["scripts/setup-template.sh", "--help"], {
  cwd: PROJECT_ROOT,
  encoding: "utf8",
});
const project: Project = {
  exists: (path) => existsSync(join(PROJECT_ROOT, path)) || isMade(path),
  page: (path) => (existsSync(join(PROJECT_ROOT, path)) ? read(path) : null),
  npmScripts: new Set(Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts)),
  cli: cliFromHelp(help),
  setUpFlags: new Set(setUp.stdout.match(/--[a-z][a-z-]*/g) ?? []),
  services: new Set(services),
  profiles: new Set(profiles),
  variables: variables(),
};

const pages = files.filter((path) =>
  /^(?:docs\/[\w-]+|README|CONTRIBUTING|SECURITY|deploy\/README)\.md$/.test(path),
);
const claims = pages.flatMap((path) => falseClaimsOf(path, read(path), project));

const CONFIGS = /^packages\/server\/src\/(?:config|[\w/]+-config)\.ts$/;
const asked = files
  .filter((path) => CONFIGS.test(path))
  .flatMap((path) => [...read(path).matchAll(/"([A-Z][A-Z0-9_]{3,})"/g)])
  .map(([, name = ""]) => name);
const rows = variablesWithRow(read("docs/configuration.md"));
const rowless = [...new Set(asked)].filter((name) => !rows.has(name));

for (const { path, line, why } of claims) console.error(`${path}:${line}: ${why}`);
for (const name of rowless) console.error(`docs/configuration.md: the variable ${name} has no row`);
const isEmpty = project.cli.size < 5 || asked.length < 20 || pages.length < 10; // nothing was looked at: not a pass
if (isEmpty) console.error("the check has lost sight of the command line, the settings or the pages");
console.log(
  `pages: ${pages.length}, ${claims.length} false claims, ${rowless.length} of ${new Set(asked).size} variables without a row`,
);
process.exitCode = claims.length + rowless.length === 0 && !isEmpty ? 0 : 1;
