import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { chromiumLaunch } from "./browser.js";

/** A house with one line to this machine, which everything in it shares. */
export type House = {
  /** This machine's address, as the house reaches it. */
  readonly here: string;
  /** A browser in the house. `http://localhost` there is this machine: the one name that is secure without a certificate. */
  launch(options?: string[]): Promise<Browser>;
  /** From now on so much fits through the line in each direction; what waits longer than a router would keep it is lost. */
  limit(bitsPerSecond: number): void;
  /** Nothing passes any more, and nobody is told. */
  cut(): void;
  /** The line is as it was at first. */
  restore(): void;
  remove(): Promise<void>;
};

const QUEUE_MS = 200; // a usual router's buffer
const BURST_BYTES = 6_000; // four packets back to back

let houses = 0;

/** Why this machine cannot have houses, or null: they need root, iproute2 and the kernel's token bucket. */
export function whyNoHouse(): string | null {
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  const probe = `cs-try-${process.pid}`;
  if (!run("ip", "netns", "add", probe)) return "this kernel or container has no network namespaces";
  const made = run("tc", "-n", probe, "qdisc", "replace", "dev", "lo", "root", ...bucket(1_000_000));
  run("ip", "netns", "del", probe);
  return made ? null : "this kernel has no token bucket (tc tbf)";
}

/** Builds one: a network namespace and a cable. */
export function buildHouse(): House {
  houses += 1;
  const name = `cs-house-${process.pid}-${houses}`;
  const [outside, inside] = [`csh${process.pid}x${houses}`, `csp${process.pid}x${houses}`];
  const net = `10.${200 + (process.pid % 50)}.${houses}`;
  const folder = mkdtempSync(join(tmpdir(), "cs-house-"));
  const browsers: Browser[] = [];
  const { executablePath, args } = chromiumLaunch();
  const launcher = join(folder, "chromium");
  writeFileSync(launcher, `#!/bin/sh\nexec ip netns exec ${name} ${executablePath} "$@"\n`, { mode: 0o755 });
  must("ip", "netns", "add", name);
  must("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name);
  must("ip", "addr", "add", `${net}.1/24`, "dev", outside);
  must("ip", "link", "set", outside, "up");
  must("ip", "-n", name, "link", "set", "lo", "up");
  must("ip", "-n", name, "addr", "add", `${net}.2/24`, "dev", inside);
  must("ip", "-n", name, "link", "set", inside, "up");

  const shape = (words: readonly string[]) => {
    must("tc", "qdisc", "replace", "dev", outside, "root", ...words);
    must("tc", "-n", name, "qdisc", "replace", "dev", inside, "root", ...words);
  };
  return {
    here: `${net}.1`,
    async launch(options = []) {
      const elsewhere = [`--host-resolver-rules=MAP localhost ${net}.1`];
      const browser = await chromium.launch({
        executablePath: launcher,
        args: [...args, ...elsewhere, ...options],
      });
      browsers.push(browser);
      return browser;
    },
    limit: (bitsPerSecond) => shape(bucket(bitsPerSecond)),
    // A bucket that holds less than any packet: all are dropped where they would go out.
    cut: () => shape(["tbf", "rate", "8kbit", "burst", "20", "limit", "20"]),
    restore: () => shape(["pfifo", "limit", "1000"]),
    async remove() {
      for (const browser of browsers) await browser.close();
      run("ip", "netns", "del", name);
      run("ip", "link", "del", outside);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function bucket(bitsPerSecond: number): string[] {
  const [rate, burst] = [`${Math.round(bitsPerSecond)}bit`, `${BURST_BYTES}b`];
  return ["tbf", "rate", rate, "burst", burst, "latency", `${QUEUE_MS}ms`];
}

function run(command: string, ...words: string[]): boolean {
  return spawnSync(command, words).status === 0;
}

function must(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${stderr}`);
}
