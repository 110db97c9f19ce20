import { Ajv } from "ajv";
import { parse } from "yaml";
import { rendered } from "./go-template.js";
import { listOf, mapAt, type Yaml, type YamlMap } from "./read.js";
import { TRAEFIK_DYNAMIC } from "./traefik-schema.js";

/** Traefik's configuration as it is: flags, files by name, and what the templates are given. */
export type Traefik = {
  readonly flags: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string>>;
  /** The names of compose services that it can reach. */
  readonly services: readonly string[];
};

const matchesSchema = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile<Yaml>(
  TRAEFIK_DYNAMIC,
);

/** What is wrong with it: what Traefik would not take, what leads nowhere, what is open that should not be. */
export function traefikFaults({ flags, files, env, services }: Traefik): string[] {
  const faults = flagFaults(flags);
  const whole: { [part: string]: YamlMap } = {};
  for (const [name, source] of files) {
    const value = parse(rendered(source, env)) as Yaml;
    if (!matchesSchema(value)) {
      for (const { instancePath, message } of matchesSchema.errors ?? [])
        faults.push(`${name}${instancePath} ${message}`);
      continue;
    }
    for (const kind of ["http", "tcp"]) {
      for (const part of ["routers", "middlewares", "services"]) {
        const into = whole[`${kind}.${part}`] ?? {};
        whole[`${kind}.${part}`] = into;
        for (const [key, item] of Object.entries(mapAt(value, kind, part))) {
          if (key in into) faults.push(`${name}: ${kind} ${part} ${key} is there twice`);
          into[key] = item;
        }
      }
    }
    if (name === "every.yml" && mapAt(value, "tls", "options", "default")["sniStrict"] !== true)
      faults.push("a connection for a name that is not ours is taken");
  }
  for (const kind of ["http", "tcp"]) faults.push(...kindFaults(kind, whole, flags, services, env));
  faults.push(...doorFaults(whole["http.routers"] ?? {}));
  return faults;
}

function kindFaults(
  kind: string,
  whole: Readonly<Record<string, YamlMap>>,
  flags: readonly string[],
  reachable: readonly string[],
  env: Readonly<Record<string, string>>,
): string[] {
  const faults: string[] = [];
  const [routers = {}, middlewares = {}, services = {}] = ["routers", "middlewares", "services"].map(
    (part) => whole[`${kind}.${part}`],
  );
  const used = new Set(
    flags.flatMap((flag) => /middlewares=(.+)@file$/.exec(flag)?.[1]?.split("@file,") ?? []),
  );
  for (const [name, router] of Object.entries(routers)) {
    const service = String(mapAt(router)["service"]);
    if (service !== "noop@internal" && !(service in services))
      faults.push(`${name} leads to ${service}, which is not there`);
    used.add(service);
    for (const middleware of listOf(mapAt(router)["middlewares"])) {
      if (!(middleware in middlewares)) faults.push(`${name} wants ${middleware}, which is not there`);
      used.add(middleware);
    }
    for (const entry of listOf(mapAt(router)["entryPoints"])) {
      if (!flags.some((flag) => flag.startsWith(`--entrypoints.${entry}.address=`)))
        faults.push(`${name} is at ${entry}, which is not opened`);
    }
    const resolver = mapAt(router, "tls")["certResolver"];
    if (
      resolver !== undefined &&
      !flags.some((flag) => flag.startsWith(`--certificatesresolvers.${String(resolver)}.`))
    )
      faults.push(`${name} has its certificate of ${String(resolver)}, which is not there`);
  }
  // The rates stand beside the entry points for every router; which of them are used depends on the profiles.
  for (const name of Object.keys(services)) if (!used.has(name)) faults.push(`${name} is used by nothing`);
  const project = env["COMPOSE_PROJECT_NAME"] ?? "";
  for (const [name, service] of Object.entries(services)) {
    const servers = mapAt(service, "loadBalancer")["servers"];
    for (const server of Array.isArray(servers) ? servers : []) {
      const [host = ""] = String(mapAt(server)["url"] ?? mapAt(server)["address"])
        .replace(/^https?:\/\//, "")
        .split(":");
      const plain = host.startsWith(`${project}-`)
        ? host.slice(project.length + 1).replace(/-\d+$/, "")
        : host;
      if (!reachable.includes(plain))
        faults.push(`${name} is at ${host}, which is no service that Traefik reaches`);
    }
  }
  return faults;
}

/** What must not be reached from outside is refused, before anything else is looked at, wherever the product is. */
function doorFaults(routers: YamlMap): string[] {
  if (!("app" in routers)) return [];
  const faults: string[] = [];
  const door = mapAt(routers, "inside-only");
  for (const path of ["ome", "metrics", "healthz", "readyz"]) {
    if (!String(door["rule"]).includes(path)) faults.push(`/${path} is reached from outside`);
  }
  if (!listOf(door["middlewares"]).includes("nobody")) faults.push("inside-only lets somebody in");
  const others = Object.entries(routers).filter(([name]) => name !== "inside-only");
  const highest = Math.max(
    ...others.map(([, router]) => Number(mapAt(router)["priority"] ?? String(mapAt(router)["rule"]).length)),
  );
  if (Number(door["priority"] ?? 0) <= highest) faults.push("another router comes before inside-only");
  for (const [name, router] of others) {
    const hasSecretPaths = ["ome", "edge"].includes(name);
    if (hasSecretPaths && mapAt(router, "observability")["accessLogs"] !== false)
      faults.push(`${name} writes stream keys into the log`);
    const isInside = listOf(mapAt(router)["entryPoints"]).join() === "inside";
    const rates = listOf(mapAt(router)["middlewares"]).filter((middleware) => middleware.endsWith("-rate"));
    const leaves = mapAt(router)["service"] === "noop@internal";
    if (!isInside && !leaves && rates.length === 0) faults.push(`${name} has no rate limit`);
  }
  return faults;
}

/** Flags that must be there as they are. */
const NEEDED = [
  "--entrypoints.web.http.redirections.entrypoint.to=websecure",
  "--entrypoints.web.http.redirections.entrypoint.scheme=https",
  "--entrypoints.websecure.http.tls.certresolver=letsencrypt",
  "--entrypoints.websecure.http.middlewares=every-answer@file",
  "--accesslog=true",
  "--accesslog.format=json",
  "--accesslog.fields.headers.defaultmode=drop",
  "--accesslog.fields.queryparameters.defaultmode=drop",
  "--certificatesresolvers.letsencrypt.acme.httpchallenge.entrypoint=web",
  "--certificatesresolvers.letsencrypt.acme.storage=/acme.json",
];

function flagFaults(flags: readonly string[]): string[] {
  const faults = NEEDED.filter((flag) => !flags.includes(flag)).map((flag) => `Traefik is not given ${flag}`);
  for (const flag of flags) {
    if (/^--(api|providers\.(?!file\.))|insecure|--log\.level=DEBUG/i.test(flag))
      faults.push(`Traefik is given ${flag}`);
  }
  return faults;
}
