import { execFile, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
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
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../tests/tools/root.js";

// scripts/setup-template.sh as a house's IT runs it, into temporary folders. It asks no name server and no Docker here.

const SCRIPT = join(PROJECT_ROOT, "scripts/setup-template.sh");
const HOUSE = ["--domain", "example.org", "--email", "it@example.org", "--address", "198.51.100.7"];
const QUIET = ["--non-interactive", "--no-dns", "--no-machine"];
const PLACEHOLDER = /@[A-Z][A-Z0-9_]*@/;
const SECRETS = [
  ["env/app.env", "METRICS_TOKEN"],
  ["env/app.env", "OME_API_TOKEN"],
  ["env/app.env", "OME_WEBHOOK_SECRET"],
  ["env/app.env", "TURN_SECRET"],
  ["env/app.env", "MIROTALK_API_KEY"],
  ["env/app.env", "MIROTALK_JWT_KEY"],
  ["env/app.env", "MIROTALK_PASSWORD"],
  ["env/mirotalk.env", "SESSION_SECRET"],
] as const;

vi.setConfig({ testTimeout: 60_000 }); // dozens of shells; two busy cores take their time

type Outcome = { code: number; text: string };

const root = mkdtempSync(join(tmpdir(), "setup-"));
const house = join(root, "house");
let folders = 0;
let first: Outcome;

beforeAll(() => {
  first = run([...HOUSE, ...QUIET, "--output", house]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(words: string[], answers = "", over: Record<string, string> = {}): Outcome {
  // Whoever runs the tests by SSH has a port of their own.
  const environment = { ...process.env, SSH_CONNECTION: "", ...over };
  const { status, stdout, stderr } = spawnSync("bash", [SCRIPT, ...words], {
    input: answers,
    encoding: "utf8",
    env: environment,
  });
  return { code: status ?? -1, text: stdout + stderr };
}

function runBeside(words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile("bash", [SCRIPT, ...words], { encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1,
        text: stdout + stderr,
      });
    });
  });
}

/** A copy of the house, to do something to. */
function copyOfHouse(): string {
  folders += 1;
  const folder = join(root, `copy-${folders}`);
  cpSync(house, folder, { recursive: true });
  return folder;
}

function filesIn(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

const variable = (folder: string, file: string, name: string): string =>
  parseEnv(readFileSync(join(folder, file), "utf8"))[name] ?? "";

function change(folder: string, file: string, how: (text: string) => string): void {
  const path = join(folder, file);
  const mode = statSync(path).mode;
  chmodSync(path, 0o600);
  writeFileSync(path, how(readFileSync(path, "utf8")));
  chmodSync(path, mode);
}

test("every template is written, filled in, and is readable by nobody else", () => {
  expect(first).toMatchObject({ code: 0 });
  const templates = [...filesIn(join(PROJECT_ROOT, "deploy/templates")).keys()].map((path) =>
    path.replace(/\.template$/, ""),
  );
  const written = filesIn(house);
  expect([...written.keys()]).toEqual([...templates, "secrets/secret.key", "traefik/acme.json"].sort());
  for (const [path, text] of written) {
    expect([path, PLACEHOLDER.exec(text)?.[0]]).toEqual([path, undefined]);
    const inPrivate = /^(?:secrets|coturn)\//.test(path); // containers' users read these, in folders that nobody else enters
    const mode = inPrivate ? 0o444 : path.endsWith(".sh") ? 0o700 : 0o600;
    expect([path, statSync(join(house, path)).mode & 0o777]).toEqual([path, mode]);
  }
  for (const folder of ["secrets", "coturn"]) expect(statSync(join(house, folder)).mode & 0o777).toBe(0o700);
  expect(written.get("secrets/secret.key")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(written.get("traefik/acme.json")).toBe("");
});

test("run again it changes no byte", () => {
  const before = filesIn(house);
  const again = run([...QUIET, "--output", house]);
  expect(again.code).toBe(0);
  expect(again.text).not.toMatch(/wrote|replaced|added/);
  expect(filesIn(house)).toEqual(before);
});

test("secrets have 256 bits, each its own, the same wherever it stands, and none is ever shown", () => {
  const secrets = SECRETS.map(([file, name]) => variable(house, file, name));
  const database = readFileSync(join(house, "secrets/postgres_password"), "utf8").trim();
  secrets.push(database);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(new Set(secrets).size).toBe(secrets.length);
  expect(new URL(variable(house, "env/app.env", "DATABASE_URL")).password).toBe(database);
  expect(variable(house, "env/ome.env", "OME_WEBHOOK_SECRET")).toBe(
    variable(house, "env/app.env", "OME_WEBHOOK_SECRET"),
  );
  const shown =
    first.text + run(["--check", "--output", house]).text + run(["--print-firewall", "--output", house]).text;
  for (const secret of secrets) expect(shown).not.toContain(secret);
});

test("MiroTalk's fixed TURN pair is one that coturn computes from the shared secret", () => {
  const name = variable(house, "env/mirotalk.env", "TURN_SERVER_USERNAME");
  const secret = variable(house, "env/app.env", "TURN_SECRET");
  expect(name).toMatch(/^\d{10}:mirotalk$/);
  expect(variable(house, "env/mirotalk.env", "TURN_SERVER_CREDENTIAL")).toBe(
    createHmac("sha1", secret).update(name).digest("base64"),
  );
  expect(readFileSync(join(house, "coturn/turnserver.conf"), "utf8")).toContain(
    `static-auth-secret=${secret}\n`,
  );
});

test("the server takes what is written, for each engine, conference and number of edges", async () => {
  const { readConfig } = (await import(join(PROJECT_ROOT, "packages/server/dist/config.js"))) as {
    readConfig(environment: Record<string, string | undefined>): Record<string, unknown>;
  };
  const kinds: [string[], string, object][] = [
    [[], "ome,turn", { mirotalk: null, ome: { edges: [] } }],
    [["--engine", "embedded"], "embedded,turn", { ome: null, mirotalk: null }],
    [
      ["--conference", "mirotalk", "--edges", "edge1,edge2=10.0.0.2"],
      "ome,turn,mirotalk,edge",
      {
        mirotalk: { url: "https://video.colourstream.example.org" },
        ome: {
          edges: [
            {
              name: "edge1",
              apiUrl: "http://ome-edge:8081",
              publicUrl: "https://edge1.colourstream.example.org",
            },
            {
              name: "edge2",
              apiUrl: "http://10.0.0.2:8081",
              publicUrl: "https://edge2.colourstream.example.org",
            },
          ],
        },
      },
    ],
  ];
  for (const [number, [words, profiles, expected]] of kinds.entries()) {
    const folder = join(root, `kind-${number}`);
    const outcome = await runBeside([...HOUSE, ...QUIET, ...words, "--output", folder]);
    expect(outcome).toMatchObject({ code: 0 });
    const environment = parseEnv(readFileSync(join(folder, "env/app.env"), "utf8"));
    expect(readConfig(environment)).toMatchObject({
      production: true,
      publicUrl: "https://live.colourstream.example.org",
      trustedProxies: 1,
      ...expected,
    });
    expect(variable(folder, "global.env", "COMPOSE_PROFILES")).toBe(profiles);
    const check = await runBeside(["--check", "--output", folder]);
    expect(check).toMatchObject({ code: 0, text: expect.stringContaining("every file is there") });
  }
});

const DAMAGES: [string, (folder: string) => void, string][] = [
  ["a file is gone", (at) => rmSync(join(at, "env/ome.env")), "env/ome.env is missing"],
  [
    "a word was not filled in",
    (at) => change(at, "env/ome.env", (text) => text.replace(/^(OME_HOST_IP)=.*$/m, "$1=@PUBLIC_ADDRESS@")),
    "env/ome.env still has @PUBLIC_ADDRESS@ in it",
  ],
  [
    "a variable of a later release is missing",
    (at) => change(at, "env/app.env", (text) => text.replace(/^BACKUP_DIR=.*\n/m, "")),
    "env/app.env lacks BACKUP_DIR",
  ],
  [
    "two files disagree about a secret",
    (at) =>
      change(at, "env/ome.env", (text) => text.replace(/^(OME_API_TOKEN)=.*$/m, `$1=${"z".repeat(43)}`)),
    "OME_API_TOKEN in env/ome.env is not the one in env/app.env",
  ],
  [
    "two files disagree about the domain",
    (at) => change(at, "global.env", (text) => text.replace(/^DOMAIN=.*$/m, "DOMAIN=example.net")),
    "DOMAIN is 'example.org' in coturn/turnserver.conf and 'example.net' in global.env",
  ],
  [
    "a secret is short",
    (at) => change(at, "env/app.env", (text) => text.replace(/^(METRICS_TOKEN)=.*$/m, "$1=hunter2")),
    "METRICS_TOKEN is too short",
  ],
  [
    "one secret serves twice",
    (at) =>
      change(at, "env/app.env", (text) =>
        text.replace(/^(METRICS_TOKEN)=.*$/m, `$1=${variable(at, "env/app.env", "OME_API_TOKEN")}`),
      ),
    "is the same as another secret",
  ],
  [
    "a secret is empty",
    (at) => change(at, "env/mirotalk.env", (text) => text.replace(/^(SESSION_SECRET)=.*$/m, "$1=")),
    "MIROTALK_SESSION_SECRET is empty",
  ],
  [
    "MiroTalk's TURN password is another secret's",
    (at) =>
      change(at, "env/mirotalk.env", (text) => text.replace(/^(TURN_SERVER_CREDENTIAL)=.*$/m, "$1=AAAA")),
    "TURN_SERVER_CREDENTIAL in env/mirotalk.env does not belong to TURN_SECRET",
  ],
  [
    "others may read a file",
    (at) => chmodSync(join(at, "env/app.env"), 0o644),
    "env/app.env has the mode rw-r--r--",
  ],
  [
    "others may enter secrets/",
    (at) => chmodSync(join(at, "secrets"), 0o755),
    "secrets/ has the mode rwxr-xr-x",
  ],
  [
    "Traefik would refuse acme.json",
    (at) => chmodSync(join(at, "traefik/acme.json"), 0o644),
    "traefik/acme.json has the mode",
  ],
  [
    "Docker has made a folder of acme.json",
    (at) => {
      rmSync(join(at, "traefik/acme.json"));
      mkdirSync(join(at, "traefik/acme.json"));
    },
    "traefik/acme.json is a folder",
  ],
  ["the key is gone", (at) => rmSync(join(at, "secrets/secret.key")), "secrets/secret.key is missing"],
  [
    "the key is damaged",
    (at) => change(at, "secrets/secret.key", (text) => text.slice(2)),
    "secrets/secret.key is not 64 hexadecimal digits",
  ],
  [
    "the engine is not the one that runs",
    (at) => change(at, "env/app.env", (text) => text.replace(/^ENGINE=.*$/m, "ENGINE=embedded")),
    "ENGINE is 'embedded' in env/app.env, but COMPOSE_PROFILES in global.env is 'ome,turn'",
  ],
  [
    "MiroTalk does not run",
    (at) => change(at, "env/app.env", (text) => text.replace(/^CONFERENCE=.*$/m, "CONFERENCE=mirotalk")),
    "CONFERENCE is mirotalk in env/app.env, but COMPOSE_PROFILES in global.env has no mirotalk",
  ],
  [
    "the public address is none",
    (at) => {
      for (const file of ["global.env", "env/ome.env", "coturn/turnserver.conf"])
        change(at, file, (text) => text.replaceAll("198.51.100.7", "localhost"));
    },
    "PUBLIC_ADDRESS is 'localhost'; expected an IPv4 address",
  ],
];

test("--check names what is wrong, and only that", async () => {
  const outcomes = await Promise.all(
    DAMAGES.map(async ([name, damage]) => {
      const folder = copyOfHouse();
      damage(folder);
      const { code, text } = await runBeside(["--check", "--output", folder]);
      return { name, code, text };
    }),
  );
  for (const [number, { name, code, text }] of outcomes.entries()) {
    expect([name, code, text]).toEqual([name, 1, expect.stringContaining(DAMAGES[number]?.[2] ?? "")]);
  }
  expect(run(["--check", "--output", house]).code).toBe(0);
});

test("what is missing is written again, by the secrets that the other files still have; what was changed by hand stays", () => {
  const folder = copyOfHouse();
  rmSync(join(folder, "env/app.env"));
  change(folder, "env/ome.env", (text) => `${text.replace(/^OME_PAGE_ORIGIN=.*\n/m, "")}MINE=1\n`);
  const before = filesIn(folder);
  expect(run([...QUIET, "--output", folder]).text).toContain("added to  env/ome.env: OME_PAGE_ORIGIN");
  expect(
    filesIn(folder)
      .get("env/ome.env")
      ?.startsWith(before.get("env/ome.env") ?? "?"),
  ).toBe(true);
  for (const name of ["OME_API_TOKEN", "TURN_SECRET", "DATABASE_URL", "MIROTALK_JWT_KEY"])
    expect(variable(folder, "env/app.env", name)).toBe(variable(house, "env/app.env", name));
  expect(run(["--check", "--output", folder]).code).toBe(0);
});

test("another domain in passing is refused; --force writes anew, keeps secrets and lines of one's own, and puts the old files aside", () => {
  const folder = copyOfHouse();
  change(folder, "global.env", (text) => text.replace(/^(APP_REPLICAS)=.*$/m, "$1=2"));
  change(folder, "env/app.env", (text) => `${text}BACKUP_DAYS=30\n`);
  const before = filesIn(folder);
  const other = ["--domain", "example.net", ...QUIET, "--output", folder];
  expect(run(other)).toMatchObject({ code: 1, text: expect.stringContaining("DOMAIN is 'example.org'") });
  expect(filesIn(folder)).toEqual(before);
  expect(run([...other, "--force"]).code).toBe(0);
  expect(variable(folder, "env/app.env", "PUBLIC_URL")).toBe("https://live.colourstream.example.net");
  expect(variable(folder, "global.env", "APP_REPLICAS")).toBe("2");
  expect(variable(folder, "env/app.env", "BACKUP_DAYS")).toBe("30");
  for (const [file, name] of SECRETS) expect(variable(folder, file, name)).toBe(variable(house, file, name));
  const [old] = readdirSync(join(folder, "old"));
  expect(readFileSync(join(folder, "old", old ?? "", "env/app.env"), "utf8")).toBe(before.get("env/app.env"));
  expect(statSync(join(folder, "old")).mode & 0o777).toBe(0o700);
  expect(run(["--check", "--output", folder]).code).toBe(0);
});

test("a machine that is nothing but an edge has the main one's two secrets, and asks it", () => {
  const folder = join(root, "edge");
  mkdirSync(join(folder, "env"), { recursive: true });
  const words = [...QUIET, "--edge-of", "10.0.0.1", "--edges", "edge2", "--output", folder];
  const place = ["--email", "it@example.org", "--address", "198.51.100.8", "--force"];
  expect(run([...words, ...place, "--domain", "example.org"])).toMatchObject({
    code: 1,
    text: expect.stringContaining("copy env/ome.env of the main machine"),
  });
  cpSync(join(house, "env/ome.env"), join(folder, "env/ome.env"));
  expect(run([...words, ...place]).code).toBe(0);
  const ome = (name: string) => variable(folder, "env/ome.env", name);
  expect(ome("OME_API_TOKEN")).toBe(variable(house, "env/ome.env", "OME_API_TOKEN"));
  expect([ome("OME_HOST_IP"), ome("OME_ORIGIN")]).toEqual(["198.51.100.8", "10.0.0.1:9000"]);
  expect(ome("OME_ADMISSION_URL")).toBe("http://10.0.0.1:8880/ome/admission");
  expect(variable(folder, "global.env", "COMPOSE_PROFILES")).toBe("edge");
  expect(run(["--check", "--output", folder]).code).toBe(0);
  const before = filesIn(folder);
  expect(run([...QUIET, "--output", folder]).code).toBe(0);
  expect(filesIn(folder)).toEqual(before);
});

const ROTATIONS: [string, string[]][] = [
  ["postgres", ["env/app.env", "secrets/postgres_password"]],
  ["ome-api", ["env/app.env", "env/ome.env"]],
  ["ome-webhook", ["env/app.env", "env/ome.env"]],
  ["turn", ["coturn/turnserver.conf", "env/app.env", "env/mirotalk.env"]],
  ["mirotalk", ["env/app.env", "env/mirotalk.env"]],
  ["metrics", ["env/app.env"]],
];

test("--rotate renews one secret wherever it stands, and nothing else", async () => {
  const before = filesIn(house);
  const lines = (text = ""): Set<string> => new Set(text.split("\n"));
  await Promise.all(
    ROTATIONS.map(async ([name, changed]) => {
      const folder = copyOfHouse();
      const { code, text } = await runBeside(["--rotate", name, "--output", folder]);
      const [old] = readdirSync(join(folder, "old"));
      const kept = filesIn(join(folder, "old", old ?? ""));
      const after = filesIn(folder);
      const differ = [...before.keys()].filter((path) => before.get(path) !== after.get(path));
      expect([name, code, differ]).toEqual([name, 0, changed]);
      expect([...kept.keys()]).toEqual(changed);
      for (const path of changed) {
        expect(kept.get(path)).toBe(before.get(path));
        const gone = [...lines(before.get(path))].filter((line) => !lines(after.get(path)).has(line));
        const fresh = [...lines(after.get(path))].filter((line) => !lines(before.get(path)).has(line));
        expect(fresh.map(nameOf)).toEqual(gone.map(nameOf));
        for (const line of fresh) expect(text).not.toContain(line.replace(/^[^=]*=/, ""));
      }
      expect((await runBeside(["--check", "--output", folder])).code).toBe(0);
    }),
  );
});

/** What stands before the value in a line; a line without a name is a secret of its own. */
const nameOf = (line: string): string => (line.includes("=") ? line.replace(/=.*/, "") : "");

test("somebody at a terminal is asked, told what is wrong with an answer, and decides about each file that differs", () => {
  const folder = join(root, "asked");
  const answers = [
    "https://example.org",
    "Example.org",
    "it",
    "it@example.org",
    "1.2.3",
    "198.51.100.7",
    "",
    "",
    "",
  ];
  const asked = run(["--no-dns", "--no-machine", "--output", folder], `${answers.join("\n")}\n`);
  expect(asked.code).toBe(0);
  for (const words of [
    "'https://example.org' is not a domain",
    "'it' is not an e-mail",
    "'1.2.3' is not an IPv4",
  ])
    expect(asked.text).toContain(words);
  expect(variable(folder, "global.env", "DOMAIN")).toBe("example.org");

  change(folder, "env/postgres.env", (text) => `${text}# mine\n`);
  change(folder, "coturn/turnserver.conf", (text) => `${text}# mine\n`);
  const secret = variable(folder, "env/app.env", "TURN_SECRET");
  const again = run(
    ["--no-dns", "--no-machine", "--output", folder],
    `${"\n".repeat(6)}what\nshow\nkeep\nreplace\n`,
  );
  expect(again).toMatchObject({ code: 0, text: expect.stringContaining("> # mine".replace(">", "<")) });
  expect(again.text).not.toContain(secret);
  expect(readFileSync(join(folder, "coturn/turnserver.conf"), "utf8")).toContain("# mine");
  expect(readFileSync(join(folder, "env/postgres.env"), "utf8")).not.toContain("# mine");
});

test("what cannot be used is refused by its name, and nothing is written", async () => {
  const folder = join(root, "refused");
  const refused: [string[], string][] = [
    [["--domain", "https://example.org"], "--domain is 'https://example.org'; expected a domain such as"],
    [["--domain", "colourstream.example.org"], "expected the domain alone"],
    [["--email", "it at example.org"], "--email is"],
    [["--address", "10.0.0.300"], "--address is '10.0.0.300'; expected an IPv4 address"],
    [["--address", "127.0.0.1"], "--address is"],
    [["--engine", "obs"], "--engine is 'obs'; expected ovenmediaengine or embedded"],
    [["--conference", "zoom"], "--conference is"],
    [["--edges", "edge1,edge2"], "at most one is on this machine"],
    [["--edges", "live"], "--edges is"],
    [["--edge-of", "10.0.0.1"], "--edge-of wants this edge's name"],
    [["--engine", "embedded", "--edges", "edge1"], "the embedded engine has none"],
    [["--domain"], "--domain wants a value"],
    [["--frob"], "there is no option '--frob'"],
    [["--rotate", "everything"], "there is no secret 'everything'"],
  ];
  const outcomes = await Promise.all(
    refused.map(([words]) => runBeside([...HOUSE, ...QUIET, "--output", folder, ...words])),
  );
  for (const [number, [words, said]] of refused.entries()) {
    expect([words, outcomes[number]]).toEqual([words, { code: 2, text: expect.stringContaining(said) }]);
  }
  expect(run([...QUIET, "--output", folder])).toMatchObject({
    code: 2,
    text: expect.stringContaining("--domain is missing"),
  });
  expect(run(["--output", folder], "example.org\n").text).toContain("the answers ended at 'E-mail'");
  expect(run(["--rotate", "turn", "--output", folder]).code).toBe(1);
  expect(existsSync(join(folder, "global.env"))).toBe(false);
});

/** Programs that answer as on another machine, first in PATH. */
function machineThatSays(programs: Record<string, string>): string {
  folders += 1;
  const bin = join(root, `bin-${folders}`);
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${bin}:${process.env["PATH"] ?? ""}`;
}

test("the machine and its names are looked at, and each finding has its cure", () => {
  const docker = (version: string) =>
    `case "$1" in compose) echo v2.39.1 ;; version) echo ${version} ;; ps) ;; *) exit 1 ;; esac`;
  const words = [...HOUSE, "--non-interactive", "--output", join(root, "looked-at")];
  const good = run(words, "", {
    PATH: machineThatSays({
      docker: docker("29.1.0"),
      ss: "exit 0",
      getent: 'echo "198.51.100.7 STREAM $2"',
      df: "printf 'Filesystem 1K Used Available\\n/dev/sda 1 1 90000000 1%% /\\n'",
    }),
  });
  expect(good.code).toBe(0);
  for (const said of ["docker compose 2.39.1", "Docker Engine 29.1.0", "all ports are free", "disk: 85 GB"])
    expect(good.text).toContain(`ok    ${said}`);
  expect(good.text).toContain("ok    live.colourstream.example.org");
  expect(good.text).not.toContain("BAD");

  const bad = run(words, "", {
    PATH: machineThatSays({
      docker: docker("20.10.24"),
      ss: `case "$*" in *t*) echo 'LISTEN 0 128 0.0.0.0:1935 0.0.0.0:*' ;; *) echo 'UNCONN 0 0 [::]:10003 [::]:*' ;; esac`,
      getent: 'case "$2" in live.*) echo "192.0.2.9 STREAM $2" ;; *) exit 2 ;; esac',
      df: "printf 'Filesystem 1K Used Available\\n/dev/sda 1 1 2000000 1%% /\\n'",
    }),
  });
  expect(bad.code).toBe(0); // the files are written all the same
  for (const said of [
    "Docker Engine 20.10.24 is too old",
    "port 1935/tcp is in use by another program",
    "port 10003/udp is in use by another program",
    "disk: 1 GB free",
    "live.colourstream.example.org is 192.0.2.9",
    "turn.colourstream.example.org has no address",
  ])
    expect(bad.text).toContain(`BAD   ${said}`);
  expect(bad.text).toContain("Put right what says BAD above (6 things)");
});

/** What compose.yaml publishes for these profiles, and coturn opens on the machine's own network: 10000-10004/udp. */
function publishedPorts(profiles: string, folder: string): string[] {
  const { services } = parse(readFileSync(join(PROJECT_ROOT, "deploy/compose.yaml"), "utf8"), {
    merge: true,
  }) as {
    services: Record<string, { profiles?: string[]; ports?: string[] }>;
  };
  const running = new Set(profiles.split(","));
  const published = Object.values(services)
    .filter((service) => service.profiles?.some((profile) => running.has(profile)) ?? true)
    .flatMap((service) => service.ports ?? [])
    .map((port) => port.replace(/\$\{\w+:-([^}]+)\}/g, "$1").replace(/^.*?:/, ""))
    .map((port) => (port.includes("/") ? port : `${port}/tcp`));
  const coturn = (name: string) =>
    new RegExp(`^${name}=(\\d+)$`, "m").exec(
      readFileSync(join(folder, "coturn/turnserver.conf"), "utf8"),
    )?.[1];
  const listening = coturn("listening-port");
  const relayed = `${coturn("min-port")}-${coturn("max-port")}/udp`;
  return [...published, `${listening}/udp`, `${listening}/tcp`, relayed].sort();
}

test("the firewall's lines are the ports that services open, and nftables takes them", () => {
  const folder = copyOfHouse();
  for (const words of [["--edges", "edge1"], ["--engine", "embedded"], []]) {
    run([
      ...HOUSE,
      ...QUIET,
      "--force",
      "--engine",
      "ovenmediaengine",
      "--edges",
      "none",
      ...words,
      "--output",
      folder,
    ]);
    const expected = publishedPorts(variable(folder, "global.env", "COMPOSE_PROFILES"), folder);
    const printed = run(["--print-firewall", "--output", folder]).text;
    const ufw = [...printed.matchAll(/^ufw allow ([\d:]+)\/(tcp|udp)/gm)].map(
      ([, range, kind]) => `${range}/${kind}`,
    );
    expect(ufw.map((port) => port.replace(":", "-")).sort()).toEqual([...expected, "22/tcp"].sort());
    const table = readFileSync(join(folder, "firewall/nftables.conf"), "utf8");
    const open = [...table.matchAll(/(tcp|udp) dport ([\d-]+) accept/g)].map(
      ([, kind, range]) => `${range}/${kind}`,
    );
    expect([...new Set(open)].sort()).toEqual([...expected, "22/tcp"].sort());
    expect(readFileSync(join(folder, "firewall/ufw.sh"), "utf8")).toContain(
      printed.match(/^ufw allow 443.*$/m)?.[0],
    );
  }
  const { error, status, stderr } = spawnSync("nft", ["-c", "-f", join(folder, "firewall/nftables.conf")], {
    encoding: "utf8",
  });
  if (error === undefined && !stderr.includes("Operation not permitted"))
    expect([status, stderr]).toEqual([0, ""]);
});
