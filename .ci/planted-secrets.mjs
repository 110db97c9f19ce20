#!/usr/bin/env node
// Holds .gitleaks.toml and the pre-commit hook to what they promise, in repositories that are thrown away: each planted
// secret is found by the rule that is meant for it, and what is no secret passes. node .ci/planted-secrets.mjs GITLEAKS
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const gitleaks = process.argv[2];
const made = () => randomBytes(32).toString("base64url").replaceAll("-", "a"); // never the same: nothing here is a secret

const PLANTED = [
  ["colourstream-api-token", "robot.sh", `curl -H "X-Token: cst-${made()}" https://a.example`],
  ["colourstream-link", "notes.md", `Come to https://review.a.example/i#${made()} at ten.`],
  ["colourstream-stream-key", "obs.json", `{"server": "x", "stream_key": "${made()}"}`],
  ["colourstream-stream-key", "send.sh", `ffmpeg -i a.mov -f flv rtmp://a.example/live/${made()}`],
  ["environment-secret", "deploy/global.env", `DOMAIN=a.example\nPOSTGRES_PASSWORD=${made().slice(0, 12)}\n`],
  ["environment-secret", ".env.local", `export OME_WEBHOOK_SECRET="${made()}"\n`],
  ["database-password", "config.ts", `const url = "postgresql://app:${made().slice(0, 16)}@db:5432/app";`],
  ["sealing-key", "data/secret.key", made()],
  ["private-key", "tls.pem", `-----BEGIN PRIVATE KEY-----\n${made()}${made()}\n-----END PRIVATE KEY-----\n`],
];
const CLEAN = [
  [
    "deploy/global.env.template",
    "POSTGRES_PASSWORD=\nOME_API_SECRET=$OME_API_SECRET\nTURN_SECRET=<made by the script>\n",
  ],
  ["deploy/example.env", "DOMAIN=a.example\nTURN_SECRET=\nPOSTGRES_PASSWORD=$POSTGRES_PASSWORD\n"],
  [
    "docs.md",
    "postgresql://user:password@host:5432/name, /set-up#…, a token begins with cst-, rtmp://a.example/live\n",
  ],
  [
    "room.ts",
    "export type StreamKey = { readonly streamKey: string };\nconst streamKeyHash = hashSecret(key);\n",
  ],
];

const failures = [];
const folder = mkdtempSync(join(tmpdir(), "planted-"));
try {
  for (const [rule, path, text] of PLANTED) {
    const repository = commit([[path, text], ...CLEAN]);
    const { code, found } = look(repository);
    if (code !== 1 || !found.includes(rule))
      failures.push(`${rule} in ${path}: exit code ${code}, found ${found.join() || "nothing"}`);
  }
  const { code, found } = look(commit(CLEAN));
  if (code !== 0) failures.push(`a clean repository: exit code ${code}, found ${found.join()}`);
  tryHook();
} finally {
  rmSync(folder, { recursive: true });
}
for (const failure of failures) console.error(`!!! ${failure}`);
console.log(`planted secrets: ${PLANTED.length} and the hook, ${failures.length} not as they should be`);
process.exitCode = failures.length === 0 ? 0 : 1;

function commit(files) {
  const repository = mkdtempSync(join(folder, "r-"));
  git(repository, "init", "--quiet");
  stage(repository, files);
  git(repository, "commit", "--quiet", "--message", "planted");
  return repository;
}

function stage(repository, files) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git(repository, "add", "--all", "--force");
}

function look(repository) {
  const report = `${repository}.json`;
  const options = ["--no-banner", "--log-level", "error", "--config", join(root, ".gitleaks.toml")];
  const { status } = spawnSync(gitleaks, ["git", ...options, "--report-path", report, repository]);
  return { code: status, found: JSON.parse(readFileSync(report, "utf8")).map(({ RuleID }) => RuleID) };
}

/** The hook stops a commit with a secret, and lets one without pass. */
function tryHook() {
  const repository = commit([["readme.md", "hello\n"]]);
  copyFileSync(join(root, ".gitleaks.toml"), join(repository, ".gitleaks.toml"));
  git(repository, "config", "core.hooksPath", join(root, "scripts/hooks"));
  const tries = (files) => {
    stage(repository, files);
    return git(repository, "commit", "--quiet", "--message", "more").status;
  };
  if (tries(CLEAN) !== 0) failures.push("the hook stopped a commit without a secret");
  if (tries([["robot.sh", `TOKEN=cst-${made()}`]]) === 0) failures.push("the hook let a secret pass");
}

function git(repository, ...words) {
  const who = ["-c", "user.name=nobody", "-c", "user.email=nobody@a.example", "-c", "commit.gpgsign=false"];
  return spawnSync("git", [...who, ...words], {
    cwd: repository,
    env: { ...process.env, GITLEAKS: gitleaks },
  });
}
