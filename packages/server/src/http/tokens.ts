import type { tokenRoutes } from "@colourstream/contract";
import { TokenRefusedError } from "../auth/tokens.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** One's own API tokens. */
export function tokenHandlers({ tokens, journal }: Product): HandlersOf<typeof tokenRoutes> {
  return {
    listTokens: async ({ who }) => ({ tokens: await tokens.list(who.user.id) }),

    createToken: async ({ who, body, actor }) => {
      try {
        const made = await tokens.create(who.user, body);
        const { name, scopes } = made.token;
        await journal.note("token.created", actor, { detail: `${name}: ${scopes.join(", ")}` });
        return made;
      } catch (error) {
        if (error instanceof TokenRefusedError)
          throw new ApiError("invalid_request", { message: error.message });
        throw error;
      }
    },

    revokeToken: async ({ who, params, actor }) => {
      const token = (await tokens.list(who.user.id)).find(({ id }) => id === params.tokenId);
      if (token === undefined || !(await tokens.revoke(who.user.id, token.id)))
        throw new ApiError("not_found");
      await journal.note("token.revoked", actor, { detail: token.name });
      return undefined;
    },
  };
}
