// Runs one command of the test suite and counts what it says about itself.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
  return closing({ name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] }, startedAt);
}

/** A run of Vitest. */
export async function vitest(name, args, settings) {
  return counted(name, settings, (report) => [
    [join(settings.root, "node_modules/vitest/vitest.mjs"), "run", ...args],
    ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    {},
    (json) => ({
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.testResults.flatMap((file) =>
        file.assertionResults
          .filter((one) => ["skipped", "pending", "todo"].includes(one.status))
          .map((one) => one.fullName),
      ),
    }),
  ]);
}

/** A run of Playwright. */
export async function playwright(name, args, settings) {
  return counted(name, settings, (report) => [
    [join(settings.root, "node_modules/@playwright/test/cli.js"), "test", ...args],
    ["--reporter=list,json"],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    (json) => ({
      passed: json.stats.expected,
      failed: json.stats.unexpected + json.stats.flaky,
      skipped: specsOf(json)
        .filter((spec) => spec.tests.some((one) => one.status === "skipped"))
        .map((spec) => spec.title),
    }),
  ]);
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
  let counts = { passed: 0, failed: 0, skipped: [] };
  try {
    counts = read(JSON.parse(readFileSync(report, "utf8")));
  } catch (error) {
    console.error(`${name}: the runner left no report (${error.message})`);
  }
  rmSync(folder, { recursive: true, force: true });
  // A file that could not even be loaded fails no test of its own, but it fails.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
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
