import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makePostmaster, type Postmaster } from "../testing/postmaster.js";
import { awaitStore } from "./await-store.js";
import { readDatabase } from "./database-config.js";
import { openPool, openStore } from "./store.js";

const run = promisify(execFile);
let folder: string;
let postmaster: Postmaster;
let authority: { ca: string; key: string; cert: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cs-tls-"));
  authority = await makeAuthority();
  postmaster = await makePostmaster();
  for (const statement of [
    "CREATE USER colourstream PASSWORD 'hunter2hunter2'",
    "CREATE DATABASE theirs OWNER colourstream",
    "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    "CREATE DATABASE forbidden",
    "REVOKE ALL ON DATABASE forbidden FROM PUBLIC",
    "GRANT CONNECT ON DATABASE forbidden TO colourstream",
  ])
    await postmaster.query(statement);
}, 120_000);
afterAll(async () => {
  await postmaster.close();
  await rm(folder, { recursive: true, force: true });
});

/** An authority of the test's own, and a certificate for 127.0.0.1 by it. */
async function makeAuthority(): Promise<{ ca: string; key: string; cert: string }> {
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-days",
    "2",
    "-subj",
    "/CN=our own authority",
  );
  await openssl("req", ...newKey, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=database");
  await writeFile(join(folder, "names"), "subjectAltName=IP:127.0.0.1,DNS:database.example");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "server.csr", "-out", "server.crt", ...signed);
  const [key, cert] = await Promise.all(
    ["server.key", "server.crt"].map((name) => readFile(join(folder, name), "utf8")),
  );
  return { ca: join(folder, "ca.crt"), key: key ?? "", cert: cert ?? "" };
}

/** As the environment says it. */
const open = (more: Record<string, string>, path = "theirs", login = "colourstream:hunter2hunter2") => {
  const databaseUrl = more["DATABASE_URL"] ?? postmaster.url(path, login);
  const database = readDatabase((name) => ({ DATABASE_URL: databaseUrl, ...more })[name] ?? null);
  return openPool({ dataDir: "/nowhere", databaseUrl, database }, () => undefined);
};
const whyNot = async (...asked: Parameters<typeof open>): Promise<string> => {
  try {
    const { close } = await open(...asked);
    await close();
    return "";
  } catch (error) {
    const said = `${error}`;
    expect(said).not.toContain("hunter2");
    return said;
  }
};

test("what keeps us out of a server is said in words that help, and never with the password", async () => {
  const at = `PostgreSQL at 127.0.0.1:${postmaster.port} (DATABASE_URL)`;
  expect(await whyNot({}, "latin", "owner")).toContain("keeps this database in LATIN1");
  expect(await whyNot({}, "nowhere")).toContain(
    `${at} has no database nowhere. Its administrator makes it with: CREATE DATABASE "nowhere" OWNER "colourstream"`,
  );
  await postmaster.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC"); // of this database alone
  expect(await whyNot({ DATABASE_TLS: "require" })).toContain(
    "does not offer TLS, and DATABASE_TLS is require",
  );
  expect(await whyNot({ DATABASE_URL: "postgresql://u:hunter2@database.invalid/x" })).toContain(
    "the host name database.invalid is not known",
  );
  await expect(async () => open({ DATABASE_TLS: "maybe" })).rejects.toThrow("DATABASE_TLS");
  await expect(async () => open({ DATABASE_URL: "postgresql://u@h/x?sslmode=allow" })).rejects.toThrow(
    "sslmode=allow",
  );

  const { close } = await open({}, "theirs");
  await close();
  const forbidden = await whyNot({}, "forbidden");
  // PostgreSQL 15 and newer let nobody but its owner make tables.
  const [{ number } = { number: 0 }] = await postmaster.query(
    "SELECT current_setting('server_version_num')::int AS number",
  );
  if (Number(number) >= 150_000)
    expect(forbidden).toContain("does not let the user colourstream make tables in the database forbidden");
});

test("TLS: its certificate is held against our authority and its name; a wrong password and no TLS are told apart", async () => {
  await postmaster.stop("fast");
  const key = await postmaster.putFile("server.key", authority.key);
  const cert = await postmaster.putFile("server.crt", authority.cert);
  await postmaster.configure(["ssl = on", `ssl_key_file = '${key}'`, `ssl_cert_file = '${cert}'`]);
  await postmaster.allow(["host all owner 127.0.0.1/32 trust", "hostssl all all 127.0.0.1/32 scram-sha-256"]);
  await postmaster.start();

  const verify = { DATABASE_TLS: "verify", DATABASE_CA_FILE: authority.ca };
  for (const good of [verify, { DATABASE_TLS: "require" }]) {
    const { pool, close } = await open(good);
    const { rows } = await pool.query("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    expect(rows).toEqual([{ ssl: true, version: "TLSv1.3" }]);
    await close();
  }
  const inAddress = `${postmaster.url("theirs", "colourstream:hunter2hunter2")}?sslmode=verify-full&sslrootcert=${authority.ca}`;
  expect(await whyNot({ DATABASE_URL: inAddress })).toBe("");

  expect(await whyNot({ DATABASE_TLS: "verify" })).toContain(
    "shows a certificate that nobody known here has signed",
  );
  const byName = { ...verify, DATABASE_URL: inAddress.replace("127.0.0.1", "localhost").split("?")[0] ?? "" };
  expect(await whyNot(byName)).toContain("shows a certificate for another name");
  expect(await whyNot({ ...verify, DATABASE_CA_FILE: join(folder, "none.pem") })).toContain(
    "DATABASE_CA_FILE",
  );
  expect(await whyNot({})).toContain("It may want TLS: set DATABASE_TLS to verify or require.");
  expect(await whyNot(verify, "theirs", "colourstream:hunter2hunter3")).toContain(
    "refuses the user colourstream: the password in DATABASE_URL is wrong.",
  );
  expect(await whyNot(verify, "theirs", "colourstream")).toContain(
    "asks for the password of the user colourstream",
  );
});

test("one that is full or not there is waited for, and used when it is back", async () => {
  await postmaster.query("ALTER ROLE colourstream CONNECTION LIMIT 0");
  const databaseUrl = postmaster.url("theirs", "colourstream:hunter2hunter2");
  const database = { connections: 2, tls: "verify", caFile: authority.ca } as const;
  const where = { dataDir: "/nowhere", databaseUrl, database };
  await expect(openStore(where, () => undefined)).rejects.toThrow("it has no connection left for us");
  const said: string[] = [];
  const opening = awaitStore(where, { warn: () => undefined, say: (line) => said.push(line) });
  await expect.poll(() => said.length, { timeout: 15_000 }).toBe(1);
  await postmaster.query("ALTER ROLE colourstream CONNECTION LIMIT -1");
  const store = await opening;
  expect(await store.version(5_000)).toMatch(/^\d+/);
  await store.close();
});
