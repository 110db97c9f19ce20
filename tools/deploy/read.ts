import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The folder that is checked. */
export const DEPLOY = fileURLToPath(new URL("../../deploy/", import.meta.url));

/** A value as it stands in a YAML file. */
export type Yaml = string | number | boolean | null | Yaml[] | { [name: string]: Yaml };
/** A mapping of it. */
export type YamlMap = { [name: string]: Yaml };

/** What the script would put in place of each word; not a house's, but of the same form. */
export const SAMPLE: Readonly<Record<string, string>> = {
  DOMAIN: "example.test",
  ACME_EMAIL: "it@example.test",
  PUBLIC_ADDRESS: "203.0.113.10",
  LOCAL_ADDRESS: "192.168.1.5",
  COMPOSE_PROJECT_NAME: "colourstream",
  COMPOSE_PROFILES: "ome,turn,mirotalk,edge",
  ENGINE: "ovenmediaengine",
  CONFERENCE: "mirotalk",
  EDGE_NAME: "edge1",
  OME_EDGES: "edge1=http://ome-edge:8081|https://edge1.colourstream.example.test",
  OME_ORIGIN: "ome-origin:9000",
  OME_ADMISSION_URL: "http://app:3000/ome/admission",
  MIROTALK_TURN_USERNAME: "2082758400:mirotalk",
  ...Object.fromEntries(
    [
      ...["POSTGRES_PASSWORD", "METRICS_TOKEN", "OME_API_TOKEN", "OME_WEBHOOK_SECRET", "TURN_SECRET"],
      ...["MIROTALK_API_KEY", "MIROTALK_JWT_KEY", "MIROTALK_PASSWORD", "MIROTALK_SESSION_SECRET"],
      "MIROTALK_TURN_CREDENTIAL",
    ].map((name) => [name, `sample-${name.toLowerCase()}-of-many-characters`]),
  ),
};

/** The text of a file of deploy/. */
export function textOf(path: string): string {
  return readFileSync(join(DEPLOY, path), "utf8");
}

/** A compose file with its anchors and merge keys resolved. */
export function parseCompose(text: string): YamlMap {
  return parse(text, { merge: true }) as YamlMap;
}

/** Every template, as the path that it is written to → its text. */
export function templates(): Map<string, string> {
  const folder = join(DEPLOY, "templates");
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".template"))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path).replace(/\.template$/, ""), readFileSync(path, "utf8")]),
  );
}

/** A template with the words filled in; throws for one that has no value. */
export function filled(template: string, values: Readonly<Record<string, string>> = SAMPLE): string {
  return template.replaceAll(/@([A-Z][A-Z_]*)@/g, (word, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing is given for ${word}`);
    return value;
  });
}

/** The variables of a filled env file. */
export function variablesOf(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      if (at < 1) throw new Error(`not a variable: ${line}`);
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** The mapping at a path of names; an empty one where there is none. */
export function mapAt(from: Yaml | undefined, ...path: string[]): YamlMap {
  let at: Yaml | undefined = from;
  for (const name of path) at = isMap(at) ? at[name] : undefined;
  return isMap(at) ? at : {};
}

/** The texts of a list; of a mapping, its names. */
export function listOf(value: Yaml | undefined): string[] {
  if (Array.isArray(value)) return value.map((item) => (isMap(item) ? JSON.stringify(item) : String(item)));
  return isMap(value) ? Object.keys(value) : [];
}

/** True for a mapping. */
export function isMap(value: Yaml | undefined): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
