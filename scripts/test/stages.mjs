// Runs one command of the test suite and counts what it says about itself. What failed is run once more by itself, with
// the machine to itself: a real encoder and a real browser on two busy cores are late now and then, and a fault is not. What
// passes then counts as passed and is named at the end as unsteady, so that it is mended and not forgotten.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/** Runs a command to its end; past the deadline it and its children are killed. Resolves with its exit code. */
function run(command, args, { root, deadlineMs, environment = {} }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...environment },
      detached: true, // a group of its own, so that what it started ends with it
    });
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    };
    const forward = () => end("SIGINT");
    process.on("SIGINT", forward);
    process.on("SIGTERM", forward);
    const timer = setTimeout(() => {
      console.error(`${command} ${args.join(" ")} took longer than ${deadlineMs / 1000} s: ended`);
      end("SIGKILL");
    }, deadlineMs);
    const done = (code) => {
      clearTimeout(timer);
      process.off("SIGINT", forward);
      process.off("SIGTERM", forward);
      resolve(code);
    };
    child.once("error", (error) => {
      console.error(String(error));
      done(1);
    });
    child.once("exit", (code, signal) => done(signal === null ? code : 1));
  });
}

/** A step that either works or does not: it counts as one. */
export async function check(name, args, settings) {
  const startedAt = performance.now();
  const code = await run(process.execPath, args, settings);
  const counts =
    code === 0 ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [name] };
  return closing({ name, ...counts, skipped: [] }, startedAt);
}

const MOST_AGAIN = 5; // more than these are no accident

/** A run of Vitest, and of the files in which something failed once more. */
export async function vitest(name, args, settings) {
  const first = await vitestOnce(name, args, settings);
  const files = [...new Set(first.failures.map((title) => title.split(": ", 1)[0]))];
  if (!isWorthAnother(first) || !files.every((file) => file.endsWith(".test.ts"))) return first;
  const own = ["--config", "--dir"].flatMap((option) => {
    const at = args.indexOf(option);
    return at < 0 ? [] : [option, args[at + 1]];
  });
  return afterAnother(
    first,
    await vitestOnce(`${name}, again`, [...own, ...files, "--maxWorkers=1"], settings),
  );
}

async function vitestOnce(name, args, settings) {
  return counted(name, settings, (report) => [
    [join(settings.root, "node_modules/vitest/vitest.mjs"), "run", ...args],
    ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    {},
    (json) => {
      const failures = json.testResults.flatMap((file) => failuresIn(file, settings.root));
      return {
        passed: json.numPassedTests,
        failed: failures.length, // a file that could not be loaded is one, beside the tests of the others
        failures,
        skipped: json.testResults.flatMap((file) =>
          file.assertionResults
            .filter((one) => ["skipped", "pending", "todo"].includes(one.status))
            .map((one) => one.fullName),
        ),
      };
    },
  ]);
}

/** A run of Playwright, and of the tests that failed once more. */
export async function playwright(name, args, settings) {
  const first = await playwrightOnce(name, args, settings);
  if (!isWorthAnother(first)) return first;
  return afterAnother(
    first,
    await playwrightOnce(`${name}, again`, [...first.where, "--workers=1"], settings),
  );
}

function isWorthAnother({ failures, failed }) {
  return failed > 0 && failed === failures.length && failed <= MOST_AGAIN;
}

/** What failed twice has failed; what passed the second time is named as unsteady. */
function afterAnother(first, second) {
  const failures = first.failures.filter((title) => second.failures.includes(title));
  const others = second.failures.filter((title) => !first.failures.includes(title));
  const unsteady = first.failures.filter((title) => !second.failures.includes(title));
  const ran = second.passed + second.failed >= first.failed; // a second run that ran nothing proves nothing
  if (!ran) return first;
  return {
    ...first,
    passed: first.passed + unsteady.length - others.length,
    failed: failures.length + others.length,
    failures: [...failures, ...others],
    unsteady,
  };
}

async function playwrightOnce(name, args, settings) {
  return counted(name, settings, (report) => [
    [join(settings.root, "node_modules/@playwright/test/cli.js"), "test", ...args],
    ["--reporter=list,json"],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    (json) => ({
      passed: json.stats.expected,
      failed: json.stats.unexpected + json.stats.flaky,
      failures: specsOf(json)
        .filter((spec) => spec.tests.some((one) => ["unexpected", "flaky"].includes(one.status)))
        .map((spec) => `${spec.file}: ${spec.title}`),
      where: specsOf(json)
        .filter((spec) => spec.tests.some((one) => ["unexpected", "flaky"].includes(one.status)))
        .map((spec) => `${spec.file}:${spec.line}`),
      skipped: specsOf(json)
        .filter((spec) => spec.tests.some((one) => one.status === "skipped"))
        .map((spec) => spec.title),
    }),
  ]);
}

/** The names of a file's failed tests; the file's own when it failed without one, such as by not loading. */
function failuresIn(file, root) {
  const path = relative(root, file.name);
  const failed = file.assertionResults.filter((one) => one.status === "failed");
  if (failed.length === 0) return file.status === "failed" ? [`${path}: ${firstLine(file.message)}`] : [];
  return failed.map((one) => `${path}: ${one.fullName}`);
}

function firstLine(text) {
  return text?.trim().split("\n", 1)[0] || "could not be run";
}

function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
}

async function counted(name, settings, plan) {
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "colourstream-report-"));
  const report = join(folder, "report.json");
  const [command, reporters, environment, read] = plan(report);
  const code = await run(process.execPath, [...command, ...reporters], {
    ...settings,
    environment: { ...settings.environment, ...environment },
  });
  let counts = { passed: 0, failed: 0, skipped: [], failures: [] };
  try {
    counts = read(JSON.parse(readFileSync(report, "utf8")));
  } catch (error) {
    console.error(`${name}: the runner left no report (${error.message})`);
  }
  rmSync(folder, { recursive: true, force: true });
  // A runner that ends badly has failed, even where it names no test.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.failed > 0 && counts.failures.length === 0)
    counts.failures = [`the runner ended with exit code ${code} and named no test`];
  return closing({ name, ...counts }, startedAt);
}

function closing(result, startedAt) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const skipped = result.skipped.length > 0 ? `, ${result.skipped.length} skipped` : "";
  console.log(
    `\n== ${result.name}: ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)\n`,
  );
  return result;
}
