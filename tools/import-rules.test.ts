import { expect, test } from "vitest";
import { findViolations } from "./import-rules.js";
import { importsOf, scan } from "./source-scan.js";

const planted: [string, string, string][] = [
  [
    "packages/web/src/a.ts",
    'import { x } from "@colourstream/server";',
    "may not import @colourstream/server",
  ],
  ["packages/web/src/a.ts", 'export { x } from "../../media/src/wire/x.js";', "leaves packages/web"],
  [
    "packages/server/src/auth/a.ts",
    'import { a } from "../../../../tests/tools/authenticator.js";',
    "leaves packages/server",
  ],
  ["packages/server/src/a.ts", 'import "@colourstream/media/dist/hub.js";', "one entry"],
  ["packages/contract/src/a.ts", 'const x = await import("@colourstream/media");', "may not import"],
  ["packages/server/src/domain/room.ts", 'import { db } from "../store/db.js";', "domain/"],
  ["packages/server/src/domain/room.ts", 'import { randomBytes } from "node:crypto";', "domain/"],
  [
    "packages/media/src/wire/a.ts",
    'import type { U } from "../hub/access-unit.js";',
    "wire/ imports nothing",
  ],
  ["packages/media/src/wire/a.ts", 'import { connect } from "node:net";', "use no node:net"],
  ["packages/media/src/wire/a.ts", "const at = Date.now();", "Date.now"],
  ["packages/media/src/hub/a.ts", "const at = performance\n  .now();", "performance.now"],
  ["packages/media/src/hub/a.ts", 'import { e } from "../egress/whep/e.js";', "hub/ imports only wire/"],
  ["packages/media/src/ingest/rtmp/a.ts", 'import { e } from "../../egress/whep/e.js";', "meet only in hub/"],
  [
    "packages/media/src/egress/a.ts",
    'import { P } from "node-datachannel";',
    "belongs in media/src/transport/",
  ],
  [
    "packages/server/src/http/a.ts",
    'import { P } from "../generated/prisma/client.js";',
    "server/src/store/",
  ],
  ["packages/server/src/http/a.ts", 'import pg from "pg";', "server/src/store/"],
  ["packages/server/src/http/a.ts", 'const a = fetch("http://x");', "fetch: outgoing"],
  [
    "packages/server/src/obs/a.ts",
    'import { createServer, connect as c } from "node:net";',
    "connect of node:net",
  ],
  ["packages/server/src/http/a.ts", 'import { x } from "../main.js";', "is a program"],
  ["packages/web/src/ui/a.tsx", "<p dangerouslySetInnerHTML={{ __html: x }} />", "text is set as text"],
  ["packages/web/src/ui/a.ts", "element.innerHTML = x;", "text is set as text"],
];

test.each(planted)("%s: %s is found", (path, text, rule) => {
  const found = findViolations([{ path, text }]);
  expect(found).toHaveLength(1);
  expect(found[0]?.rule).toContain(rule);
});

const innocent: [string, string][] = [
  ["packages/server/src/a.ts", 'import { x } from "@colourstream/media";\nimport { y } from "./b.js";'],
  [
    "packages/media/src/wire/a.ts",
    '// import { x } from "node:net"\nconst text = "import x from \'node:net\'";',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source code to be scanned
  ["packages/media/src/wire/a.ts", "/** Date.now() */ const a = `Date.now() ${b} fetch(`;"],
  ["packages/media/src/wire/rtp/a.ts", 'import { ByteReader } from "../byte-reader.js";'],
  ["packages/media/src/hub/a.ts", 'import type { Socket } from "node:net";'],
  ["packages/media/src/hub/a.ts", 'import type { EngineStream } from "../control/protocol.js";'],
  ["packages/server/src/net/a.ts", 'const a = fetch("http://x");'],
  ["packages/server/src/http/a.ts", "app.fetch(1); const prefetch = 2;"],
  ["packages/media/src/wire/fuzz-main.ts", 'import { readFileSync } from "node:fs"; performance.now();'],
  ["packages/server/src/http/a.test.ts", 'const a = fetch("http://x");'],
  ["packages/server/src/http/a.test.ts", 'import { a } from "../../../../tests/tools/authenticator.js";'],
  ["packages/server/src/http/a.ts", 'import { createServer } from "node:net";'],
  ["packages/server/src/domain/room.ts", 'import { Room } from "@colourstream/contract";'],
  ["packages/media/src/hub/a.ts", "const quote = /[\"'`]/.test(x); const y = a / b / c; // Date.now()"],
];

test.each(innocent)("%s: %s is allowed", (path, text) => {
  expect(findViolations([{ path, text }])).toEqual([]);
});

test("every form of import is read with the names it takes", () => {
  const source = `
    import one, { two as other, type Three } from "a";
    import * as all from "b";
    import type { Four } from "c";
    export * from "d";
    export { five } from "e";
    import "f";
    const g = await import("g");
    type H = import("h").H;
    export const from = "not";
    export function i() { return "from"; }
  `;
  expect(importsOf(scan(source)).map(({ from, names, isTypeOnly }) => [from, names, isTypeOnly])).toEqual([
    ["a", ["one", "two", "Three"], false],
    ["b", [], false],
    ["c", ["Four"], true],
    ["d", [], false],
    ["e", ["five"], false],
    ["f", [], false],
    ["g", [], false],
    ["h", [], false],
  ]);
});
