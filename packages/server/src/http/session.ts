import type { Session, sessionRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** Signing in and out. Most of it is not built yet. */
export function sessionHandlers(product: Product, cookies: Cookies): HandlersOf<typeof sessionRoutes> {
  const { sessions, journal, relyingParty } = product;
  const notYet = (): Promise<never> => Promise.reject(new ApiError("internal"));
  return {
    readSession: async ({ who: { login } }): Promise<Session> => ({
      user: login?.user ?? null,
      stage: login?.session.holder.stage ?? "none",
      setUpNeeded: false,
      passwordWorks: false,
      passkeyOrigin: relyingParty().origin,
      provedUntil: null,
    }),
    signOut: async ({ who, actor, reply }) => {
      await sessions.end(who.session.id, "session-ended");
      await journal.note("session.ended", actor);
      cookies.clearUser(reply);
      return undefined;
    },
    checkCode: notYet,
    setUp: notYet,
    signInByPassword: notYet,
    beginSignIn: notYet,
    signIn: notYet,
    beginStepUp: notYet,
    stepUp: notYet,
    listSessions: notYet,
    endSession: notYet,
    endSessions: notYet,
  };
}
