import { isDeepStrictEqual } from "node:util";
import { PRODUCT_ISSUER, type PublicKey, type PublicKeys } from "@colourstream/media";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import type { Bus } from "../bus/bus.js";
import { rereadAfterGaps } from "../bus/reread.js";
import { randomSecret, type Sealer } from "../secrets.js";
import type { ServiceKeyStore } from "../store/service-keys.js";

/** Signs what the server says to other services: JWTs (RFC 7519) by EdDSA, with `kid`, for 60 s. */
export type ServiceKeys = {
  /** A token for one audience. `before`: by the key before, for a service that has not heard of the newest yet. */
  sign(audience: string, by?: "newest" | "before"): Promise<string>;
  /** The public keys that are believed now (RFC 7517 §5). */
  jwks(): PublicKeys;
  /** Makes a new key; the one before is believed as well, older ones no longer. */
  rotate(): Promise<void>;
  /** Rotates when the newest key is 30 days old. True when it did. */
  rotateWhenDue(): Promise<boolean>;
  /** Told after every rotation. */
  onRotated(listener: () => void): void;
};

const TOKEN_S = 60;
const ROTATE_MS = 30 * 24 * 3_600_000;
const ALGORITHM = "EdDSA"; // RFC 8037 §3.1

type Key = {
  readonly kid: string;
  readonly jwk: JWK;
  readonly public: PublicKey;
  readonly createdAt: number;
};

/** Reads the keys, making the first one when there is none. */
export async function openServiceKeys(
  store: ServiceKeyStore,
  sealer: Sealer,
  wallClock: () => number,
  bus: Pick<Bus, "say" | "hear" | "onGap">,
  warn: (message: string, error: unknown) => void,
): Promise<ServiceKeys> {
  const listeners: (() => void)[] = [];

  const read = async (): Promise<Key[]> => {
    const rows = (await store.all()).slice(0, 2);
    return rows.map(({ id, sealedKey, createdAt }) => {
      const jwk = JSON.parse(sealer.unseal(purposeOf(id), sealedKey)) as JWK;
      return { kid: id, jwk, public: publicOf(jwk, id), createdAt: createdAt.getTime() };
    });
  };

  let keys = await read();
  const makeKey = async (): Promise<void> => {
    const { privateKey } = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk); // RFC 7638: the key names itself
    const sealedKey = sealer.seal(purposeOf(kid), JSON.stringify(jwk));
    // The newest is the one made last, also when the clock was set back meanwhile.
    const createdAt = Math.max(wallClock(), (keys[0]?.createdAt ?? 0) + 1);
    await store.add({ id: kid, sealedKey, createdAt: new Date(createdAt) }, 1);
  };

  if (keys.length === 0) {
    await makeKey();
    keys = await read();
    bus.say("service-keys", null);
  }

  const readAgain = rereadAfterGaps(
    bus,
    async () => {
      const before = keys.map(({ kid }) => kid);
      keys = await read();
      if (
        isDeepStrictEqual(
          keys.map(({ kid }) => kid),
          before,
        )
      )
        return;
      for (const listener of listeners) listener();
    },
    (error) => warn("the service keys were not read again", error),
  );
  bus.hear("service-keys", readAgain);

  const rotate = async (): Promise<void> => {
    await makeKey();
    keys = await read();
    bus.say("service-keys", null);
    for (const listener of listeners) listener();
  };

  return {
    sign: async (audience, by = "newest") => {
      const key = (by === "before" ? keys[1] : undefined) ?? keys[0];
      if (key === undefined) throw new Error("there is no signing key");
      const now = Math.floor(wallClock() / 1000);
      return new SignJWT({})
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
        .setIssuer(PRODUCT_ISSUER)
        .setAudience(audience)
        .setJti(randomSecret(16))
        .setIssuedAt(now)
        .setExpirationTime(now + TOKEN_S)
        .sign(await importJWK(key.jwk, ALGORITHM));
    },
    jwks: () => ({ keys: keys.map((key) => key.public) }),
    rotate,
    rotateWhenDue: async () => {
      const newest = keys[0];
      if (newest !== undefined && wallClock() - newest.createdAt < ROTATE_MS) return false;
      await rotate();
      return true;
    },
    onRotated: (listener) => {
      listeners.push(listener);
    },
  };
}

function publicOf({ x }: JWK, kid: string): PublicKey {
  if (x === undefined) throw new Error(`the service key ${kid} has no public half`);
  return { kty: "OKP", crv: "Ed25519", x, kid, alg: ALGORITHM, use: "sig" };
}

// The key's id is bound into the seal.
const purposeOf = (kid: string): string => `service-key ${kid}`;
