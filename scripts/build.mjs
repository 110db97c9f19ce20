#!/usr/bin/env node
// Builds what is out of date: Prisma's client, TypeScript, the web app. Says what it does on stderr; silent when fresh.
import { runBuild } from "./build-steps.mjs";

process.exit(await runBuild({ quiet: false }));
