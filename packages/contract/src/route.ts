import type { Static, TSchema } from "typebox";

/**
 * Who may call a route. `public`: anybody. `enrol`: signed in, also before the first passkey. `studio`: signed in as
 * owner or colourist; a room in the path must be theirs. `owner`: the owner. `seat`: has joined the room in the path,
 * also while still waiting to be let in. `room`: was let in. `host`: was let in as presenter. Owner and colourist of
 * a room count as its hosts.
 */
export type Access = "public" | "enrol" | "studio" | "owner" | "seat" | "room" | "host";

/** What an API token may be made for, each with a sentence for the person who ticks it. */
export const SCOPES = {
  "rooms:read": "See rooms and what is live in them",
  "rooms:write": "Make, change, end and delete rooms; start the test signal",
  "keys:read": "Read and rotate stream keys",
  "people:read": "See who is in a room, and its invitations with their links",
  "people:write": "Invite, let in and remove people",
  "chat:read": "Read the chat of rooms, but not what is said on the client’s side",
  "talk:write": "Press your talk button: open and close your own microphone in a room's call",
  "recordings:read": "See, play and download recordings",
  "recordings:write": "Start, stop, rename and delete recordings",
  "audit:read": "Read the audit log",
} as const;
/** One of the things an API token may do. */
export type Scope = keyof typeof SCOPES;

/** One address of the API: what goes in, what comes out, who may. Server and web take their types from it. */
export type Route = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With `:name` parameters, below `/api/v1`. */
  readonly path: string;
  readonly access: Access;
  /** The API tokens that open it; without one, only a browser's session does. */
  readonly scope?: Scope;
  /** Needs a passkey's proof that is not old: `step_up_required` asks for a new one. */
  readonly stepUp?: true;
  readonly summary: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** The body of a success; left out for 204. */
  readonly response?: TSchema;
  /** The media type of a success that is a file to download and not JSON; its `response` is then a string. */
  readonly produces?: "text/csv" | "text/calendar" | "text/plain";
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
