import type { Static, TSchema } from "typebox";

/** Who may call a route: anybody, a signed-in owner or colourist, or someone who has joined the room (owners count). */
export type Access = "public" | "studio" | "room";

/** One address of the API: what goes in, what comes out, who may. Server and web take their types from it. */
export type Route = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With `:name` parameters, below `/api/v1`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** The body of a success; left out for 204. */
  readonly response?: TSchema;
  readonly status: 200 | 201 | 204;
};

/** Keeps a route's literal types. */
export function route<const R extends Route>(definition: R): R {
  return definition;
}

type Part<R, K extends string> = K extends keyof R
  ? R[K] extends TSchema
    ? Static<R[K]>
    : undefined
  : undefined;

/** What a route's path holds, as a plain type; `undefined` where the route has no parameters. */
export type ParamsOf<R> = Part<R, "params">;
/** What stands behind a route's question mark; `undefined` where the route takes nothing there. */
export type QueryOf<R> = Part<R, "query">;
/** The JSON that a route takes; `undefined` where it takes none. */
export type BodyOf<R> = Part<R, "body">;
/** The JSON of a route's success; `undefined` for 204. */
export type ResponseOf<R> = Part<R, "response">;
