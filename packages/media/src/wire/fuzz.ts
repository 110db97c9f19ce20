import { readdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ProtocolError } from "./protocol-error.js";

/** A parser under test: an `x.fuzz.ts` beside the parser exports one as `target`, or several as `targets`. */
export type FuzzTarget = {
  readonly name: string;
  /** Inputs that are right: mutations begin with them. */
  readonly seeds: readonly Uint8Array[];
  /** Throws `ProtocolError` when the input is refused; every other error is a finding. May assert invariants. */
  run(input: Uint8Array): void;
};

/** What a run over one target found. */
export type FuzzReport = {
  readonly name: string;
  readonly seed: number;
  readonly inputs: number;
  readonly accepted: number;
  readonly inputsPerSecond: number;
  /** Of processor time, here and below. */
  readonly slowestMs: number;
  /** 99.99 % of the inputs took no longer. */
  readonly p9999Ms: number;
  /** Growth of heap and buffers from the first tenth to the end, in bytes; negative when it shrank. */
  readonly heapGrowth: number;
  /** The first inputs that made trouble, in hex, with the reason. */
  readonly failures: readonly { readonly reason: string; readonly input: string }[];
};

/** reliability.md test 1. */
export const FUZZ_BAR = { slowestMs: 50, p9999Ms: 5, heapGrowth: 16 * 1024 * 1024 } as const;

const MAX_FAILURES = 5;

/** Inputs grow no longer than this by inserting and splicing. */
const MAX_INPUT_BYTES = 64 * 1024;

/** Mulberry32: a small seeded generator; 0 ≤ value < 1. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Finds every `*.fuzz` module in the package, in the source tree or in dist, wherever this module runs. */
export async function findFuzzTargets(): Promise<FuzzTarget[]> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const ending = import.meta.url.endsWith(".ts") ? ".fuzz.ts" : ".fuzz.js";
  const targets: FuzzTarget[] = [];
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(ending),
  );
  for (const path of paths.sort()) {
    const found = (await import(/* @vite-ignore */ pathToFileURL(root + path).href)) as {
      target?: FuzzTarget;
      targets?: FuzzTarget[];
    };
    const here = [...(found.target ? [found.target] : []), ...(found.targets ?? [])];
    if (here.length === 0) throw new Error(`${path} exports neither target nor targets`);
    targets.push(...here);
  }
  return targets;
}

/** Runs all targets, or those whose name contains `only`, and gives a report for each. */
export async function runFuzz(options: {
  readonly inputsPerTarget: number;
  readonly seed: number;
  readonly only?: string;
}): Promise<FuzzReport[]> {
  const targets = await findFuzzTargets();
  const chosen = targets.filter((target) => target.name.includes(options.only ?? ""));
  if (chosen.length === 0) throw new Error(`no fuzz target's name contains "${options.only}"`);
  return chosen.map((target) => fuzz(target, options.inputsPerTarget, options.seed));
}

/** Gives one target so many inputs: its seeds as they are, then mutations of them. */
export function fuzz(target: FuzzTarget, inputs: number, seed: number): FuzzReport {
  const random = mulberry32(seed);
  const times = startTimes();
  const failures: { reason: string; input: string }[] = [];
  let accepted = 0;
  let baseline = 0;
  const startedAt = performance.now();

  for (let i = 0; i < inputs && failures.length < MAX_FAILURES; i++) {
    if (i === Math.floor(inputs / 10)) baseline = used();
    const input = target.seeds[i]?.slice() ?? mutate(target.seeds, random);
    const copy = input.slice(); // a parser that writes into its input must not spoil the report
    const before = process.cpuUsage();
    try {
      target.run(input);
      accepted++;
    } catch (error) {
      if (!(error instanceof ProtocolError)) failures.push({ reason: String(error), input: hex(copy) });
    }
    const tookMs = cpuMsSince(before);
    times.add(tookMs);
    if (tookMs > FUZZ_BAR.slowestMs && slowAgain(target, copy)) {
      failures.push({ reason: `took ${tookMs.toFixed(1)} ms`, input: hex(copy) });
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    name: target.name,
    seed,
    inputs,
    accepted,
    inputsPerSecond: Math.round(inputs / seconds),
    slowestMs: times.slowest(),
    p9999Ms: times.quantile(0.9999),
    heapGrowth: used() - baseline,
    failures,
  };
}

/** Processor time, not wall time: on a busy machine any input may have to wait for its turn. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A garbage collection makes any input slow once: only one that is slow three times more is the parser's fault. */
function slowAgain(target: FuzzTarget, input: Uint8Array): boolean {
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage();
    try {
      target.run(input.slice());
    } catch (error) {
      if (!(error instanceof ProtocolError)) return true;
    }
    if (cpuMsSince(before) <= FUZZ_BAR.slowestMs) return false;
  }
  return true;
}

/** Memory in use, after a collection where the process was started with --expose-gc. */
function used(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A histogram of times with buckets of a twentieth more each: bounded, whatever the number of inputs. */
function startTimes() {
  const counts = new Uint32Array(512);
  let total = 0;
  let slowest = 0;
  const STEP = Math.log(1.05);
  return {
    add(ms: number): void {
      const bucket = Math.max(0, Math.min(511, Math.ceil(Math.log(Math.max(ms, 1e-4) / 1e-4) / STEP)));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total++;
      slowest = Math.max(slowest, ms);
    },
    slowest: () => slowest,
    quantile(part: number): number {
      let left = total * (1 - part);
      for (let bucket = 511; bucket >= 0; bucket--) {
        left -= counts[bucket] ?? 0;
        if (left < 0) return 1e-4 * Math.exp(STEP * bucket);
      }
      return 0;
    },
  };
}

const INTERESTING = [
  0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0xffffff, 0x7fffffff, 0xffffffff,
];

/** One to five mutations of a seed: flip, insert, delete, splice, truncate, repeat, interesting numbers. */
export function mutate(seeds: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (n: number) => Math.floor(random() * n);
  const pick = () => seeds[below(seeds.length)] ?? new Uint8Array(0);
  let bytes: Uint8Array = pick().slice();
  for (let n = 1 + below(5); n > 0; n--) {
    const at = below(bytes.length + 1);
    const length = Math.min(1 + below(random() < 0.9 ? 8 : 512), bytes.length - at);
    switch (below(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 2:
        bytes = join(
          bytes.subarray(0, at),
          Uint8Array.from({ length: 1 + below(8) }, () => below(256)),
          bytes.subarray(at),
        );
        break;
      case 3:
        bytes = join(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 4: {
        const other = pick();
        const from = below(other.length + 1);
        bytes = join(
          bytes.subarray(0, at),
          other.subarray(from, from + 1 + below(other.length + 1)),
          bytes.subarray(at + length),
        );
        break;
      }
      case 5:
        bytes = bytes.slice(0, at);
        break;
      case 6:
        bytes = join(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      default:
        writeNumber(bytes, at, 1 + below(4), INTERESTING[below(INTERESTING.length)] ?? 0, random() < 0.1);
    }
  }
  return bytes.length > MAX_INPUT_BYTES ? bytes.slice(0, MAX_INPUT_BYTES) : bytes;
}

function writeNumber(
  bytes: Uint8Array,
  at: number,
  size: number,
  value: number,
  littleEndian: boolean,
): void {
  for (let i = 0; i < size && at + i < bytes.length; i++) {
    bytes[at + i] = (value >>> (8 * (littleEndian ? i : size - 1 - i))) & 255;
  }
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 4096)).toString("hex");
}
