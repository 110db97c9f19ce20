import { isMap, listOf, mapAt, type Yaml, type YamlMap } from "./read.js";

/** What a service may do that others may not, and why. A fault that begins with the name is excused. */
const EXCUSED: Readonly<Record<string, string>> = {
  "traefik runs as root": "acme.json belongs to whoever set the house up, and Traefik demands mode 600",
  "traefik has NET_BIND_SERVICE": "ports 80 and 443",
  "traefik has DAC_OVERRIDE": "reads acme.json",
  "coturn has NET_BIND_SERVICE": "its file carries it and does not run without",
  "coturn is on the host's network": "hundreds of relay ports, and its callers' addresses",
};

/** What may stand on both networks: it is reached from outside and asks something inside. */
const ON_BOTH = ["traefik", "app-embedded", "ome-origin", "ome-edge"];

/** What is wrong with a compose file, by what this project demands of every service. */
export function composeFaults(compose: YamlMap): string[] {
  const faults = Object.entries(mapAt(compose, "services")).flatMap(([name, service]) =>
    isMap(service) ? serviceFaults(name, service, compose) : [`${name} is empty`],
  );
  if (mapAt(compose, "networks", "colourstream_network")["internal"] !== true)
    faults.push("colourstream_network reaches the internet");
  if ("name" in compose || "version" in compose)
    faults.push("name or version is given: 1.29 refuses the first");
  if (/docker\.sock/.test(JSON.stringify(compose))) faults.push("the Docker socket is in a container");
  return faults.filter((fault) => EXCUSED[fault] === undefined);
}

function serviceFaults(name: string, service: YamlMap, compose: YamlMap): string[] {
  const faults: string[] = [];
  const must = (isSo: boolean, fault: string): void => {
    if (!isSo) faults.push(`${name} ${fault}`);
  };
  must(isPinned(String(service["image"] ?? "")), `has no pinned image: ${String(service["image"])}`);
  const source = mapAt(service, "build")["context"];
  must(
    typeof source !== "string" || !source.startsWith("http") || /#[0-9a-f]{40}$/.test(source),
    "is built from what may change",
  );
  must(service["read_only"] === true, "has a root that can be written");
  must(service["privileged"] !== true, "is privileged");
  must(/^[1-9]\d*:[1-9]\d*$/.test(String(service["user"] ?? "")), "runs as root");
  must(listOf(service["security_opt"]).includes("no-new-privileges:true"), "may gain privileges");
  must(listOf(service["cap_drop"]).includes("ALL"), "keeps capabilities");
  for (const power of listOf(service["cap_add"])) must(false, `has ${power}`);
  for (const bound of ["cpus", "mem_limit", "pids_limit"])
    must(service[bound] !== undefined, `has no ${bound}`);
  must(service["restart"] === "unless-stopped", "does not come back");
  must(service["stop_grace_period"] !== undefined, "has no stop_grace_period");
  must(mapAt(service, "logging", "options")["max-size"] !== undefined, "has a log that grows for ever");
  must(service["container_name"] === undefined, "has a fixed name");
  // The product's own image says its health itself.
  must(
    "healthcheck" in service || String(service["image"]).startsWith("colourstream/app:"),
    "has no health check",
  );
  must(service["network_mode"] !== "host", "is on the host's network");
  const networks = listOf(service["networks"]);
  must(networks.length > 0 || service["network_mode"] === "host", "is on no network of ours");
  must(!networks.includes("public") || ON_BOTH.includes(name), "is on the public network");
  must(name === "traefik" || Array.isArray(service["profiles"]), "has no profile");
  for (const volume of listOf(service["volumes"])) {
    const [from = "", , mode] = volume.split(":");
    must(!from.startsWith("/"), `mounts ${from} of the machine`);
    const isConfiguration = from.startsWith("./") && from !== "./traefik/acme.json";
    must(!isConfiguration || mode === "ro", `may write ${from}`);
    must(
      from.startsWith(".") || from in mapAt(compose, "volumes"),
      `has a volume that is not declared: ${from}`,
    );
  }
  for (const secret of listOf(service["secrets"])) {
    must(secret in mapAt(compose, "secrets"), `has a secret that is not declared: ${secret}`);
  }
  for (const needed of listOf(service["depends_on"])) {
    const profiles = listOf(service["profiles"]);
    const theirs = listOf(mapAt(compose, "services", needed)["profiles"]);
    must(
      profiles.every((profile) => theirs.includes(profile)),
      `waits for ${needed}, which its profiles do not start`,
    );
  }
  const secrets = Object.entries(mapAt(service, "environment")).filter(([key]) =>
    /PASSWORD|SECRET|TOKEN|_KEY/.test(key),
  );
  must(secrets.length === 0, "has a secret in compose.yaml");
  return faults;
}

/** A version, not only a name or a tag that moves: three numbers, a PostgreSQL's two, or a digest. */
function isPinned(image: string): boolean {
  return /@sha256:[0-9a-f]{64}$|:v?\d+\.\d+(\.\d+)?([.-][\w.-]+)?$/.test(
    image.replace(/\$\{[A-Z_]+:-([^}]+)\}/g, "$1"),
  );
}

/** The ports that a service publishes, as `1935` or `9999/udp`; ranges written out, bindings left out. */
export function publishedPorts(service: Yaml | undefined): string[] {
  return listOf(mapAt(service)["ports"]).flatMap((port) => {
    const text = port.replace(/\$\{[A-Z_]+:-([^}]+)\}/g, "$1").replace(/\$\{[^}]*\}/g, "x");
    const [, first = "", last, protocol = ""] = /(\d+)(?:-(\d+))?(\/udp)?$/.exec(text) ?? [];
    const numbers = Array.from(
      { length: Number(last ?? first) - Number(first) + 1 },
      (_, at) => Number(first) + at,
    );
    return numbers.map((number) => `${number}${protocol}`);
  });
}
