// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose and OvenMediaEngine write their variables so
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { API_PREFIX, routes } from "@colourstream/contract";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { composeFaults, publishedPorts } from "./compose-faults.js";
import { rendered } from "./go-template.js";
import { MIROTALK_VARIABLES } from "./mirotalk-variables.js";
import { applicationsOf, omeFaults } from "./ome-faults.js";
import { DEPLOY, filled, listOf, mapAt, parseCompose, templates, textOf, variablesOf } from "./read.js";
import { type Traefik, traefikFaults } from "./traefik-faults.js";

const composeText = textOf("compose.yaml");
const compose = parseCompose(composeText);
const global = variablesOf(filled(templates().get("global.env") ?? ""));
const ome = variablesOf(filled(templates().get("env/ome.env") ?? ""));

test("the compose files match the specification's schema", () => {
  const shipped = dirname(createRequire(import.meta.url).resolve("dclint/package.json"));
  const schema = JSON.parse(readFileSync(join(shipped, "schemas/compose.schema.json"), "utf8"));
  delete schema.$schema; // it names a draft by an address that Ajv does not know it by
  const matches = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  for (const file of ["compose.yaml", "compose.edges.yaml"]) {
    matches(parseCompose(textOf(file)));
    expect(matches.errors ?? [], file).toEqual([]);
  }
  expect(matches(parseCompose("services: { a: { ports: 80 } }"))).toBe(false);
});

test("every service is bound as this project demands, and nothing has the Docker socket", () => {
  expect(composeFaults(compose)).toEqual([]);
  const stray = [...composeText.matchAll(/\$\{([A-Z_]+)(:[-?])?/g)].filter(
    ([, name = "", way]) => way !== ":-" && !(name in global),
  );
  expect(stray.map(([, name]) => name)).toEqual([]);
});

test.each([
  ["read_only: true", "read_only: false", "has a root that can be written"],
  ['"no-new-privileges:true"', '"no-new-privileges:false"', "may gain privileges"],
  ["cap_drop: [ALL]", "cap_drop: [NET_RAW]", "keeps capabilities"],
  ['user: "10001:10001"', 'user: "0:10001"', "app runs as root"],
  ['    user: "999:999"\n', "", "postgres runs as root"],
  ["postgres:18.4-bookworm", "postgres:latest", "postgres has no pinned image"],
  ["traefik:v3.7.9", "traefik", "traefik has no pinned image"],
  ["#1b43386048d448b6f604fda7e7b5575a65f97278", "#master", "mirotalk is built from what may change"],
  ["- ./traefik/acme.json:/acme.json", "- /var/run/docker.sock:/var/run/docker.sock", "Docker socket"],
  ["internal: true", "internal: false", "colourstream_network reaches the internet"],
  ["    pids_limit: 128\n", "", "mirotalk has no pids_limit"],
  [
    "    networks: [colourstream_network]\n    healthcheck:\n      test: [CMD, pg_isready",
    "    networks: [public]\n    healthcheck:\n      test: [CMD, pg_isready",
    "postgres is on the public network",
  ],
  ["options: { max-size: 10m,", "options: {", "has a log that grows for ever"],
  ["/etc/postgresql/postgresql.conf:ro", "/etc/postgresql/postgresql.conf", "postgres may write ./postgres"],
  ["    cap_add: [NET_BIND_SERVICE]\n", "    cap_add: [SYS_ADMIN]\n", "coturn has SYS_ADMIN"],
  ["      DOMAIN: ${DOMAIN:?}", "      ACME_TOKEN: abc", "traefik has a secret in compose.yaml"],
])("a compose file in which %j is %j is found out", (from, to, fault) => {
  expect(composeText).toContain(from);
  const faults = composeFaults(parseCompose(composeText.replace(from, to)));
  expect(faults.join("\n")).toContain(fault);
});

const services = Object.entries(mapAt(compose, "services"));
const traefik: Traefik = {
  flags: listOf(mapAt(compose, "services", "traefik")["command"]),
  files: new Map(
    readdirSync(join(DEPLOY, "traefik/dynamic")).map((name) => [name, textOf(`traefik/dynamic/${name}`)]),
  ),
  // What the container gets, as compose fills it in.
  env: Object.fromEntries(
    Object.entries(mapAt(compose, "services", "traefik", "environment")).map(([name, value]) => [
      name,
      String(value).replace(/\$\{([A-Z_]+)[^}]*\}/, (_, variable: string) => global[variable] ?? ""),
    ]),
  ),
  services: [
    "host.docker.internal",
    ...services
      .filter(([, service]) => listOf(mapAt(service)["networks"]).includes("colourstream_network"))
      .map(([name]) => name),
  ],
};
const withProfiles = (profiles: string, env = {}): Traefik => ({
  ...traefik,
  env: { ...traefik.env, COMPOSE_PROFILES: profiles, ...env },
});
const hosts = ({ files, env }: Traefik) => {
  const rules = [...files.values()].map((file) => rendered(file, env)).join("\n");
  return [...new Set([...rules.matchAll(/Host(?:SNI)?\(`([^`]+)`\)/g)].map(([, host]) => host))].sort();
};

test.each([
  ["ome", ["live"]],
  ["ome,turn", ["live", "turn"]],
  ["ome,turn,mirotalk,edge", ["edge1", "live", "turn", "video"]],
  ["embedded,turn", ["live", "turn"]],
  ["edge", ["edge1"]],
])("Traefik with the profiles %s leads to what runs, and has names for no more", (profiles, names) => {
  expect(traefikFaults(withProfiles(profiles))).toEqual([]);
  expect(hosts(withProfiles(profiles))).toEqual(names.map((name) => `${name}.colourstream.example.test`));
});

test("where somebody without a session could guess, the rate is a login's", () => {
  const file = parse(rendered(traefik.files.get("app.yml") ?? "", traefik.env));
  const rule = String(mapAt(file, "http", "routers", "app-login")["rule"]);
  const paths = new RegExp(/PathRegexp\(`(.+?)`\)/.exec(rule)?.[1] ?? "");
  const posts = Object.values(routes).filter(({ method }) => method === "POST");
  const slow = posts.filter(({ path }) => paths.test(API_PREFIX + path.replaceAll(/:\w+/g, "x")));
  // Watching the check picture takes no secret; showing a passkey again is a guess by who is signed in.
  const guessed = posts.filter(
    ({ path, access }) => (access === "public" && path !== "/check") || path.startsWith("/step-up"),
  );
  expect(slow.map(({ path }) => path)).toEqual(guessed.map(({ path }) => path));
});

test("each process of the product is watched by its own name", () => {
  const file = rendered(traefik.files.get("app.yml") ?? "", withProfiles("ome", { APP_REPLICAS: "2" }).env);
  expect([...file.matchAll(/url: "(.+)"/g)].map(([, url]) => url)).toEqual([
    "http://colourstream-app-1:3000",
    "http://colourstream-app-2:3000",
  ]);
});

test.each([
  [
    "app.yml",
    "service: app\n      middlewares: [login-rate",
    "service: ap\n      middlewares: [login-rate",
    "app-login leads to ap",
  ],
  ["app.yml", "middlewares: [login-rate", "middlewares: [login-rates", "wants login-rates"],
  ["app.yml", "metrics|", "", "/metrics is reached from outside"],
  ["app.yml", "priority: 1000", "priority: 10", "another router comes before inside-only"],
  ["app.yml", "middlewares: [nobody]", "middlewares: [page-rate]", "inside-only lets somebody in"],
  [
    "app.yml",
    "middlewares: [page-rate, another-process]",
    "middlewares: [another-process]",
    "app has no rate limit",
  ],
  ["ome.yml", "accessLogs: false", "accessLogs: true", "ome writes stream keys into the log"],
  ["ome.yml", "entryPoints: [rtmps]", "entryPoints: [rtmp]", "rtmps is at rtmp, which is not opened"],
  [
    "ome.yml",
    "certResolver: letsencrypt",
    "certResolver: letsEncrypt",
    "rtmps has its certificate of letsEncrypt",
  ],
  ["ome.yml", "http://ome-origin:3333", "http://ome:3333", "which is no service"],
  ["every.yml", "sniStrict: true", "sniStrict: false", "a name that is not ours"],
  [
    "every.yml",
    "rateLimit: { average: 200",
    "ratelimit: { average: 200",
    "must NOT have additional properties",
  ],
  ["every.yml", "rejectStatusCode: 404", "rejectStatusCode: 200", "must be >= 400"],
])("a %s in which %j is %j is found out", (name, from, to, fault) => {
  const source = traefik.files.get(name) ?? "";
  expect(source).toContain(from);
  const files = new Map([...traefik.files, [name, source.replace(from, to)]]);
  expect(traefikFaults({ ...traefik, files }).join("\n")).toContain(fault);
});

test.each([
  ["--accesslog.fields.queryparameters.defaultmode=drop", "--api.insecure=true"],
  ["--providers.file.watch=true", "--providers.docker=true"],
])("Traefik with %s replaced by %s is found out", (from, to) => {
  const flags = traefik.flags.map((flag) => (flag === from ? to : flag));
  expect(traefikFaults({ ...traefik, flags }).join("\n")).toContain(`Traefik is given ${to}`);
});

const origin = textOf("ovenmediaengine/origin/Server.xml");
const edge = textOf("ovenmediaengine/edge/Server.xml");

test("OvenMediaEngine's files are well-formed, ask for admission everywhere, and have every value given", () => {
  expect(omeFaults(origin, Object.keys(ome))).toEqual([]);
  expect(omeFaults(edge, Object.keys(ome))).toEqual([]);
  expect(omeFaults(textOf("ovenmediaengine/Logger.xml"), [])).toEqual([]);
  expect(applicationsOf(edge)).toEqual(applicationsOf(origin));
});

test.each([
  ["</Bind>", "</Binds>", "not well-formed"],
  ["${env:OME_WEBHOOK_SECRET}", "${env:OME_HOOK_SECRET}", "nothing gives OME_HOOK_SECRET"],
  ["${env:OME_HOST_IP}:${env:OME_ICE", "*:${env:OME_ICE", "candidates have no address"],
  ["<Publishers>webrtc,llhls", "<Publishers>webrtc", "plays by LLHLS is not asked for"],
  ["<Providers>rtmp,srt,", "<Providers>rtmp,", "publishes by SRT is not asked for"],
  ["<AdmissionWebhooks>", "<!-- -->", "not well-formed"],
  ["${env:OME_API_TOKEN}", "abc", "the API's token is in the file"],
  ["<AudioIndexHint>1</AudioIndexHint>", "", "WebRTC would take the first track of sound"],
  ["<Modules>x264</Modules>", "", "H.264 is made by whatever is there"],
  ["OME_TCP_RELAY_PORT:3479}</TcpRelay>", "OME_TCP_RELAY:}</TcpRelay>", "nothing in particular"],
])("a Server.xml in which %j is %j is found out", (from, to, fault) => {
  expect(origin).toContain(from);
  expect(omeFaults(origin.replaceAll(from, to), Object.keys(ome)).join("\n")).toContain(fault);
});

test("compose publishes the ports that OvenMediaEngine opens for the world, and no other", () => {
  const published = publishedPorts(mapAt(compose, "services", "ome-origin"));
  const opened = (name: string) => new RegExp(`\\$\\{env:${name}:([^}]+)\\}`).exec(origin)?.[1] ?? "";
  const [first = "", last = ""] = opened("OME_ICE_PORTS").split("-");
  const udp = publishedPorts({ ports: [`${first}-${last}:${first}-${last}/udp`] });
  expect([...published].sort()).toEqual(
    [opened("OME_RTMP_PORT"), `${opened("OME_SRT_PORT")}/udp`, opened("OME_TCP_RELAY_PORT"), ...udp].sort(),
  );
});

test("what the templates ask for is in the table of deploy/README.md, and what they make stays out of git and the image", () => {
  const readme = textOf("README.md");
  const words = new Set([...templates().values()].flatMap((text) => text.match(/@[A-Z][A-Z_]*@/g) ?? []));
  expect([...words].filter((word) => !readme.includes(`\`${word}\``))).toEqual([]);
  expect(
    [...readme.matchAll(/`(@[A-Z_]+@)`/g)].map(([, word]) => word).filter((word) => !words.has(word ?? "")),
  ).toEqual([]);

  const made = [...templates().keys(), "secrets/secret.key", "traefik/acme.json"].map(
    (path) => `deploy/${path}`,
  );
  const root = join(DEPLOY, "..");
  const ignored = spawnSync("git", ["check-ignore", ...made], { cwd: root, encoding: "utf8" }).stdout;
  expect(ignored.trim().split("\n").sort()).toEqual([...made].sort());
  // `deploy/*` leaves out everything there, and of what is let in again nothing is made.
  const kept = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("!deploy/"));
  expect(kept).toEqual(["!deploy/docker"]);
});

test("MiroTalk is given every variable that its image knows, and nothing of anybody else's", () => {
  const given = variablesOf(filled(templates().get("env/mirotalk.env") ?? ""));
  expect(MIROTALK_VARIABLES.filter((name) => !(name in given))).toEqual([]);
  expect(Object.keys(given).filter((name) => !MIROTALK_VARIABLES.includes(name))).toEqual([]);
  const addresses = Object.values(given).filter((value) => /\w\.(com|net|org|app|io|co)\b/.test(value));
  expect(addresses).toEqual([]);
  expect(given).toMatchObject({
    HOST_USER_AUTH: "true",
    HOST_PROTECTED: "false",
    LOGS_DEBUG: "false",
    LOGS_JSON: "false",
    STATS_ENABLED: "false",
    SURVEY_ENABLED: "false",
    IP_LOOKUP_ENABLED: "false",
    ALLOWED_EMBED_ORIGINS: "https://live.colourstream.example.test",
  });
  expect(JSON.parse(given["HOST_USERS"] ?? "")).toHaveLength(1);
  expect(listOf(mapAt(compose, "services", "mirotalk")["command"]).join(" ")).toContain(">/dev/null");
});

test("coturn relays into no network that is not the internet, and has its secret in its file alone", () => {
  const conf = filled(templates().get("coturn/turnserver.conf") ?? "").split("\n");
  for (const range of [
    "10.0.0.0-10.",
    "127.0.0.0-127.",
    "169.254.",
    "172.16.0.0-172.31.",
    "192.168.0.0-192.168.",
    "0.0.0.0-",
    "fc00::-",
    "fe80::-",
    "::1-",
  ]) {
    expect(
      conf.filter((line) => line.startsWith(`denied-peer-ip=${range}`)),
      range,
    ).toHaveLength(1);
  }
  expect(conf).toEqual(
    expect.arrayContaining(["use-auth-secret", "no-tcp-relay", "no-multicast-peers", "no-cli"]),
  );
  expect(listOf(mapAt(compose, "services", "coturn")["command"])).toEqual([
    "-c",
    "/etc/coturn/turnserver.conf",
  ]);
});

test("a Go template that uses more than is known here does not pass", () => {
  expect(rendered('a{{ if has "x" (splitList "," (env "P")) }}b{{ else }}c{{ end }}', { P: "x,y" })).toBe(
    "ab",
  );
  expect(rendered("{{ range $i := until 2 }}{{ add1 $i }};{{ end }}", {})).toBe("1;2;");
  expect(() => rendered('{{ lower "A" }}', {})).toThrow("lower is not known");
  expect(() => rendered('{{ env "NOPE" }}', {})).toThrow("given no NOPE");
});
