#!/usr/bin/env node
// Builds what is out of date, then runs the server in this process: it gets Ctrl-C and every signal itself.
import { runBuild } from "./build-steps.mjs";

const code = await runBuild({ quiet: false });
if (code !== 0) process.exit(code);
await import("../packages/server/dist/main.js");
