#!/usr/bin/env node
// Runs those commands of Prisma that need no native engine (they are WASM), on a machine without its download:
//   npm run prisma -- generate | validate | format
// Prisma looks for its schema engine before any command and downloads it when it is missing; naming an existing file
// stops that. The file must not be runnable: `migrate diff` with /bin/true prints nothing and reports success.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SAFE = new Set(["generate", "validate", "format", "--version", "--help"]);

const here = fileURLToPath(import.meta.url);
const root = join(dirname(here), "..");
const args = process.argv.slice(2);

if (!SAFE.has(args[0])) {
  console.error(
    `prisma ${args[0] ?? ""}: not possible without its native engine. Possible: ${[...SAFE].join(", ")}.`,
  );
  console.error("A migration is written by: npm run db:migration -- what_it_does");
  process.exit(1);
}

const require = createRequire(here);
const cli = join(dirname(require.resolve("prisma/package.json")), "build", "index.js");
const run = spawnSync(process.execPath, [cli, ...args], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: here,
    CHECKPOINT_DISABLE: "1",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  },
});
process.exit(run.status ?? 1);
