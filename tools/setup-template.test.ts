import { createHmac } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import {
  change,
  filesIn,
  HOUSE,
  type House,
  makeHouse,
  PATIENCE_MS,
  QUIET,
  run,
  runBeside,
  variable,
} from "./setup/house.js";

// scripts/setup-template.sh as a house's IT runs it, into temporary folders. tools/setup/ has what comes after.

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

vi.setConfig({ testTimeout: PATIENCE_MS });

let house: House;
beforeAll(() => {
  house = makeHouse();
}, PATIENCE_MS);
afterAll(() => house?.remove());

test("every template is written, filled in, and is readable by nobody else", () => {
  expect(house.made).toMatchObject({ code: 0 });
  const templates = [...filesIn(join(PROJECT_ROOT, "deploy/templates")).keys()].map((path) =>
    path.replace(/\.template$/, ""),
  );
  const written = filesIn(house.folder);
  expect([...written.keys()]).toEqual([...templates, "secrets/secret.key", "traefik/acme.json"].sort());
  for (const [path, text] of written) {
    expect([path, PLACEHOLDER.exec(text)?.[0]]).toEqual([path, undefined]);
    const inPrivate = /^(?:secrets|coturn)\//.test(path); // containers' users read these, in folders that nobody else enters
    const mode = inPrivate ? 0o444 : path.endsWith(".sh") ? 0o700 : 0o600;
    expect([path, statSync(join(house.folder, path)).mode & 0o777]).toEqual([path, mode]);
  }
  for (const folder of ["secrets", "coturn"])
    expect(statSync(join(house.folder, folder)).mode & 0o777).toBe(0o700);
  expect(written.get("secrets/secret.key")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(written.get("traefik/acme.json")).toBe("");
});

test("run again it changes no byte", () => {
  const before = filesIn(house.folder);
  const again = run([...QUIET, "--output", house.folder]);
  expect(again.code).toBe(0);
  expect(again.text).not.toMatch(/wrote|replaced|added/);
  expect(filesIn(house.folder)).toEqual(before);
});

test("secrets have 256 bits, each its own, the same wherever it stands, and none is ever shown", () => {
  const secrets = SECRETS.map(([file, name]) => variable(house.folder, file, name));
  const database = readFileSync(join(house.folder, "secrets/postgres_password"), "utf8").trim();
  secrets.push(database);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(new Set(secrets).size).toBe(secrets.length);
  expect(new URL(variable(house.folder, "env/app.env", "DATABASE_URL")).password).toBe(database);
  expect(variable(house.folder, "env/ome.env", "OME_WEBHOOK_SECRET")).toBe(
    variable(house.folder, "env/app.env", "OME_WEBHOOK_SECRET"),
  );
  const shown =
    house.made.text +
    run(["--check", "--output", house.folder]).text +
    run(["--print-firewall", "--output", house.folder]).text;
  for (const secret of secrets) expect(shown).not.toContain(secret);
});

test("MiroTalk's fixed TURN pair is one that coturn computes from the shared secret", () => {
  const name = variable(house.folder, "env/mirotalk.env", "TURN_SERVER_USERNAME");
  const secret = variable(house.folder, "env/app.env", "TURN_SECRET");
  expect(name).toMatch(/^\d{10}:mirotalk$/);
  expect(variable(house.folder, "env/mirotalk.env", "TURN_SERVER_CREDENTIAL")).toBe(
    createHmac("sha1", secret).update(name).digest("base64"),
  );
  expect(readFileSync(join(house.folder, "coturn/turnserver.conf"), "utf8")).toContain(
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
    const folder = join(house.root, `kind-${number}`);
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

test("what is missing is written again, by the secrets that the other files still have; what was changed by hand stays", () => {
  const folder = house.copy();
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
    expect(variable(folder, "env/app.env", name)).toBe(variable(house.folder, "env/app.env", name));
  expect(run(["--check", "--output", folder]).code).toBe(0);
});

test("another domain in passing is refused; --force writes anew, keeps secrets and lines of one's own, and puts the old files aside", () => {
  const folder = house.copy();
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
  for (const [file, name] of SECRETS)
    expect(variable(folder, file, name)).toBe(variable(house.folder, file, name));
  const [old] = readdirSync(join(folder, "old"));
  expect(readFileSync(join(folder, "old", old ?? "", "env/app.env"), "utf8")).toBe(before.get("env/app.env"));
  expect(statSync(join(folder, "old")).mode & 0o777).toBe(0o700);
  expect(run(["--check", "--output", folder]).code).toBe(0);
});

test("a machine that is nothing but an edge has the main one's two secrets, and asks it", () => {
  const folder = join(house.root, "edge");
  mkdirSync(join(folder, "env"), { recursive: true });
  const words = [...QUIET, "--edge-of", "10.0.0.1", "--edges", "edge2", "--output", folder];
  const place = ["--email", "it@example.org", "--address", "198.51.100.8", "--force"];
  expect(run([...words, ...place, "--domain", "example.org"])).toMatchObject({
    code: 1,
    text: expect.stringContaining("copy env/ome.env of the main machine"),
  });
  cpSync(join(house.folder, "env/ome.env"), join(folder, "env/ome.env"));
  expect(run([...words, ...place]).code).toBe(0);
  const ome = (name: string) => variable(folder, "env/ome.env", name);
  expect(ome("OME_API_TOKEN")).toBe(variable(house.folder, "env/ome.env", "OME_API_TOKEN"));
  expect([ome("OME_HOST_IP"), ome("OME_ORIGIN")]).toEqual(["198.51.100.8", "10.0.0.1:9000"]);
  expect(ome("OME_ADMISSION_URL")).toBe("http://10.0.0.1:8880/ome/admission");
  expect(variable(folder, "global.env", "COMPOSE_PROFILES")).toBe("edge");
  expect(run(["--check", "--output", folder]).code).toBe(0);
  const before = filesIn(folder);
  expect(run([...QUIET, "--output", folder]).code).toBe(0);
  expect(filesIn(folder)).toEqual(before);
});

test("somebody at a terminal is asked, told what is wrong with an answer, and decides about each file that differs", () => {
  const folder = join(house.root, "asked");
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
  const folder = join(house.root, "refused");
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
