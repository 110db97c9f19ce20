import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { PROJECT_ROOT } from "../../tests/tools/root.js";

const SCRIPT = join(PROJECT_ROOT, "scripts/setup-template.sh");
/** The house of the tests; its address is one that documentation may use (RFC 5737). */
export const HOUSE = ["--domain", "example.org", "--email", "it@example.org", "--address", "198.51.100.7"];
/** Asks nothing: no person, no name server, no Docker. */
export const QUIET = ["--non-interactive", "--no-dns", "--no-machine"];
/** A run is a shell with dozens of children, and two busy cores take their time over it, ms. */
export const PATIENCE_MS = 60_000;

/** What a run of the script came to; `text` is all that it said. */
export type Outcome = { code: number; text: string };

/** A folder that the script has filled, in one that goes away with it. */
export type House = {
  readonly root: string;
  readonly folder: string;
  readonly made: Outcome;
  /** A copy of it, to do something to. */
  copy(): string;
  remove(): void;
};

/** Runs the script for a house of its own. */
export function makeHouse(): House {
  const root = mkdtempSync(join(tmpdir(), "setup-"));
  const folder = join(root, "house");
  const made = run([...HOUSE, ...QUIET, "--output", folder]);
  let copies = 0;
  return {
    root,
    folder,
    made,
    copy: () => {
      copies += 1;
      const to = join(root, `copy-${copies}`);
      cpSync(folder, to, { recursive: true });
      return to;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Runs the script; `answers` are what its asker types. */
export function run(words: string[], answers = "", over: Record<string, string> = {}): Outcome {
  // Whoever runs the tests by SSH has a port of their own.
  const environment = { ...process.env, SSH_CONNECTION: "", ...over };
  const { status, stdout, stderr } = spawnSync("bash", [SCRIPT, ...words], {
    input: answers,
    encoding: "utf8",
    env: environment,
  });
  return { code: status ?? -1, text: stdout + stderr };
}

/** The same, beside others. */
export function runBeside(words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile("bash", [SCRIPT, ...words], { encoding: "utf8" }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ code: typeof code === "number" ? code : -1, text: stdout + stderr });
    });
  });
}

/** Every file in a folder, by its path. */
export function filesIn(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** A variable of an env file; nothing where it is not there. */
export function variable(folder: string, file: string, name: string): string {
  return parseEnv(readFileSync(join(folder, file), "utf8"))[name] ?? "";
}

/** Changes a file, and leaves its mode as it is. */
export function change(folder: string, file: string, how: (text: string) => string): void {
  const path = join(folder, file);
  const mode = statSync(path).mode;
  chmodSync(path, 0o600);
  writeFileSync(path, how(readFileSync(path, "utf8")));
  chmodSync(path, mode);
}
