import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import { writeApiDocs } from "./api-docs.js";
import { findUndocumented } from "./missing-docs.js";

/**
 * Checks that every exported name of the three packages below has a sentence that says what it is for, and that
 * docs/api.md says what the contract says.
 */

const PACKAGES = ["contract", "media", "server"];

let files = 0;
let problems = 0;
for (const name of PACKAGES) {
  const folder = join(PROJECT_ROOT, "packages", name, "src");
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".ts") || /\.(?:test|fuzz)\.ts$|generated|fixtures|testing/.test(path)) continue;
    files += 1;
    for (const { line, name: exported } of findUndocumented(readFileSync(join(folder, path), "utf8"))) {
      problems += 1;
      console.error(`packages/${name}/src/${path}:${line}: ${exported} has no doc comment`);
    }
  }
}
console.log(`doc comments: ${files} files, ${problems} exported names without one`);

const isUpToDate = readFileSync(join(PROJECT_ROOT, "docs", "api.md"), "utf8") === writeApiDocs();
console.log(`docs/api.md: ${isUpToDate ? "says what the contract says" : "is not up to date"}`);
if (!isUpToDate) console.error("docs/api.md: write it anew: npm run docs:api");
process.exitCode = problems === 0 && isUpToDate ? 0 : 1;
