import { type Static, Type } from "typebox";
import { route } from "./route.js";
import { Session, WebAuthnJson } from "./session.js";

/** What a person calls a passkey: 1 to 60 characters. */
export const PasskeyName = Type.String({ minLength: 1, maxLength: 60, pattern: "\\S" });

/** A passkey as its holder sees it. */
export const Passkey = Type.Object({
  id: Type.String(),
  name: Type.String(),
  createdAt: Type.Number({ description: "ms since 1970" }),
  lastUsedAt: Type.Union([Type.Null(), Type.Number({ description: "ms since 1970" })]),
  /** Whether it can be copied to other devices of its holder at all (WebAuthn §6.1.3, flag BE). */
  isSynced: Type.Boolean(),
  /** Whether a copy exists now (flag BS): losing the device then loses nothing. */
  isBackedUp: Type.Boolean(),
  /** How it is reached: internal, hybrid, usb, nfc, ble. */
  transports: Type.Array(Type.String()),
});
export type Passkey = Static<typeof Passkey>;

const PasskeyParams = Type.Object({ passkeyId: Type.String({ minLength: 1, maxLength: 64 }) });

/** One's own passkeys. The last one cannot be removed. */
export const passkeyRoutes = {
  listPasskeys: route({
    method: "GET",
    path: "/passkeys",
    access: "studio",
    summary: "One's own passkeys",
    response: Type.Object({ passkeys: Type.Array(Passkey) }),
    status: 200,
  }),
  beginPasskey: route({
    method: "POST",
    path: "/passkeys/options",
    access: "enrol",
    stepUp: true,
    summary: "A challenge for adding a passkey; the first one needs no earlier proof",
    response: WebAuthnJson,
    status: 200,
  }),
  addPasskey: route({
    method: "POST",
    path: "/passkeys",
    access: "enrol",
    stepUp: true,
    summary: "Adds a passkey. The first one makes the session a full one and ends set-up link and password",
    body: Type.Object(
      { credential: WebAuthnJson, name: Type.Optional(PasskeyName) },
      { additionalProperties: false },
    ),
    response: Type.Object({ passkey: Passkey, session: Session }),
    status: 201,
  }),
  renamePasskey: route({
    method: "PATCH",
    path: "/passkeys/:passkeyId",
    access: "studio",
    summary: "Gives a passkey another name",
    params: PasskeyParams,
    body: Type.Object({ name: PasskeyName }, { additionalProperties: false }),
    response: Passkey,
    status: 200,
  }),
  removePasskey: route({
    method: "DELETE",
    path: "/passkeys/:passkeyId",
    access: "studio",
    stepUp: true,
    summary: "Removes a passkey; the last one stays",
    params: PasskeyParams,
    status: 204,
  }),
} as const;
