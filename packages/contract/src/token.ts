import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route, SCOPES, type Scope } from "./route.js";

const time = Type.Number({ description: "ms since 1970" });
const scope = Type.Unsafe<Scope>(Type.Enum(Object.keys(SCOPES)));

/** A key for a program. It can do at most what the person who made it can. */
export const ApiToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** Its first characters, to tell it from others. */
  begins: Type.String(),
  scopes: Type.Array(scope),
  createdAt: time,
  expiresAt: Nullable(time),
  lastUsedAt: Nullable(time),
  lastUsedFrom: Nullable(Type.String()),
});
export type ApiToken = Static<typeof ApiToken>;

/** One's own API tokens: `Authorization: Bearer …` in place of a browser's session. */
export const tokenRoutes = {
  listTokens: route({
    method: "GET",
    path: "/tokens",
    access: "studio",
    summary: "One's own API tokens",
    response: Type.Object({ tokens: Type.Array(ApiToken) }),
    status: 200,
  }),
  createToken: route({
    method: "POST",
    path: "/tokens",
    access: "studio",
    stepUp: true,
    summary: "Makes an API token; its secret is in this answer and nowhere else",
    body: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 60, pattern: "\\S" }),
        scopes: Type.Array(scope, { minItems: 1, maxItems: Object.keys(SCOPES).length, uniqueItems: true }),
        expiresAt: Nullable(time),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ token: ApiToken, secret: Type.String() }),
    status: 201,
  }),
  revokeToken: route({
    method: "DELETE",
    path: "/tokens/:tokenId",
    access: "studio",
    summary: "Ends an API token of one's own at once",
    params: Type.Object({ tokenId: Type.String({ minLength: 1, maxLength: 64 }) }),
    status: 204,
  }),
} as const;
