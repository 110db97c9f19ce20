import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder, found from this file whether it runs as source or as built output. */
export const PROJECT_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Where `tsc -b tsconfig.tools.json` puts a file of `tests/`, `bench/` or `tools/`: child processes need JavaScript. */
export function builtFile(source: string): string {
  const path = join(PROJECT_ROOT, ".build", source.replace(/\.ts$/, ".js"));
  if (!existsSync(path)) {
    throw new Error(`${source} has not been compiled to ${path}: run npx tsc -b tsconfig.tools.json`);
  }
  return path;
}

function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "colourstream") return folder;
    if (folder === dirname(folder)) throw new Error(`no project folder above ${from}`);
  }
}
