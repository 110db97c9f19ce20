import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readConfig } from "./config.js";

// What scripts/setup-template.sh would fill in, by the rules of deploy/README.md.
const WORDS: Readonly<Record<string, string>> = {
  DOMAIN: "example.test",
  ENGINE: "ovenmediaengine",
  CONFERENCE: "mirotalk",
  OME_EDGES: "edge1=http://ome-edge:8081|https://edge1.colourstream.example.test",
};

/** The variables of deploy/templates/env/app.env, as the container has them. */
function appEnv(words = WORDS): Record<string, string> {
  const template = readFileSync(
    new URL("../../../deploy/templates/env/app.env.template", import.meta.url),
    "utf8",
  );
  const filled = template.replaceAll(
    /@([A-Z][A-Z_]*)@/g,
    (_, name: string) => words[name] ?? `sample-${name}-of-many-characters`,
  );
  return Object.fromEntries(
    filled
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

test("the settings of deploy/ are taken in production, with every part of the house", () => {
  const config = readConfig(appEnv());
  expect(config.production).toBe(true);
  expect(config.ome?.edges.map(({ name }) => name)).toEqual(["edge1"]);
  expect(config.mirotalk?.url).toBe("https://video.colourstream.example.test");
  expect(config.turn?.urls).toHaveLength(4);
  expect(config.databaseUrl).toContain("@postgres:5432/");
});

test("a house without edges, with the embedded engine and the built-in conference, is taken too", () => {
  const config = readConfig(appEnv({ ...WORDS, ENGINE: "embedded", CONFERENCE: "builtin", OME_EDGES: "" }));
  expect(config.ome).toBeNull();
  expect(config.mirotalk).toBeNull();
  expect(readConfig(appEnv({ ...WORDS, OME_EDGES: "" })).ome?.edges).toEqual([]);
});

test("deploy/ sets no variable that nobody reads", () => {
  const asked = new Set<string>();
  const variables = appEnv();
  readConfig(
    new Proxy(variables, {
      get: (from, name) => {
        asked.add(String(name));
        return Reflect.get(from, name);
      },
    }),
  );
  expect(Object.keys(variables).filter((name) => !asked.has(name))).toEqual([]);
});
