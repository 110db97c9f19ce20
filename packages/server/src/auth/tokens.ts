import type { ApiToken, Scope } from "@colourstream/contract";
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
  create(
    user: StoredUser,
    wish: { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt: number | null },
  ): Promise<{ readonly token: ApiToken; readonly secret: string }>;
  /** False when it is not theirs or not there. */
  revoke(userId: string, tokenId: string): Promise<boolean>;
};

export function createApiTokens(): ApiTokens {
  return { find: async () => null, list: async () => [], create: notYet, revoke: notYet };
}
const notYet = (): never => {
  throw new Error("not built yet");
};
