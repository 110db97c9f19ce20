import { ConfigError } from "../../config-error.js";
import { origin, type ReadText, secret } from "../../config-values.js";

/** One OvenMediaEngine server. */
export type OmeNode = {
  readonly name: string;
  /** Where its REST API is, inside; without a slash at the end. */
  readonly apiUrl: string;
  /** Where browsers and WHIP encoders reach it, as an http(s) origin; null: at PUBLIC_URL. */
  readonly publicUrl: string | null;
};

/** OvenMediaEngine: an origin that takes everything in, edges that help it to give out. */
export type OmeConfig = {
  readonly origin: OmeNode;
  readonly edges: readonly OmeNode[];
  /** The REST API's AccessToken. */
  readonly apiToken: string;
  /** SecretKey of AdmissionWebhooks. */
  readonly webhookSecret: string;
  readonly vhost: string;
  /** The one static application; rooms are stream names in it. */
  readonly app: string;
  /** The application that makes the rendition for every browser; null: there is none. */
  readonly universalApp: string | null;
  /** Where the origin's OVT is as the origin itself reaches it: the universal application pulls from there. */
  readonly ovtUrl: string;
  /** How many viewers the origin takes before edges are asked. */
  readonly originViewers: number;
  /** And each edge. */
  readonly edgeViewers: number;
};

const MOST_EDGES = 32;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads ENGINE and the OME_ variables; null: the embedded engine. */
export function readOme(text: ReadText): OmeConfig | null {
  const kind = text("ENGINE") ?? "embedded";
  if (kind === "embedded") return null;
  if (kind !== "ovenmediaengine") throw new ConfigError("ENGINE", kind, "embedded or ovenmediaengine");
  const secretOf = (name: string): string => secret(name, text(name), ", as ENGINE is ovenmediaengine");
  const named = (name: string, otherwise: string): string => {
    const value = text(name) ?? otherwise;
    if (!NAME.test(value)) throw new ConfigError(name, value, "letters, digits, - and _, at most 64");
    return value;
  };
  const count = (name: string, otherwise: number): number => {
    const value = text(name) ?? String(otherwise);
    if (!/^\d{1,6}$/.test(value)) throw new ConfigError(name, value, "a whole number");
    return Number(value);
  };
  const publicUrl = text("OME_PUBLIC_URL");
  if (publicUrl === null && text("PUBLIC_URL") === null)
    throw new ConfigError(
      "OME_PUBLIC_URL",
      "",
      "where players reach OvenMediaEngine, as there is no PUBLIC_URL",
    );
  const universal = text("OME_UNIVERSAL_APP") ?? "universal";
  return {
    origin: {
      name: "origin",
      apiUrl: originOf("OME_API_URL", text("OME_API_URL") ?? ""),
      publicUrl: publicUrl === null ? null : originOf("OME_PUBLIC_URL", publicUrl),
    },
    edges: edgesFrom(text("OME_EDGES") ?? ""),
    apiToken: secretOf("OME_API_TOKEN"),
    webhookSecret: secretOf("OME_WEBHOOK_SECRET"),
    vhost: named("OME_VHOST", "default"),
    app: named("OME_APP", "app"),
    universalApp: universal === "off" ? null : named("OME_UNIVERSAL_APP", universal),
    ovtUrl: ovtFrom(text("OME_OVT_URL") ?? "ovt://127.0.0.1:9000"),
    originViewers: count("OME_ORIGIN_VIEWERS", 60),
    edgeViewers: count("OME_EDGE_VIEWERS", 80),
  };
}

/** `name=api|public`, with commas between: `one=http://ome-edge:8081|https://edge1.example.org`. */
function edgesFrom(list: string): OmeNode[] {
  const edges = list.split(",").flatMap((entry) => {
    const one = entry.trim();
    if (one === "") return [];
    const [, name, api, address] = /^([A-Za-z0-9_-]{1,64})=([^|]+)\|(.+)$/.exec(one) ?? [];
    if (name === undefined || api === undefined || address === undefined)
      throw new ConfigError("OME_EDGES", one, "name=http://where-its-api-is|https://where-players-reach-it");
    return [{ name, apiUrl: originOf("OME_EDGES", api), publicUrl: originOf("OME_EDGES", address) }];
  });
  const names = new Set(edges.map(({ name }) => name));
  if (edges.length > MOST_EDGES || names.size < edges.length || names.has("origin"))
    throw new ConfigError("OME_EDGES", list, `at most ${MOST_EDGES} edges, each with a name of its own`);
  return edges;
}

function ovtFrom(value: string): string {
  if (!/^ovt:\/\/[A-Za-z0-9.-]+:\d{1,5}$/.test(value))
    throw new ConfigError("OME_OVT_URL", value, "an address such as ovt://127.0.0.1:9000");
  return value;
}

const originOf = (name: string, value: string): string => origin(name, value, "http://ome-origin:8081");
