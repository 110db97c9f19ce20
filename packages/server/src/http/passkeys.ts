import type { passkeyRoutes } from "@colourstream/contract";
import { passkeyName } from "../auth/device-words.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { deviceOf } from "./device.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";
import { needPasskeyOrigin } from "./passkey-origin.js";
import { viewSession } from "./session-view.js";

/** One's own passkeys. */
export function passkeyHandlers(product: Product, cookies: Cookies): HandlersOf<typeof passkeyRoutes> {
  const { passkeys, sessions, journal, relyingParty } = product;
  return {
    listPasskeys: async ({ who }) => ({ passkeys: await passkeys.list(who.user.id) }),

    beginPasskey: async ({ who, request }) => {
      needPasskeyOrigin(request, relyingParty());
      return passkeys.beginRegistration(who.user, who.session.id);
    },

    addPasskey: async ({ who, body, actor, request, reply }) => {
      const { userAgent } = deviceOf(request);
      const added = await passkeys.register(
        who.user,
        who.session.id,
        body.credential,
        (transports) => body.name ?? passkeyName(transports, userAgent),
      );
      if ("refused" in added) {
        request.log.info({ reason: added.refused }, "a new passkey was refused");
        await journal.note("passkey.refused", actor);
        throw new ApiError("passkey_refused");
      }
      await journal.note("passkey.added", actor, { detail: added.name });
      if (who.session.holder.stage === "full")
        return { passkey: added, session: await viewSession(product, who.session) };
      const proved = await sessions.prove(who.session);
      if (proved === null) throw new ApiError("sign_in_needed"); // ended while the passkey was made
      cookies.setUser(reply, proved.token, proved.session.expiresAt);
      return { passkey: added, session: await viewSession(product, proved.session) };
    },

    renamePasskey: async ({ who, params, body, actor }) => {
      const renamed = await passkeys.rename(who.user.id, params.passkeyId, body.name);
      if (renamed === null) throw new ApiError("not_found");
      await journal.note("passkey.renamed", actor, { detail: renamed.name });
      return renamed;
    },

    removePasskey: async ({ who, params, actor }) => {
      const removed = await passkeys.remove(who.user.id, params.passkeyId);
      if (removed === "last") throw new ApiError("last_passkey");
      if (removed === "not-there") throw new ApiError("not_found");
      await journal.note("passkey.removed", actor, { detail: removed.name });
      return undefined;
    },
  };
}
