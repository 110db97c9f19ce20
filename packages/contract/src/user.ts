import { type Static, Type } from "typebox";
import { route } from "./route.js";
import { PersonName, Session } from "./session.js";

/** An account as the owner sees it. */
export const Account = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Union([Type.Literal("owner"), Type.Literal("colourist")]),
  /** `invited`: has no passkey yet. */
  state: Type.Union([Type.Literal("invited"), Type.Literal("active"), Type.Literal("disabled")]),
  createdAt: Type.Number({ description: "ms since 1970" }),
  lastSeenAt: Type.Union([Type.Null(), Type.Number({ description: "ms since 1970" })]),
  passkeys: Type.Integer(),
  rooms: Type.Integer(),
  /** Until when the link that was given out last can be used; null: there is none. */
  linkUntil: Type.Union([Type.Null(), Type.Number({ description: "ms since 1970" })]),
});
export type Account = Static<typeof Account>;

/** A one-time link for somebody's account. It is shown this once. */
export const AccountLink = Type.Object({
  account: Account,
  link: Type.String(),
  expiresAt: Type.Number({ description: "ms since 1970" }),
});
export type AccountLink = Static<typeof AccountLink>;

const UserParams = Type.Object({ userId: Type.String({ minLength: 1, maxLength: 64 }) });

/** The people with an account: the owner's affair, but for one's own name. */
export const userRoutes = {
  renameMe: route({
    method: "PATCH",
    path: "/me",
    access: "studio",
    summary: "Changes one's own name",
    body: Type.Object({ name: PersonName }, { additionalProperties: false }),
    response: Session,
    status: 200,
  }),
  listUsers: route({
    method: "GET",
    path: "/users",
    access: "owner",
    summary: "Everybody with an account",
    response: Type.Object({ users: Type.Array(Account) }),
    status: 200,
  }),
  inviteUser: route({
    method: "POST",
    path: "/users",
    access: "owner",
    stepUp: true,
    summary: "Makes a colourist's account and a one-time link for it, good for 7 days",
    body: Type.Object({ name: PersonName }, { additionalProperties: false }),
    response: AccountLink,
    status: 201,
  }),
  changeUser: route({
    method: "PATCH",
    path: "/users/:userId",
    access: "owner",
    stepUp: true,
    summary: "Renames, disables or enables a colourist; disabling ends their logins and tokens at once",
    params: UserParams,
    body: Type.Object(
      { name: Type.Optional(PersonName), disabled: Type.Optional(Type.Boolean()) },
      { additionalProperties: false },
    ),
    response: Account,
    status: 200,
  }),
  makeUserLink: route({
    method: "POST",
    path: "/users/:userId/link",
    access: "owner",
    stepUp: true,
    summary: "A new one-time link for a colourist who has lost theirs, or every passkey; earlier ones end",
    params: UserParams,
    response: AccountLink,
    status: 201,
  }),
  deleteUser: route({
    method: "DELETE",
    path: "/users/:userId",
    access: "owner",
    stepUp: true,
    summary: "Deletes a colourist's account for good; their rooms become the owner's",
    params: UserParams,
    status: 204,
  }),
  handOver: route({
    method: "POST",
    path: "/users/:userId/hand-over",
    access: "owner",
    stepUp: true,
    summary: "Makes an active colourist the owner, and the owner a colourist",
    params: UserParams,
    status: 204,
  }),
} as const;
