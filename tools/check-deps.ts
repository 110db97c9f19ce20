import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import { findViolations, type SourceFile } from "./import-rules.js";

/** Checks DESIGN.md's import rule in the sources, and that the built pages hold nothing that belongs to GOV.UK alone. */

const MARKS_OF_GOVUK = /GDS Transport|\bcrown\b|\bcrest\b/i; // its typeface and coat of arms are not licensed to others
const BINARY = /\.(?:woff2?|png|ico|mp4|bin|h264|opus|wasm|gz|br)$/;

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(path);
    return [path];
  });
}

const shown = (path: string) => relative(PROJECT_ROOT, path).split(sep).join("/");

const packages = readdirSync(join(PROJECT_ROOT, "packages"));
const sources: SourceFile[] = packages
  .flatMap((name) => filesBelow(join(PROJECT_ROOT, "packages", name, "src")))
  .filter((path) => /\.tsx?$/.test(path) && !shown(path).includes("/generated/"))
  .map((path) => ({ path: shown(path), text: readFileSync(path, "utf8") }));
const violations = findViolations(sources);

const built = filesBelow(join(PROJECT_ROOT, "packages/web/dist")).filter(
  (path) => !shown(path).includes("/types/"),
);
const marked = built.flatMap((path) => {
  const mark = MARKS_OF_GOVUK.exec(BINARY.test(path) ? path : `${path}\n${readFileSync(path, "utf8")}`);
  return mark === null ? [] : [`${shown(path)}: holds “${mark[0]}”, which belongs to GOV.UK alone`];
});

for (const { path, line, rule } of violations) console.error(`${path}:${line}: ${rule}`);
for (const text of marked) console.error(text);
const problems = violations.length + marked.length;
console.log(`import rule: ${sources.length} files, ${built.length} built files, ${problems} violations`);
process.exitCode = problems === 0 ? 0 : 1;
