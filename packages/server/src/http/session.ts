import type { Login, Session, sessionRoutes } from "@colourstream/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  createAttempts,
  type Guess,
  type GuessKind,
  type Limit,
  type MonotonicClock,
} from "../auth/attempts.js";
import { CHALLENGE_MS } from "../auth/challenges.js";
import { deviceWords } from "../auth/device-words.js";
import type { StartedSession } from "../auth/sessions.js";
import { household } from "../net/ip.js";
import { randomSecret } from "../secrets.js";
import type { StoredSession } from "../store/sessions.js";
import type { SetUpPurpose, StoredUser } from "../store/users.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { deviceOf } from "./device.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";
import { needPasskeyOrigin } from "./passkey-origin.js";
import { viewSession } from "./session-view.js";

/** Signing in and out, by passkey or (before there is one) by a one-time link or the password, and one's logins. */
export function sessionHandlers(
  product: Product,
  cookies: Cookies,
  clock: MonotonicClock,
): HandlersOf<typeof sessionRoutes> {
  const { sessions, journal, relyingParty, setUp, passkeys, guesses } = product;
  const beginnings = createAttempts(BEGINNINGS, clock);

  const takeGuess = (kind: GuessKind, request: FastifyRequest): Guess => {
    const guess = { kind, target: null, address: request.ip };
    const wait = guesses.take(guess);
    if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
    return guess;
  };

  /** Starts a login for this browser; the one that it had before ends. */
  const start = async (
    user: StoredUser,
    stage: "enrol" | "full",
    request: FastifyRequest,
  ): Promise<StartedSession> => {
    const earlier = cookies.user(request);
    const before = earlier === null ? null : await sessions.find(earlier, request.ip);
    const started = await sessions.startUser(user, stage, deviceOf(request));
    if (before?.holder.kind === "user") await sessions.end(before.id, "session-ended");
    return started;
  };

  /** Starts a login that makes the owner. Whoever got their passkey in the meantime is the owner now, and stays it. */
  const startOwner = async (user: StoredUser, request: FastifyRequest): Promise<StartedSession | null> => {
    const started = await start(user, "enrol", request);
    if (await setUp.isNeeded()) return started;
    await sessions.end(started.session.id, "session-ended");
    return null;
  };

  /** The last thing of all: the browser gets the login's secret once everything is noted. */
  const handOut = (reply: FastifyReply, { session, token }: StartedSession): Promise<Session> => {
    cookies.setUser(reply, token, session.expiresAt);
    return viewSession(product, session);
  };

  const viewLogin = (stored: StoredSession, thisId: string): Login[] => {
    const { id, holder, device, createdAt, lastSeenAt, expiresAt } = stored;
    if (holder.kind !== "user") return [];
    return [
      {
        id,
        user: holder.user,
        device: deviceWords(device.userAgent),
        address: device.address ?? "",
        createdAt: createdAt.getTime(),
        lastSeenAt: lastSeenAt.getTime(),
        expiresAt: expiresAt.getTime(),
        isThis: id === thisId,
      },
    ];
  };

  return {
    readSession: ({ who: { login, enrolling } }): Promise<Session> =>
      viewSession(product, (login ?? enrolling)?.session ?? null),

    signOut: async ({ who, actor, reply }) => {
      await sessions.end(who.session.id, "session-ended");
      await journal.note("session.ended", actor);
      cookies.clearUser(reply);
      return undefined;
    },

    checkCode: async ({ body, actor, request }) => {
      const guess = takeGuess("set-up-code", request);
      const open = await setUp.check(body.code);
      const isOver = open?.purpose === "set_up" && !(await setUp.isNeeded());
      if (open === null || isOver) {
        await journal.note("set-up.refused", actor);
        throw new ApiError("set_up_code_wrong");
      }
      guesses.giveBack(guess);
      return { purpose: PURPOSES[open.purpose], name: open.user?.name ?? null };
    },

    setUp: async ({ body, actor, request, reply }) => {
      needPasskeyOrigin(request, relyingParty());
      const guess = takeGuess("set-up-code", request);
      const spent = await setUp.spend(body.code, body.name);
      const started =
        spent === null
          ? null
          : spent.purpose === "set_up"
            ? await startOwner(spent.user, request)
            : await start(spent.user, "enrol", request);
      if (spent === null || started === null) {
        await journal.note("set-up.refused", actor);
        throw new ApiError("set_up_code_wrong");
      }
      guesses.giveBack(guess);
      await journal.note(SPENT[spent.purpose], { ...actor, actorId: spent.user.id });
      return handOut(reply, started);
    },

    signInByPassword: async ({ body, actor, request, reply }) => {
      needPasskeyOrigin(request, relyingParty());
      const guess = takeGuess("admin-password", request);
      const owner = await setUp.byPassword(body.password, body.name);
      const started = owner === null ? null : await startOwner(owner, request);
      if (owner === null || started === null) {
        await journal.note("password.refused", actor);
        throw new ApiError("sign_in_refused");
      }
      guesses.giveBack(guess);
      await journal.note("owner.set-up", { ...actor, actorId: owner.id }, { detail: "by ADMIN_PASSWORD" });
      return handOut(reply, started);
    },

    beginSignIn: async ({ request, reply }) => {
      needPasskeyOrigin(request, relyingParty());
      const wait = beginnings.take(household(request.ip));
      if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
      const known = cookies.browser(request);
      const browser = known !== null && BROWSER.test(known) ? known : randomSecret(32);
      cookies.setBrowser(reply, browser, product.wallClock() + CHALLENGE_MS);
      return passkeys.beginSignIn(browser);
    },

    signIn: async ({ body, actor, request, reply }) => {
      const guess = takeGuess("passkey", request);
      const browser = cookies.browser(request);
      const user =
        browser === null
          ? { refused: "the browser has no cookie of a sign-in that it began" }
          : await passkeys.signIn(browser, body.credential);
      if ("refused" in user) {
        request.log.info({ reason: user.refused }, "a sign-in by passkey was refused");
        await journal.note("sign-in.refused", actor);
        throw new ApiError("passkey_refused");
      }
      guesses.giveBack(guess);
      const started = await start(user, "full", request);
      await journal.note("session.started", { ...actor, actorId: user.id });
      return handOut(reply, started);
    },

    beginStepUp: async ({ who, request }) => {
      needPasskeyOrigin(request, relyingParty());
      return passkeys.beginStepUp(who.user, who.session.id);
    },

    stepUp: async ({ who, body, actor, request, reply }) => {
      const guess = takeGuess("passkey", request);
      const user = await passkeys.stepUp(who.user, who.session.id, body.credential);
      if ("refused" in user) {
        request.log.info({ reason: user.refused }, "a proof by passkey was refused");
        await journal.note("step-up.refused", actor);
        throw new ApiError("passkey_refused");
      }
      guesses.giveBack(guess);
      const proved = await sessions.prove(who.session);
      if (proved === null) throw new ApiError("sign_in_needed"); // ended while the passkey was shown
      await journal.note("session.proved", actor);
      return handOut(reply, proved);
    },

    listSessions: async ({ who, query }) => {
      const everybody = query.everybody === true;
      if (everybody && who.user.role !== "owner") throw new ApiError("not_allowed");
      const logins = await sessions.logins(everybody ? null : who.user.id);
      return { sessions: logins.flatMap((stored) => viewLogin(stored, who.session.id)) };
    },

    endSession: async ({ who, params, actor, reply }) => {
      const stored = await sessions.byId(params.sessionId);
      const holder = stored?.holder.kind === "user" ? stored.holder : null;
      const isTheirs = holder?.user.id === who.user.id || who.user.role === "owner";
      if (holder === null || !isTheirs || !(await sessions.end(params.sessionId, "session-ended")))
        throw new ApiError("not_found");
      await journal.note("session.ended", actor, { detail: holder.user.name });
      if (params.sessionId === who.session.id) cookies.clearUser(reply);
      return undefined;
    },

    endSessions: async ({ who, query, actor, reply }) => {
      const keepThis = query.keepThis === true;
      await sessions.endOfUser(who.user.id, keepThis ? who.session.id : undefined);
      await journal.note("session.ended", actor, { detail: keepThis ? "all others" : "all" });
      if (!keepThis) cookies.clearUser(reply);
      return undefined;
    },
  };
}

/** A visit of the sign-in page is one. A stranger's must not push those of others out of the challenges' table. */
const BEGINNINGS: Limit = { count: 60, inMs: 60_000 };
const BROWSER = /^[A-Za-z0-9_-]{43}$/; // 32 bytes
const PURPOSES = { set_up: "set-up", recovery: "recovery", colourist: "colourist" } as const;
const SPENT = {
  set_up: "owner.set-up",
  recovery: "owner.recovered",
  colourist: "user.link-used",
} as const satisfies Record<SetUpPurpose, string>;
