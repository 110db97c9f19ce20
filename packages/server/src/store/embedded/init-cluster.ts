import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const INIT_DEADLINE_MS = 120_000; // measured 4 s of one core; a small board under load takes a minute
const POSTGRES_VERSION = "18"; // PGlite 0.5; a directory of another one cannot be opened

/** The cluster's folder in the data directory. */
export const CLUSTER_FOLDER = "pgdata";

/**
 * Makes sure that the folder holds a database cluster that this PGlite can open, and answers its path. initdb runs in
 * a child, because it leaves 600 MB behind in its process, and into a folder of its own that is renamed when whole.
 */
export async function prepareCluster(dataDir: string): Promise<string> {
  const cluster = join(dataDir, CLUSTER_FOLDER);
  await removeUnfinished(dataDir);
  if (!existsSync(cluster)) {
    const unfinished = `${cluster}.new.${randomBytes(6).toString("hex")}`;
    await runInitdb(unfinished);
    await rename(unfinished, cluster);
  }
  const version = (await readFile(join(cluster, "PG_VERSION"), "utf8")).trim();
  if (version !== POSTGRES_VERSION) {
    throw new Error(
      `the database in ${cluster} was written by PostgreSQL ${version}, this ColourStream has PostgreSQL ${POSTGRES_VERSION}: start the version that wrote it and move the data by a backup`,
    );
  }
  return cluster;
}

/** What a kill during an earlier first start left behind. The caller holds the lock: nobody else is at it. */
async function removeUnfinished(dataDir: string): Promise<void> {
  for (const entry of await readdir(dataDir)) {
    if (entry.startsWith(`${CLUSTER_FOLDER}.new.`))
      await rm(join(dataDir, entry), { recursive: true, force: true });
  }
}

function runInitdb(folder: string): Promise<void> {
  const pglite = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const program = `const { PGlite } = require(process.argv[1]);
    PGlite.create({ dataDir: process.argv[2] }).then((lite) => lite.close()).catch((error) => { console.error(error); process.exitCode = 1; });`;
  const child = spawn(process.execPath, ["-e", program, pglite, folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000);
  });
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => child.kill("SIGKILL"), INIT_DEADLINE_MS);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(deadline);
      if (code === 0) resolve();
      else
        reject(
          new Error(`making the database in ${folder} ended with ${signal ?? code}: ${complaint.trim()}`),
        );
    });
  });
}
