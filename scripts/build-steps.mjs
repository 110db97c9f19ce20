// The build's steps, each with the sources it depends on. A step runs when the hash of its sources' names, sizes and
// times is not the one that the last good run has left in .build/.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamps = join(root, ".build");
const require = createRequire(import.meta.url);
const SKIP = new Set(["node_modules", "dist", ".build", "generated"]);
const PACKAGES = ["contract", "media", "server", "web"];

const bin = (name, file) => join(dirname(require.resolve(`${name}/package.json`)), file);

const steps = [
  {
    name: "database client",
    sources: ["packages/server/prisma/schema.prisma", "package-lock.json"],
    made: ["packages/server/src/generated/prisma/client.ts"],
    command: () => [join(root, "scripts/prisma.mjs"), "generate"],
  },
  {
    name: "programs",
    sources: [
      ...PACKAGES.flatMap((name) => [`packages/${name}/src`, `packages/${name}/tsconfig.json`]),
      "packages/server/prisma/schema.prisma",
      "tsconfig.base.json",
      "package-lock.json",
    ],
    made: [
      "packages/contract/dist/index.js",
      "packages/media/dist/control/index.js",
      "packages/server/dist/main.js",
    ],
    command: () => [
      bin("typescript", "bin/tsc"),
      "-b",
      ...["contract", "media", "server"].map((name) => join(root, "packages", name)),
    ],
  },
  {
    name: "web app",
    sources: ["packages/web", "packages/contract/src", "package-lock.json"],
    made: ["packages/web/dist/app/index.html"],
    isThere: () => existsSync(join(root, "packages/web/vite.config.ts")),
    command: () => [bin("vite", "bin/vite.js"), "build", "--logLevel", "warn"],
    cwd: join(root, "packages/web"),
  },
];

/** Runs the steps that are out of date. Answers the exit code. All output goes to stderr. */
export async function runBuild({ quiet }) {
  mkdirSync(stamps, { recursive: true });
  for (const step of steps) {
    if (step.isThere?.() === false) continue;
    const stamp = join(stamps, `${step.name.replaceAll(" ", "-")}.stamp`);
    const now = fingerprint(step.sources);
    const isFresh = step.made.every((path) => existsSync(join(root, path))) && read(stamp) === now;
    if (isFresh) continue;
    if (!quiet) console.error(`Building the ${step.name} …`);
    const { code, output } = await run(step.command(), step.cwd ?? root, quiet);
    if (code !== 0) {
      if (quiet) console.error(output);
      console.error(`The ${step.name} could not be built.`);
      return 1;
    }
    writeFileSync(stamp, now);
  }
  return 0;
}

function run(args, cwd, quiet) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ["ignore", quiet ? "pipe" : 2, quiet ? "pipe" : 2],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text) => {
        output = (output + text).slice(-20_000);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

function fingerprint(sources) {
  const hash = createHash("sha256").update(process.version);
  const add = (path) => {
    if (!existsSync(join(root, path))) return;
    const found = statSync(join(root, path));
    if (!found.isDirectory()) {
      hash.update(`${path} ${found.size} ${found.mtimeMs}\n`);
      return;
    }
    for (const name of readdirSync(join(root, path)).sort()) {
      if (!SKIP.has(name) && !name.includes(".test.") && !name.includes(".fuzz.")) add(join(path, name));
    }
  };
  for (const source of sources) add(source);
  return hash.digest("hex");
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
