import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);
const START_MS = 30_000;

/** A PostgreSQL server of the test's own, which can be stopped, frozen and restarted. */
export type Postmaster = {
  readonly port: number;
  url(database?: string, login?: string): string;
  /** Writes files beside its data that only it can read; answers their paths. */
  putFile(name: string, text: string): Promise<string>;
  /** Adds lines to postgresql.conf; they count from the next start. */
  configure(lines: readonly string[]): Promise<void>;
  /** Puts the lines in pg_hba.conf's place; they count from the next start. */
  allow(lines: readonly string[]): Promise<void>;
  start(): Promise<void>;
  stop(how: "fast" | "immediate"): Promise<void>;
  /** Stops or goes on with all of its processes, as they are. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  query(statement: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
};

/** Makes a cluster and starts it. A server does not run as root: then it is the user postgres. */
export async function makePostmaster(): Promise<Postmaster> {
  const bin = await findPrograms();
  const folder = await mkdtemp(join(tmpdir(), "cs-pg-"));
  const { as, ids } = await whoRunsIt();
  if (ids !== null) await chown(folder, ids.uid, ids.gid);
  const data = join(folder, "data");
  const port = await freeTcpPort();
  const command = (program: string, args: readonly string[]): [string, string[]] => {
    const [first = join(bin, program), ...rest] = [...as, join(bin, program), ...args];
    return [first, rest];
  };
  await run(
    ...command("initdb", [
      "-D",
      data,
      "-U",
      "owner",
      "--auth=trust",
      "--encoding=UTF8",
      "--no-sync",
      "--no-locale",
    ]),
  );
  let server: ChildProcess | null = null;

  const url = (database = "postgres", login = "owner"): string =>
    `postgresql://${login}@127.0.0.1:${port}/${database}`;
  const query = async (statement: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  };

  const start = async (): Promise<void> => {
    const [program, args] = command("postgres", [
      "-D",
      data,
      "-p",
      String(port),
      "-h",
      "127.0.0.1",
      "-k",
      folder,
    ]);
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    server = child;
    let log = "";
    child.stderr.on("data", (text: Buffer) => {
      log = (log + text).slice(-4_000);
    });
    const until = performance.now() + START_MS;
    while (!(await isReady(url()))) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error(`PostgreSQL did not start: ${log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const stop = async (how: "fast" | "immediate"): Promise<void> => {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await ended;
  };
  const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = server?.pid;
    if (pid === undefined) throw new Error("PostgreSQL does not run");
    for (const one of [pid, ...(await childrenOf(pid))]) process.kill(one, signal);
  };
  const owned = async (path: string): Promise<string> => {
    if (ids !== null) await chown(path, ids.uid, ids.gid);
    return path;
  };

  await appendFile(join(data, "postgresql.conf"), "fsync = off\nmax_connections = 40\n");
  await start();
  return {
    port,
    url,
    query,
    start,
    stop,
    putFile: async (name, text) => {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o600 });
      return owned(path);
    },
    configure: (lines) => appendFile(join(data, "postgresql.conf"), `${lines.join("\n")}\n`),
    allow: (lines) => writeFile(join(data, "pg_hba.conf"), `${lines.join("\n")}\n`),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    close: async () => {
      await stop("immediate");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL does not choose one itself. */
async function freeTcpPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("there is no free port");
  return address.port;
}

async function isReady(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    // Whoever is turned away by its rules has been answered.
    return error instanceof Error && "code" in error && /^28|^3D/.test(String(error.code));
  }
}

/** Debian keeps them apart by version; elsewhere they are in the path. */
async function findPrograms(): Promise<string> {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? (await readdir(debian)).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const found = folders.find((folder) => existsSync(join(folder, "initdb")));
  if (found === undefined)
    throw new Error("there is no PostgreSQL server to test with: apt-get install postgresql");
  return found;
}

async function whoRunsIt(): Promise<{ as: string[]; ids: { uid: number; gid: number } | null }> {
  if (process.getuid?.() !== 0) return { as: [], ids: null };
  const line = (await readFile("/etc/passwd", "utf8")).split("\n").find((one) => one.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined)
    throw new Error("there is no user postgres to run PostgreSQL as");
  const as = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  return { as, ids: { uid: Number(uid), gid: Number(gid) } };
}

async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => ""); // it has ended meanwhile
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(parent) === pid) found.push(Number(name));
  }
  return found;
}
