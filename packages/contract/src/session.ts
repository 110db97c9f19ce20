import { type Static, Type } from "typebox";
import { route } from "./route.js";

/** A person's name as others read it: 1 to 60 characters, not only spaces. */
export const PersonName = Type.String({ minLength: 1, maxLength: 60, pattern: "\\S" });

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
  /** `enrol`: let in by a link or the password, to add a first passkey and for nothing else. */
  stage: Type.Union([Type.Literal("none"), Type.Literal("enrol"), Type.Literal("full")]),
  /** True until the owner has a passkey. */
  setUpNeeded: Type.Boolean(),
  /** True while ADMIN_PASSWORD signs in: it is set, and the owner has no passkey yet. */
  passwordWorks: Type.Boolean(),
  /** The one origin at which passkeys work here; a page opened elsewhere leads there. */
  passkeyOrigin: Type.String(),
  /** Until when dangerous acts need no new proof by passkey, ms since 1970; null when one is needed now. */
  provedUntil: Type.Union([Type.Null(), Type.Number()]),
});
export type Session = Static<typeof Session>;

/** A login somewhere, as its owner sees it. */
export const Login = Type.Object({
  id: Type.String(),
  user: User,
  device: Type.String({ description: "Such as “Chrome on macOS”, from what the browser says of itself" }),
  address: Type.String({ description: "Where it was last seen from" }),
  createdAt: Type.Number({ description: "ms since 1970" }),
  lastSeenAt: Type.Number({ description: "ms since 1970; good to 5 minutes" }),
  expiresAt: Type.Number({ description: "ms since 1970; sooner when it lies idle" }),
  isThis: Type.Boolean({ description: "The session that asks" }),
});
export type Login = Static<typeof Login>;

/**
 * What the browser's WebAuthn API is asked with and what it answers, in the JSON of W3C Web Authentication Level 3
 * §5.1.8 and §5.1.9. The server checks every field of it: its form is not ours to narrow.
 */
export const WebAuthnJson = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), {
  maxProperties: 32,
});
export type WebAuthnJson = Static<typeof WebAuthnJson>;

const code = Type.String({ minLength: 1, maxLength: 128 });
const SessionParams = Type.Object({ sessionId: Type.String({ minLength: 1, maxLength: 64 }) });

/** Signing in and out, by passkey or (before there is one) by a one-time link or the password, and one's logins. */
export const sessionRoutes = {
  readSession: route({
    method: "GET",
    path: "/session",
    access: "public",
    summary: "Who is signed in in this browser, and how one can sign in",
    response: Session,
    status: 200,
  }),
  signOut: route({
    method: "DELETE",
    path: "/session",
    access: "enrol",
    summary: "Ends this browser's session at once",
    status: 204,
  }),
  checkCode: route({
    method: "POST",
    path: "/set-up/check",
    access: "public",
    summary: "What a one-time link is for, without spending it",
    body: Type.Object({ code }, { additionalProperties: false }),
    response: Type.Object({
      purpose: Type.Union([Type.Literal("set-up"), Type.Literal("recovery"), Type.Literal("colourist")]),
      name: Type.Union([
        Type.Null(),
        Type.String({ description: "Of the account; null: there is none yet" }),
      ]),
    }),
    status: 200,
  }),
  setUp: route({
    method: "POST",
    path: "/set-up",
    access: "public",
    summary:
      "Spends a one-time link: makes the owner, lets someone back in, or opens an invited colourist's account. The session it starts can only add a passkey",
    body: Type.Object({ code, name: Type.Optional(PersonName) }, { additionalProperties: false }),
    response: Session,
    status: 201,
  }),
  signInByPassword: route({
    method: "POST",
    path: "/sign-in/password",
    access: "public",
    summary: "Signs the owner in by ADMIN_PASSWORD while there is no passkey; the session can only add one",
    body: Type.Object(
      { password: Type.String({ maxLength: 256 }), name: Type.Optional(PersonName) },
      { additionalProperties: false },
    ),
    response: Session,
    status: 201,
  }),
  beginSignIn: route({
    method: "POST",
    path: "/sign-in/options",
    access: "public",
    summary: "A challenge for signing in by passkey; good once, for 5 minutes, in this browser",
    response: WebAuthnJson,
    status: 200,
  }),
  signIn: route({
    method: "POST",
    path: "/sign-in",
    access: "public",
    summary: "Signs in by passkey",
    body: Type.Object({ credential: WebAuthnJson }, { additionalProperties: false }),
    response: Session,
    status: 201,
  }),
  beginStepUp: route({
    method: "POST",
    path: "/step-up/options",
    access: "studio",
    summary: "A challenge for proving again who is there, before a dangerous act",
    response: WebAuthnJson,
    status: 200,
  }),
  stepUp: route({
    method: "POST",
    path: "/step-up",
    access: "studio",
    summary: "Proves again who is there; the session gets a new secret",
    body: Type.Object({ credential: WebAuthnJson }, { additionalProperties: false }),
    response: Session,
    status: 200,
  }),
  listSessions: route({
    method: "GET",
    path: "/sessions",
    access: "studio",
    summary: "One's own logins; the owner may ask for everybody's",
    query: Type.Object({ everybody: Type.Optional(Type.Boolean()) }),
    response: Type.Object({ sessions: Type.Array(Login) }),
    status: 200,
  }),
  endSession: route({
    method: "DELETE",
    path: "/sessions/:sessionId",
    access: "studio",
    summary: "Ends a login of one's own at once; the owner may end anybody's",
    params: SessionParams,
    status: 204,
  }),
  endSessions: route({
    method: "DELETE",
    path: "/sessions",
    access: "studio",
    summary: "Ends all logins of one's own at once, this one too unless it is to be kept",
    query: Type.Object({ keepThis: Type.Optional(Type.Boolean()) }),
    status: 204,
  }),
} as const;
