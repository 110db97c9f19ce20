import { ERRORS, type Route, routes, SCOPES } from "@colourstream/contract";
import { expect, test } from "vitest";
import { writeApiDocs } from "./api-docs.js";

const page = writeApiDocs();

test("every route, scope and code of the contract is on the page", () => {
  for (const [name, { method, path }] of Object.entries<Route>(routes)) {
    expect(page).toContain(`| \`${method} ${path}\` |`);
    expect(page).toContain(`(\`${name}\`)`);
  }
  for (const scope of Object.keys(SCOPES)) expect(page).toContain(`| \`${scope}\` |`);
  for (const code of Object.keys(ERRORS)) expect(page).toContain(`| \`${code}\` |`);
});

test("every shape that is named has its fields, and every link on the page a place to go", () => {
  const headings = new Set([...page.matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text.toLowerCase()));
  const links = [...page.matchAll(/\]\(#([a-z]+)\)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((target) => !headings.has(target))).toEqual([]);
  expect(page).not.toContain("undefined");
});
