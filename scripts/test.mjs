#!/usr/bin/env node
// npm test                      everything that has to hold before a commit is merged
// node scripts/test.mjs unit    neighbours of the source; more words go to Vitest
// node scripts/test.mjs e2e     the built product with real encoders and Chromium; more words go to Playwright
// node scripts/test.mjs attack  hostile peers against the running product (ATTACK_FULL=1: in their whole size)
// node scripts/test.mjs chaos   things that break, again and again (not in npm test)
// node scripts/test.mjs obs     a real OBS against the built product; installs OBS when it is missing
// node scripts/test.mjs fuzz    parsers with 10 million inputs each (--inputs N for another number)
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureObs, ensureRealClients, hasObs, hasTurnServer, skips } from "./test/real-clients.mjs";
import { check, playwright, vitest } from "./test/stages.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [command = "all", ...rest] = process.argv.slice(2);
const MINUTE_MS = 60_000;
const FULL_FUZZ_INPUTS = "10000000";

// Two files at a time, where little is measured; what counts milliseconds or floods the machine has it to itself.
const LOUD_ATTACKS = ["ends", "floods", "timing"];
const WATCHED = ["bit-exact", "conference", "live", "playback", "return", "turn", "whip"];

const NOT_LONG = ["--grep-invert", "@long"]; // what only takes time runs with the chaos suite

const within = (minutes) => ({ root, deadlineMs: minutes * MINUTE_MS });
const skip = skips();
const results = [];
const leftOut = [];

const stages = {
  build: async () => [
    await check("build", [join(root, "scripts/build.mjs")], within(5)),
    await check("build of the tests", [join(root, "node_modules/typescript/bin/tsc"), "-b"], within(3)),
  ],
  rules: async () => [
    await check("import rule", [join(root, ".build/tools/check-deps.js")], within(1)),
    await check("doc comments", [join(root, ".build/tools/check-doc-comments.js")], within(1)),
    await check("pages", [join(root, ".build/tools/check-docs.js")], within(1)),
  ],
  unit: async (args = []) => [await vitest("unit", args, within(9))],
  attack: async (args = []) => {
    const base = ["--config", "tests/vitest.config.ts", "--dir", "tests/attack"];
    const deadline = within(process.env.ATTACK_FULL === "1" ? 60 : 8);
    if (args.length > 0) return [await vitest("attack", [...base, ...args], deadline)];
    const alone = LOUD_ATTACKS.map((name) => `${name}.test.ts`);
    const others = LOUD_ATTACKS.flatMap((name) => ["--exclude", `**/${name}.test.ts`]);
    const pair = ["--fileParallelism", "--maxWorkers=2", ...others];
    return [
      await vitest("attack", [...base, ...pair], deadline),
      await vitest("attack, one by one", [...base, ...alone], deadline),
    ];
  },
  chaos: async (args = []) => [
    await vitest(
      "chaos",
      ["--config", "tests/vitest.config.ts", "--dir", "tests/chaos", ...args],
      within(20),
    ),
    await vitest("100 kills while writing", ["packages/server/src/main.kill.test.ts"], {
      ...within(10),
      environment: { KILL_ROUNDS: "100" },
    }),
    await playwright("e2e, long", ["--grep", "@long"], within(10)),
  ],
  e2e: async (args = []) => {
    if (args.length > 0) return [await playwright("e2e", args, within(18))];
    const calm = readdirSync(join(root, "tests/e2e"))
      .filter((file) => file.endsWith(".spec.ts"))
      .filter((file) => !WATCHED.includes(file.replace(".spec.ts", "")));
    const watched = WATCHED.map((name) => `${name}.spec.ts`);
    return [
      await playwright("e2e, pictures", [...NOT_LONG, ...watched], within(12)),
      await playwright("e2e, pages", [...NOT_LONG, "--workers=2", ...calm], within(10)), // last: its screenshots stay
    ];
  },
  obs: async (args = []) => [
    await vitest("obs", ["--config", "tests/vitest.config.ts", "--dir", "tests/obs", ...args], within(6)),
  ],
  fuzz: async (args = []) => {
    const words = args.includes("--inputs") ? args : ["--inputs", FULL_FUZZ_INPUTS, ...args];
    return [
      await check(
        "fuzz",
        ["--expose-gc", join(root, "packages/media/dist/wire/fuzz-main.js"), ...words],
        within(120),
      ),
    ];
  },
};

async function run(name, args) {
  const needsEncoder = ["attack", "chaos", "e2e", "obs"].includes(name);
  if (needsEncoder && skip.encoder) return leaveOut(name, "SKIP_ENCODER_TESTS=1");
  if (name === "e2e" && skip.browser) return leaveOut(name, "SKIP_BROWSER_TESTS=1");
  if (name === "e2e" && !hasTurnServer())
    leaveOut("e2e through TURN", "coturn is not installed (apt-get install coturn)");
  results.push(...(await stages[name](args)));
}

function leaveOut(name, why) {
  console.log(`\n!! NOT RUN ${name}: ${why}\n`);
  leftOut.push(`${name}: ${why}`);
}

if (command !== "all" && (command === "build" || command === "rules" || stages[command] === undefined)) {
  console.error(`${command}: expected one of unit, e2e, attack, chaos, obs, fuzz, or nothing for all`);
  process.exit(1);
}

if (command !== "fuzz") ensureRealClients();
if (command === "obs" && !skip.encoder) ensureObs();
await run("build");
if (results.every((result) => result.failed === 0)) {
  if (command === "all") {
    await run("rules");
    await run("unit");
    await run("attack");
    await run("e2e");
    // A note, not a failure: OBS is 31 packages that only some have.
    if (hasObs()) await run("obs");
    else leaveOut("obs", "OBS is not installed (node scripts/test.mjs obs installs it)");
  } else {
    await run(command, rest);
  }
} else {
  console.error("The build failed: nothing else was run.");
}

const skipped = results.flatMap((result) => result.skipped.map((title) => `${result.name}: ${title}`));
const maySkip = skip.browser || skip.encoder;
for (const title of skipped)
  console.log(`!! SKIPPED ${title}${maySkip ? "" : " (without a variable that names it: counts as failed)"}`);
for (const one of leftOut) console.log(`!! NOT RUN ${one}`);
for (const result of results)
  for (const title of result.unsteady ?? [])
    console.log(`!! UNSTEADY ${result.name}: ${title} (failed once, passed alone)`);
for (const result of results)
  for (const title of result.failures) console.log(`!! FAILED ${result.name}: ${title}`);
for (const { name, passed, failed } of results) console.log(`   ${name}: ${passed} passed, ${failed} failed`);

const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const failed = sum("failed") + (maySkip ? 0 : skipped.length);
console.log(`\n${sum("passed")} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
