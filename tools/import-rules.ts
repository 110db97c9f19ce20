import { dirname, join, normalize } from "node:path/posix";
import { type Import, importsOf, scan, type Token } from "./source-scan.js";

/** A source file, its path from the project's root with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string };

/** Where a rule of DESIGN.md, “Who may import whom”, is broken. */
export type Violation = { readonly path: string; readonly line: number; readonly rule: string };

type Rule = (file: SourceFile, one: Import, target: string | null) => string | null;

/** Packages of ours that a package may import, each by its one entry. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  media: [],
  server: ["contract", "media"],
  web: ["contract"],
};

const SOCKETS = [
  "net",
  "dgram",
  "http",
  "https",
  "http2",
  "tls",
  "dns",
  "fs",
  "child_process",
  "worker_threads",
];
const PRISMA = /^(?:@prisma\/|pglite-prisma-adapter$|pg$|@electric-sql\/)|generated\/prisma/;
const OUTGOING: Readonly<Record<string, readonly string[]>> = {
  net: ["connect", "createConnection", "Socket"],
  tls: ["connect"],
  http: ["request", "get", "Agent"],
  https: ["request", "get", "Agent"],
  http2: ["connect"],
  dgram: ["createSocket"],
};
const MAY_CALL_OUT = ["packages/server/src/net/", "packages/server/src/engine/embedded/"];

const RULES: readonly Rule[] = [
  function packagesImportByTheirEntry(file, one, target) {
    const own = packageOf(file.path);
    if (own === null) return null;
    // The server's tests share the tools of the suites that run the whole product, such as the authenticator.
    const isTool =
      target?.startsWith("tests/tools/") === true && /^packages\/server\/.*\.test\.ts$/.test(file.path);
    if (target !== null && !isTool && packageOf(target) !== own) return `${one.from} leaves packages/${own}`;
    const [, named, deeper] = /^@colourstream\/([^/]+)(\/.*)?$/.exec(one.from) ?? [];
    if (named === undefined) return null;
    if (deeper !== undefined) return `${one.from}: a package has one entry, @colourstream/${named}`;
    return MAY_IMPORT[own]?.includes(named) ? null : `packages/${own} may not import @colourstream/${named}`;
  },
  function domainStandsAlone(file, one, target) {
    if (!isIn(file, "packages/server/src/domain/")) return null;
    const isOwn = target?.startsWith("packages/server/src/domain/") ?? one.from === "@colourstream/contract";
    return isOwn ? null : `domain/ imports only itself and the contract, not ${one.from}`;
  },
  function wireStandsAlone(file, _one, target) {
    if (!isIn(file, "packages/media/src/wire/")) return null;
    if (target === null || target.startsWith("packages/media/src/wire/")) return null;
    return `wire/ imports nothing outside itself, not ${target}`;
  },
  function hubKnowsOnlyWire(file, one, target) {
    if (!isIn(file, "packages/media/src/hub/") || target === null) return null;
    if (/^packages\/media\/src\/(?:hub|wire)\//.test(target)) return null;
    // The words of the control protocol are the hub's too: it states what it knows in them.
    if (one.isTypeOnly && target === "packages/media/src/control/protocol") return null;
    return `hub/ imports only wire/, not ${one.from}`;
  },
  function ingestAndEgressMeetInTheHub(file, one, target) {
    const sides = ["ingest", "egress"].map((side) => `packages/media/src/${side}/`);
    const own = sides.find((side) => file.path.startsWith(side));
    const other = sides.find((side) => side !== own && (target?.startsWith(side) ?? false));
    return own === undefined || other === undefined
      ? null
      : `${own} and ${other} meet only in hub/, not by ${one.from}`;
  },
  function wireAndHubOpenNoSocket(file, one) {
    if (!isIn(file, "packages/media/src/wire/") && !isIn(file, "packages/media/src/hub/")) return null;
    const name = one.from.replace(/^node:/, "").replace(/\/.*/, "");
    return SOCKETS.includes(name) && !one.isTypeOnly ? `wire/ and hub/ use no ${one.from}` : null;
  },
  function theTransportHidesItsLibrary(file, one) {
    if (!/^node-datachannel/.test(one.from)) return null;
    return isIn(file, "packages/media/src/transport/")
      ? null
      : "node-datachannel belongs in media/src/transport/";
  },
  function theStoreHidesTheDatabase(file, one, target) {
    if (!PRISMA.test(target ?? one.from)) return null;
    return /^packages\/server\/(?:src\/(?:store|generated)\/|prisma)/.test(file.path)
      ? null
      : `${one.from} belongs in server/src/store/`;
  },
  function nobodyImportsMain(_file, one, target) {
    return target !== null && /^packages\/(?:media|server)\/src\/main$/.test(target)
      ? `${one.from} is a program`
      : null;
  },
  function outgoingConnectionsAreGuarded(file, one) {
    if (!isIn(file, "packages/server/src/") || MAY_CALL_OUT.some((folder) => isIn(file, folder))) return null;
    if (/^(?:undici|axios|got|node-fetch|ws)$/.test(one.from) && !one.isTypeOnly) return callsOut(one.from);
    if (one.isTypeOnly) return null;
    const name = one.from.replace(/^node:/, "");
    const calls = one.names.filter((used) => OUTGOING[name]?.includes(used));
    return calls.length === 0 ? null : callsOut(`${calls.join(", ")} of ${one.from}`);
  },
];

/** Everything that breaks a rule. Tests and fuzzers may import what they like within their package. */
export function findViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const tokens = scan(file.text);
    const isTest = /\.(?:test|fuzz)\.tsx?$|\/fuzz(?:-main)?\.ts$|\/testing\/|\/fixtures\//.test(file.path);
    const rules = isTest ? RULES.slice(0, 1) : RULES;
    const broken = importsOf(tokens).flatMap((one) => {
      const target = targetOf(file, one.from);
      return rules.flatMap((rule) => {
        const text = rule(file, one, target);
        return text === null ? [] : [{ path: file.path, line: one.line, rule: text }];
      });
    });
    return [...broken, ...(isTest ? [] : findWords(file, tokens))];
  });
}

/** Rules about what is called rather than imported. */
function findWords(file: SourceFile, tokens: readonly Token[]): Violation[] {
  const found: Violation[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "word") continue;
    const rule = wordRule(file, token, tokens[at - 1]?.text, tokens[at + 1]?.text, tokens[at + 2]?.text);
    if (rule !== null) found.push({ path: file.path, line: token.line, rule });
  }
  return found;
}

function wordRule(
  file: SourceFile,
  token: Token,
  before?: string,
  next?: string,
  second?: string,
): string | null {
  if (/^(?:dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML)$/.test(token.text)) {
    return `${token.text}: text is set as text`;
  }
  if (isIn(file, "packages/media/src/wire/") || isIn(file, "packages/media/src/hub/")) {
    const isClock = /^(?:Date|performance)$/.test(token.text) && next === "." && second === "now";
    if (isClock) return `${token.text}.now: time comes into wire/ and hub/ as an argument`;
  }
  const isGuarded = !isIn(file, "packages/server/src/") || MAY_CALL_OUT.some((folder) => isIn(file, folder));
  if (!isGuarded && token.text === "fetch" && next === "(" && before !== ".") return callsOut("fetch");
  return null;
}

function callsOut(what: string): string {
  return `${what}: outgoing connections belong in server/src/net/ (or engine/embedded/)`;
}

function isIn(file: SourceFile, folder: string): boolean {
  return file.path.startsWith(folder);
}

function packageOf(path: string): string | null {
  return /^packages\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** The path an import leads to within the project, without its ending; null for a package. */
function targetOf(file: SourceFile, from: string): string | null {
  if (!from.startsWith(".")) return null;
  return normalize(join(dirname(file.path), from)).replace(/\.(?:js|ts|tsx)$/, "");
}
