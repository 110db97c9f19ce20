import type { Session, sessionRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** Signing in and out. */
export function sessionHandlers(product: Product, cookies: Cookies): HandlersOf<typeof sessionRoutes> {
  const { setUp, sessions, guesses, journal } = product;
  return {
    readSession: async ({ who: { login } }): Promise<Session> => ({
      user: login?.user ?? null,
      setUpNeeded: await setUp.isNeeded(),
    }),

    setUp: async ({ body, actor, request, reply }) => {
      const guess = { target: null, address: request.ip };
      const wait = guesses.take(guess);
      if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
      const wasNeeded = await setUp.isNeeded();
      const user = await setUp.spend(body.code, body.name);
      if (user === null) {
        await journal.note("set-up.refused", actor);
        throw new ApiError("set_up_code_wrong");
      }
      guesses.giveBack(guess);
      const { session, token } = await sessions.startUser(user);
      await journal.note(wasNeeded ? "owner.set-up" : "owner.recovered", { ...actor, actorId: user.id });
      cookies.setUser(reply, token, session.expiresAt);
      return { user, setUpNeeded: false };
    },

    signOut: async ({ who, actor, reply }) => {
      await sessions.end(who.session);
      await product.engine.disconnect({ participantId: who.session.id });
      await journal.note("session.ended", actor);
      cookies.clearUser(reply);
      return undefined;
    },
  };
}
