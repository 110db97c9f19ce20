#!/usr/bin/env node
// Builds what is out of date without a word, then runs the operator's command: stdout is the command's alone.
import { runBuild } from "./build-steps.mjs";

const code = await runBuild({ quiet: true });
if (code !== 0) process.exit(code);
await import("../packages/server/dist/cli.js");
