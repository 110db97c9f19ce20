import { randomBytes } from "node:crypto";
import type { ApiToken, Scope } from "@colourstream/contract";
import { makeId } from "../domain/room.js";
import { TOKEN_PREFIX } from "../http/bearer.js";
import { hashSecret, randomSecret } from "../secrets.js";
import type { StoredToken, TokenStore } from "../store/tokens.js";
import type { StoredUser } from "../store/users.js";

/** What a token opens, as the access check sees it. */
export type TokenUse = {
  readonly id: string;
  readonly user: StoredUser;
  readonly scopes: readonly Scope[];
  /** Wall clock; null: it does not end by itself. */
  readonly expiresAt: number | null;
};

/** Keys for programs: 256 random bits behind `cst-`, kept as SHA-256, each for some scopes of its user. */
export type ApiTokens = {
  /** Null for what is unknown, over, revoked, or of somebody who is disabled. */
  find(secret: string, address: string): Promise<TokenUse | null>;
  list(userId: string): Promise<ApiToken[]>;
  /** Throws `TokenRefusedError` for an end in the past and for one token too many. */
  create(
    user: StoredUser,
    wish: { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt: number | null },
  ): Promise<{ readonly token: ApiToken; readonly secret: string }>;
  /** False when it is not theirs or not there. */
  revoke(userId: string, tokenId: string): Promise<boolean>;
  /** Ends all of a user's tokens for good, as when their account is disabled. */
  endOfUser(userId: string): Promise<void>;
};

/** A token that cannot be made; the message says why, for a person. */
export class TokenRefusedError extends Error {}

const SECRET_BYTES = 32;
const FORM = new RegExp(`^${TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);
const SHOWN = TOKEN_PREFIX.length + 4; // to tell one from another: 24 of its 256 bits
const MOST = 50;
const TOUCH_EVERY_MS = 60_000;

/** No token is held in memory: one that was revoked, in whatever way, opens nothing from then on. */
export function createApiTokens(
  store: TokenStore,
  wallClock: () => number,
  warn: (message: string, error: unknown) => void,
): ApiTokens {
  return {
    find: async (secret, address) => {
      if (!FORM.test(secret)) return null;
      const found = await store.bySecret(hashSecret(secret));
      if (found === null) return null;
      const { id, scopes, expiresAt, lastUsedAt } = found.token;
      const now = wallClock();
      if (expiresAt !== null && expiresAt.getTime() <= now) return null;
      const since = new Date(now - TOUCH_EVERY_MS);
      if (lastUsedAt === null || lastUsedAt < since) {
        store
          .touch(id, new Date(now), address, since)
          .catch((error) => warn("a token's use was not noted", error));
      }
      return { id, user: found.user, scopes, expiresAt: expiresAt?.getTime() ?? null };
    },
    list: async (userId) => (await store.ofUser(userId)).map(tokenFrom),
    create: async (user, { name, scopes, expiresAt }) => {
      const now = wallClock();
      if (expiresAt !== null && !(expiresAt > now && expiresAt < 8.64e15))
        throw new TokenRefusedError("expiresAt: must be in the future, or empty for never");
      const secret = TOKEN_PREFIX + randomSecret(SECRET_BYTES);
      const kept = await store.add(
        {
          id: makeId(randomBytes),
          userId: user.id,
          name: name.trim(),
          begins: secret.slice(0, SHOWN),
          secretHash: hashSecret(secret),
          scopes: [...scopes],
          createdAt: new Date(now),
          expiresAt: expiresAt === null ? null : new Date(expiresAt),
        },
        MOST,
      );
      if (kept === null)
        throw new TokenRefusedError(`You have ${MOST} API tokens already. Revoke one that is not used.`);
      return { token: tokenFrom(kept), secret };
    },
    revoke: (userId, tokenId) => store.remove(userId, tokenId),
    endOfUser: async (userId) => {
      await store.removeOfUser(userId);
    },
  };
}

function tokenFrom({ createdAt, expiresAt, lastUsedAt, ...token }: StoredToken): ApiToken {
  return {
    ...token,
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
    lastUsedAt: lastUsedAt?.getTime() ?? null,
  };
}
