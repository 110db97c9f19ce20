import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { writeCbor } from "./cbor.js";

/** The JSON forms of W3C Web Authentication Level 3, §5.1.8 and §5.1.9. */
type Json = Readonly<Record<string, unknown>>;

/** What is to be wrong with one answer; nothing, where it is left out. */
export type AuthenticatorFaults = {
  /** Says another relying party in the authenticator's signed bytes. */
  readonly rpId?: string;
  /** Answers another challenge than the one it was asked with, base64url. */
  readonly challenge?: string;
  /** Says another kind of ceremony, such as `webauthn.create`. */
  readonly type?: string;
  /** The person was not verified (flag UV off), or not even there (UP off). */
  readonly isVerified?: boolean;
  readonly isPresent?: boolean;
  /** The signature counter to say, whatever it stands at. */
  readonly counter?: number;
  /** Breaks the signature. */
  readonly isForged?: boolean;
  /** Says that it is another person's, base64url. */
  readonly userHandle?: string;
  /** Says that a page of another site had it in a frame. */
  readonly isCrossOrigin?: boolean;
};

/** Where the page is that asks, and what is to be wrong. */
export type Asking = AuthenticatorFaults & { readonly origin: string };

/** What kind of authenticator it is. */
export type AuthenticatorTraits = {
  /** How a browser says that it is reached. */
  readonly transports?: readonly string[];
  /** Flags BE and BS (§6.1.3): whether its passkeys can be, and are, on other devices too. */
  readonly isSynced?: boolean;
  readonly isBackedUp?: boolean;
  /** False: it keeps no signature counter and says 0 for ever, as those of Apple and Google do. */
  readonly counts?: boolean;
};

/** A browser with an authenticator, in software: makes passkeys and shows them, with faults where asked for. */
export type Authenticator = {
  /** `navigator.credentials.create()`: from the options that the server gave to the answer for it. */
  create(options: Json, asking: Asking): Record<string, unknown>;
  /** `navigator.credentials.get()`: with the newest passkey that the options admit. */
  get(options: Json, asking: Asking): Record<string, unknown>;
  /** The ids of its passkeys, oldest first. */
  ids(): string[];
};

/** The flags of authenticator data (§6.1): present, verified, backup eligible, backed up, a key follows. */
const FLAG = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40 } as const;
const COSE = { kty: 1, alg: 3, crv: -1, x: -2, y: -3 } as const; // RFC 9052 §7, RFC 9053 §7.1.1
const EC2 = 2;
const ES256 = -7;
const P256 = 1;

type Kept = { id: Buffer; rpId: string; userHandle: string; privateKey: KeyObject; counter: number };

/** An authenticator without passkeys. */
export function createAuthenticator(traits: AuthenticatorTraits = {}): Authenticator {
  const { transports = ["internal"], isSynced = false, isBackedUp = isSynced, counts = true } = traits;
  const kept: Kept[] = [];

  const signedBytes = (one: Kept, rpId: string, asking: Asking, key: Buffer | null): Buffer => {
    const { isPresent = true, isVerified = true } = asking;
    if (counts) one.counter += 1;
    const flags =
      (isPresent ? FLAG.UP : 0) |
      (isVerified ? FLAG.UV : 0) |
      (isSynced ? FLAG.BE : 0) |
      (isBackedUp ? FLAG.BS : 0) |
      (key === null ? 0 : FLAG.AT);
    const fixed = Buffer.alloc(5);
    fixed.writeUInt8(flags, 0);
    fixed.writeUInt32BE(asking.counter ?? one.counter, 1);
    const idLength = Buffer.of(one.id.length >> 8, one.id.length & 0xff);
    const attested = key === null ? [] : [Buffer.alloc(16), idLength, one.id, key]; // §6.5.1; no model: zeros
    return Buffer.concat([sha256(asking.rpId ?? rpId), fixed, ...attested]);
  };

  return {
    create: (options, asking) => {
      const rpId = textOf(options, "rp", "id");
      for (const { id } of listOf(options, "excludeCredentials")) {
        if (kept.some((one) => base64url(one.id) === id))
          throw new Error("InvalidStateError: this authenticator holds one of the account's passkeys");
      }
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const { x = "", y = "" } = publicKey.export({ format: "jwk" });
      const one: Kept = {
        id: randomBytes(32),
        rpId,
        userHandle: textOf(options, "user", "id"),
        privateKey,
        counter: 0,
      };
      const key = writeCbor(
        new Map<number, number | Uint8Array>([
          [COSE.kty, EC2],
          [COSE.alg, ES256],
          [COSE.crv, P256],
          [COSE.x, Buffer.from(x, "base64url")],
          [COSE.y, Buffer.from(y, "base64url")],
        ]),
      );
      const authData = signedBytes(one, rpId, asking, key);
      kept.push(one);
      const attestationObject = writeCbor(
        new Map<string, string | Uint8Array | Map<string, never>>([
          ["fmt", "none"],
          ["attStmt", new Map<string, never>()],
          ["authData", authData],
        ]),
      );
      return credential(one, {
        clientDataJSON: base64url(clientData("webauthn.create", options, asking)),
        attestationObject: base64url(attestationObject),
        transports: [...transports],
      });
    },

    get: (options, asking) => {
      const rpId = textOf(options, "rpId");
      const allowed = listOf(options, "allowCredentials").map(({ id }) => id);
      const fits = kept.filter(
        (one) => one.rpId === rpId && (allowed.length === 0 || allowed.includes(base64url(one.id))),
      );
      const one = fits.at(-1);
      if (one === undefined) throw new Error("NotAllowedError: no passkey of this authenticator fits");
      const authData = signedBytes(one, rpId, asking, null);
      const client = clientData("webauthn.get", options, asking);
      const signature = sign("sha256", Buffer.concat([authData, sha256(client)]), one.privateKey);
      if (asking.isForged === true)
        signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1);
      return credential(one, {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(authData),
        signature: base64url(signature),
        userHandle: asking.userHandle ?? one.userHandle,
      });
    },

    ids: () => kept.map(({ id }) => base64url(id)),
  };
}

/** §5.8.1: what the browser itself says of the ceremony. */
function clientData(type: string, options: Json, asking: Asking): Buffer {
  const { origin, isCrossOrigin = false } = asking;
  const challenge = asking.challenge ?? textOf(options, "challenge");
  return Buffer.from(
    JSON.stringify({ type: asking.type ?? type, challenge, origin, crossOrigin: isCrossOrigin }),
  );
}

function credential({ id }: Kept, response: Json): Record<string, unknown> {
  return {
    id: base64url(id),
    rawId: base64url(id),
    type: "public-key",
    authenticatorAttachment: "platform",
    clientExtensionResults: {},
    response,
  };
}

function textOf(json: Json, ...path: string[]): string {
  let at: unknown = json;
  for (const name of path) at = typeof at === "object" && at !== null ? (at as Json)[name] : undefined;
  if (typeof at !== "string")
    throw new Error(`the options have no ${path.join(".")}: ${JSON.stringify(json)}`);
  return at;
}

function listOf(json: Json, name: string): { readonly id: string }[] {
  const list = json[name] ?? [];
  if (!Array.isArray(list)) throw new Error(`${name} is no list: ${JSON.stringify(list)}`);
  return list as { id: string }[];
}

function sha256(of: string | Buffer): Buffer {
  return createHash("sha256").update(of).digest();
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
