import { type Static, Type } from "typebox";
import { route } from "./route.js";

/** A person with an account. Reviewers and guests have none: they have joined a room. */
export const User = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Union([Type.Literal("owner"), Type.Literal("colourist")]),
});
export type User = Static<typeof User>;

/** Who is asking, and whether this ColourStream still waits for its owner. */
export const Session = Type.Object({
  user: Type.Union([Type.Null(), User]),
  setUpNeeded: Type.Boolean(),
});
export type Session = Static<typeof Session>;

/** Signing in by the one-time link, signing out, and finding out who is signed in: before a login, so mostly public. */
export const sessionRoutes = {
  readSession: route({
    method: "GET",
    path: "/session",
    access: "public",
    summary: "Who is signed in in this browser",
    response: Session,
    status: 200,
  }),
  setUp: route({
    method: "POST",
    path: "/set-up",
    access: "public",
    summary: "Spends the one-time code: makes the owner, or signs the owner in again after a recovery",
    body: Type.Object(
      {
        code: Type.String({ minLength: 1, maxLength: 128 }),
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 60, pattern: "\\S" })),
      },
      { additionalProperties: false },
    ),
    response: Session,
    status: 201,
  }),
  signOut: route({
    method: "DELETE",
    path: "/session",
    access: "studio",
    summary: "Ends this browser's session at once",
    status: 204,
  }),
} as const;
