import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { publishedPorts } from "../deploy/compose-faults.js";
import { isMap, listOf, mapAt, parseCompose, textOf, variablesOf } from "../deploy/read.js";
import { HOUSE, type House, makeHouse, PATIENCE_MS, QUIET, run, variable } from "./house.js";

vi.setConfig({ testTimeout: PATIENCE_MS });

let house: House;
beforeAll(() => {
  house = makeHouse();
}, PATIENCE_MS);
afterAll(() => house?.remove());

let machines = 0;

/** Programs that answer as on another machine, first in PATH. */
function machineThatSays(programs: Record<string, string>): string {
  machines += 1;
  const bin = join(house.root, `bin-${machines}`);
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${bin}:${process.env["PATH"] ?? ""}`;
}

test("the machine and its names are looked at, and each finding has its cure", () => {
  const docker = (version: string) =>
    `case "$1" in compose) echo v2.39.1 ;; version) echo ${version} ;; ps) ;; *) exit 1 ;; esac`;
  const words = [...HOUSE, "--non-interactive", "--output", join(house.root, "looked-at")];
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

/** 10000-10004, udp → 10000/udp, 10001/udp, … ; TCP's without a word, as compose writes them. */
function eachPort(range = "", protocol = "tcp"): string[] {
  const [first = 0, last = first] = range.split(/[-:]/).map(Number);
  const suffix = protocol === "udp" ? "/udp" : "";
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}${suffix}`);
}

/** What compose.yaml publishes for these profiles, and coturn opens on the machine's own network. */
function openedPorts(profiles: string, folder: string): string[] {
  const running = new Set(profiles.split(","));
  const published = Object.values(mapAt(parseCompose(textOf("compose.yaml")), "services"))
    .filter(
      (service) =>
        !isMap(service) ||
        !("profiles" in service) ||
        listOf(service["profiles"]).some((one) => running.has(one)),
    )
    .flatMap((service) => publishedPorts(service));
  const coturn = variablesOf(
    readFileSync(join(folder, "coturn/turnserver.conf"), "utf8").replaceAll(/^[^=]*$/gm, ""),
  );
  const listening = coturn["listening-port"];
  const relay = eachPort(`${coturn["min-port"]}-${coturn["max-port"]}`, "udp");
  return [...published, ...eachPort(listening, "udp"), ...eachPort(listening, "tcp"), ...relay].sort();
}

test("the firewall's lines are the ports that services open, and nftables takes them", () => {
  const folder = house.copy();
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
    const expected = [
      ...openedPorts(variable(folder, "global.env", "COMPOSE_PROFILES"), folder),
      "22",
    ].sort();
    const printed = run(["--print-firewall", "--output", folder]).text;
    const ufw = [...printed.matchAll(/^ufw allow ([\d:]+)\/(tcp|udp)/gm)];
    expect(ufw.flatMap(([, range, protocol]) => eachPort(range, protocol)).sort()).toEqual(expected);
    const table = readFileSync(join(folder, "firewall/nftables.conf"), "utf8");
    const accepted = [...table.matchAll(/^(?!.*\$encoders6).*(tcp|udp) dport ([\d-]+) accept/gm)];
    expect(accepted.flatMap(([, protocol, range]) => eachPort(range, protocol)).sort()).toEqual(expected);
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
