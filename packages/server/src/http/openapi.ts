import {
  type Access,
  API_PREFIX,
  ERRORS,
  ErrorBody,
  type Route,
  type RouteName,
  routes,
} from "@colourstream/contract";
import type { TSchema } from "typebox";

/** Where the description of the API is. */
export const OPENAPI_PATH = "/api/openapi.json";

/** The whole contract as OpenAPI 3.1, whose schemas are the JSON Schemas that the contract is written in. */
export function describeApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name];
    const path = API_PREFIX + route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "ColourStream", version, license: { name: "AGPL-3.0-only", identifier: "AGPL-3.0-only" } },
    paths,
    components: {
      schemas: { Error: { ...ErrorBody, properties: { ...ErrorBody.properties, error: CODE } } },
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "session", description: "On https: __Host-session" },
        seat: {
          type: "apiKey",
          in: "cookie",
          name: "seat-{roomId}",
          description: "On https: __Host-seat-{roomId}",
        },
        token: { type: "http", scheme: "bearer", description: "An API token; it begins with cst-" },
      },
    },
  };
}

const CODE = {
  type: "string",
  enum: Object.keys(ERRORS),
  description: Object.entries(ERRORS)
    .map(([code, [status, text]]) => `${code} (${status}): ${text}`)
    .join("\n"),
};

const BY_SESSION = [{ session: [] }];
const BY_SEAT = [{ seat: [] }, { session: [] }];
const SECURITY: Record<Access, readonly object[]> = {
  public: [],
  enrol: BY_SESSION,
  studio: BY_SESSION,
  owner: BY_SESSION,
  seat: BY_SEAT,
  room: BY_SEAT,
  host: BY_SEAT,
};

function security({ access, scope }: Route): readonly object[] {
  return scope === undefined ? SECURITY[access] : [...SECURITY[access], { token: [scope] }];
}

function operation(name: string, route: Route): object {
  const json = (schema: object) => ({ "application/json": { schema } });
  return {
    operationId: name,
    summary: route.summary,
    security: security(route),
    ...(route.stepUp && {
      "x-step-up": true,
      description: "Wants a passkey that was shown recently; else 403 step_up_required.",
    }),
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query")],
    ...(route.body && { requestBody: { required: true, content: json(route.body) } }),
    responses: {
      [route.status]: {
        description: route.response === undefined ? "Done" : "Success",
        ...(route.response && {
          content: { [route.produces ?? "application/json"]: { schema: route.response } },
        }),
      },
      default: { description: "A refusal", content: json({ $ref: "#/components/schemas/Error" }) },
    },
  };
}

function parameters(schema: TSchema | undefined, where: "path" | "query"): object[] {
  if (schema === undefined || !("properties" in schema)) return [];
  const required = "required" in schema ? (schema.required as string[]) : [];
  return Object.entries(schema.properties as Record<string, object>).map(([name, of]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: of,
  }));
}
