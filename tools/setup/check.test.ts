import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { change, filesIn, type House, makeHouse, PATIENCE_MS, run, runBeside, variable } from "./house.js";

vi.setConfig({ testTimeout: PATIENCE_MS });

let house: House;
beforeAll(() => {
  house = makeHouse();
}, PATIENCE_MS);
afterAll(() => house?.remove());

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
      const folder = house.copy();
      damage(folder);
      const { code, text } = await runBeside(["--check", "--output", folder]);
      return { name, code, text };
    }),
  );
  for (const [number, { name, code, text }] of outcomes.entries()) {
    expect([name, code, text]).toEqual([name, 1, expect.stringContaining(DAMAGES[number]?.[2] ?? "")]);
  }
  expect(run(["--check", "--output", house.folder]).code).toBe(0);
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
  const before = filesIn(house.folder);
  const lines = (text = ""): Set<string> => new Set(text.split("\n"));
  await Promise.all(
    ROTATIONS.map(async ([name, changed]) => {
      const folder = house.copy();
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
