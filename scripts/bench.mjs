#!/usr/bin/env node
// npm run bench -- latency    how old is the picture, and what of that is the engine's
// npm run bench -- fanout     what does one more viewer cost
// npm run bench -- ingest     how late is a frame in the hub, and what does it cost to take it in
// npm run bench -- room       what do fifty people on a room's channel cost, and does the call leave the picture its line
// npm run bench -- engines    how late is the picture by another engine, beside ours in the same minutes:
//                             --ingest URL --play URL [--name NAME], as often as there are engines; without, ours alone
// --quick                     few frames: whether it runs, not how fast
// Prints a table, its method, and one JSON object as the last line.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRealClients } from "./test/real-clients.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const BENCHES = ["latency", "fanout", "ingest", "room", "engines"];
const [name, ...options] = process.argv.slice(2);

if (!BENCHES.includes(name)) {
  console.error(`npm run bench -- ${BENCHES.join(" | ")} [--quick]; got ${name ?? "nothing"}`);
  process.exit(1);
}

ensureRealClients();
const steps = [
  [join(root, "scripts/build.mjs")],
  [join(root, "node_modules/typescript/bin/tsc"), "-b", "tsconfig.tools.json"],
  [join(root, ".build/bench", `${name}.js`), ...options],
];
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
