import type { Session } from "@colourstream/contract";
import type { LiveSession } from "../auth/sessions.js";
import type { Product } from "./context.js";

/** What a browser is told of its login, and of how one can sign in. */
export async function viewSession(
  product: Pick<Product, "setUp" | "relyingParty" | "config" | "wallClock">,
  session: Pick<LiveSession, "holder"> | null,
): Promise<Session> {
  const { setUp, relyingParty, config, wallClock } = product;
  const holder = session?.holder.kind === "user" ? session.holder : null;
  const provedUntil = holder?.provedAt == null ? null : holder.provedAt + config.stepUpMs;
  return {
    user: holder?.user ?? null,
    stage: holder?.stage ?? "none",
    setUpNeeded: await setUp.isNeeded(),
    passwordWorks: await setUp.passwordWorks(),
    passkeyOrigin: relyingParty().origin,
    provedUntil: provedUntil !== null && provedUntil > wallClock() ? provedUntil : null,
  };
}
