import type { Passkey, WebAuthnJson } from "@colourstream/contract";
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { makeId, type RandomBytes, tidyName } from "../domain/room.js";
import type { HeldPasskey, PasskeyStore, StoredPasskey } from "../store/passkeys.js";
import type { StoredUser, UserStore } from "../store/users.js";
import { CHALLENGE_MS, type ChallengeBinding, type Challenges } from "./challenges.js";
import { type Claim, readClaim } from "./credential.js";
import type { Sessions } from "./sessions.js";

/** WebAuthn's relying party: the id that passkeys are bound to and the one origin that may use them. */
export type RelyingParty = { readonly id: string; readonly origin: string };

/** A ceremony came to nothing. The reason is for the log: who asked is told that it was refused and no more. */
export type Refused = { readonly refused: string };

/** Passkeys (W3C Web Authentication Level 3) by SimpleWebAuthn. Every challenge is good once, for 5 minutes. */
export type Passkeys = {
  /** True once the owner has one: from then on neither set-up link nor ADMIN_PASSWORD opens anything. */
  ownerHasOne(): Promise<boolean>;
  list(userId: string): Promise<Passkey[]>;
  /** `browser`: the secret that binds the challenge: the session's id, or the sign-in cookie's. */
  beginRegistration(user: StoredUser, browser: string): Promise<WebAuthnJson>;
  /** `sessionId` is the browser's. It ends the user's other logins that could only add a first passkey. */
  register(
    user: StoredUser,
    sessionId: string,
    credential: WebAuthnJson,
    name: (transports: readonly string[]) => string,
  ): Promise<Passkey | Refused>;
  beginSignIn(browser: string): Promise<WebAuthnJson>;
  signIn(browser: string, credential: WebAuthnJson): Promise<StoredUser | Refused>;
  beginStepUp(user: StoredUser, browser: string): Promise<WebAuthnJson>;
  stepUp(user: StoredUser, browser: string, credential: WebAuthnJson): Promise<StoredUser | Refused>;
  rename(userId: string, passkeyId: string, name: string): Promise<Passkey | null>;
  remove(userId: string, passkeyId: string): Promise<Passkey | "last" | "not-there">;
};

/** What they need. */
export type PasskeysOptions = {
  readonly store: PasskeyStore;
  readonly users: Pick<UserStore, "handle">;
  readonly challenges: Challenges;
  readonly sessions: Pick<Sessions, "end">;
  readonly relyingParty: () => RelyingParty;
  readonly wallClock: () => number;
  readonly random: RandomBytes;
};

/** EdDSA, ES256 and RS256 (RFC 9053, RFC 8812): what the authenticators of all systems have between them. */
const ALGORITHMS = [-8, -7, -257];

export function createPasskeys(options: PasskeysOptions): Passkeys {
  const { store, users, challenges, sessions, relyingParty, wallClock, random } = options;
  let ownerHasOne = false; // once true, true for good: the last one stays, and only who has one becomes the owner

  /** Spends the answer's challenge; from here on the answer is about what we asked. */
  const claimOf = async (
    credential: WebAuthnJson,
    binding: ChallengeBinding,
  ): Promise<(Claim & { expected: string }) | Refused> => {
    const claim = readClaim(credential);
    if (claim === null) return { refused: "the answer is not a credential's JSON" };
    const wrong = await challenges.spend(claim.challenge, binding);
    if (wrong !== null) return { refused: wrong };
    if (claim.isCrossOrigin) return { refused: "the page was in a frame of another site" };
    return { ...claim, expected: base64url(claim.challenge) };
  };

  const requestOptions = async (
    binding: ChallengeBinding,
    allowed: readonly StoredPasskey[],
  ): Promise<WebAuthnJson> => {
    const asked = await generateAuthenticationOptions({
      rpID: relyingParty().id,
      challenge: await challenges.make(binding),
      timeout: CHALLENGE_MS,
      userVerification: "required",
      allowCredentials: allowed.map(descriptor),
    });
    return { ...asked };
  };

  /** Verifies what a passkey has signed (W3C WebAuthn §7.2). */
  const verify = async (
    credential: WebAuthnJson,
    binding: ChallengeBinding,
  ): Promise<StoredUser | Refused> => {
    const claim = await claimOf(credential, binding);
    if ("refused" in claim) return claim;
    const held = await store.byCredential(claim.credentialId);
    if (held === null) return { refused: "no such passkey" };
    const wrong = wrongHolder(held, claim, binding);
    if (wrong !== null) return { refused: wrong };
    const { passkey, user } = held;
    const { id: rpID, origin } = relyingParty();
    const shown = await orReason(
      verifyAuthenticationResponse({
        response: credential as unknown as AuthenticationResponseJSON,
        expectedChallenge: claim.expected,
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification: true,
        credential: {
          id: base64url(passkey.credentialId),
          publicKey: passkey.publicKey,
          counter: Number(passkey.counter), // unsigned 32 bit
          transports: [...passkey.transports],
        },
      }),
    );
    if ("refused" in shown) return shown;
    if (!shown.verified) return { refused: "the signature is wrong" };
    const { newCounter, credentialBackedUp, credentialDeviceType } = shown.authenticationInfo;
    // §7.2 step 18: whether a passkey can be synchronised is decided when it is made.
    if ((credentialDeviceType === "multiDevice") !== passkey.isSynced)
      return { refused: "the flag BE is not as it was" };
    const isNoted = await store.use(passkey.id, {
      from: passkey.counter,
      to: BigInt(newCounter),
      isBackedUp: credentialBackedUp,
      at: new Date(wallClock()),
    });
    return isNoted ? user : { refused: "the counter was used by another answer meanwhile" };
  };

  return {
    ownerHasOne: async () => {
      ownerHasOne ||= await store.ownerHasOne();
      return ownerHasOne;
    },
    list: async (userId) => (await store.ofUser(userId)).map(passkeyView),

    beginRegistration: async (user, browser) => {
      const handle = await users.handle(user.id);
      if (handle === null) throw new Error(`the user ${user.id} has gone`);
      const asked = await generateRegistrationOptions({
        rpName: "ColourStream",
        rpID: relyingParty().id,
        userID: handle,
        userName: user.name,
        userDisplayName: user.name,
        challenge: await challenges.make({ purpose: "register", browser, userId: user.id }),
        timeout: CHALLENGE_MS,
        attestationType: "none",
        authenticatorSelection: {
          residentKey: "required",
          requireResidentKey: true,
          userVerification: "required",
        },
        excludeCredentials: (await store.ofUser(user.id)).map(descriptor),
        supportedAlgorithmIDs: ALGORITHMS,
      });
      return { ...asked };
    },

    register: async (user, sessionId, credential, name) => {
      const binding = { purpose: "register", browser: sessionId, userId: user.id } as const;
      const claim = await claimOf(credential, binding);
      if ("refused" in claim) return claim;
      const { id: rpID, origin } = relyingParty();
      const made = await orReason(
        verifyRegistrationResponse({
          response: credential as unknown as RegistrationResponseJSON,
          expectedChallenge: claim.expected,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserPresence: true,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      );
      if ("refused" in made) return made;
      if (!made.verified) return { refused: "the attestation is wrong" };
      const { credential: key, credentialDeviceType, credentialBackedUp } = made.registrationInfo;
      const passkey: StoredPasskey = {
        id: makeId(random),
        userId: user.id,
        credentialId: new Uint8Array(Buffer.from(key.id, "base64url")),
        publicKey: new Uint8Array(key.publicKey),
        counter: BigInt(key.counter),
        name: tidyName(name(claim.transports)),
        transports: claim.transports,
        isSynced: credentialDeviceType === "multiDevice",
        isBackedUp: credentialBackedUp,
        createdAt: new Date(wallClock()),
        lastUsedAt: null,
      };
      const added = await store.add(passkey, sessionId);
      if (added === "known") return { refused: "the passkey is registered already" };
      if (added === "too-many") return { refused: "the account has as many passkeys as it can have" };
      if (added === "session-over") return { refused: "the session has ended" };
      for (const id of added.ended) await sessions.end(id, "session-ended");
      return passkeyView(passkey);
    },

    beginSignIn: (browser) => requestOptions({ purpose: "sign_in", browser, userId: null }, []),
    signIn: (browser, credential) => verify(credential, { purpose: "sign_in", browser, userId: null }),
    beginStepUp: async (user, browser) =>
      requestOptions({ purpose: "step_up", browser, userId: user.id }, await store.ofUser(user.id)),
    stepUp: (user, browser, credential) =>
      verify(credential, { purpose: "step_up", browser, userId: user.id }),

    rename: async (userId, passkeyId, name) => {
      const renamed = await store.rename(userId, passkeyId, tidyName(name));
      return renamed === null ? null : passkeyView(renamed);
    },
    remove: async (userId, passkeyId) => {
      const removed = await store.remove(userId, passkeyId);
      return typeof removed === "string" ? removed : passkeyView(removed);
    },
  };
}

/** §7.2 steps 5 and 6: whose passkey it is, and whether they may come in. */
function wrongHolder(held: HeldPasskey, claim: Claim, { userId }: ChallengeBinding): string | null {
  if (held.isDisabled) return "the account is disabled";
  if (userId !== null && held.user.id !== userId) return "the passkey is another person's";
  if (claim.userHandle === null) return userId === null ? "the answer names no user" : null;
  return Buffer.compare(claim.userHandle, held.handle) === 0 ? null : "the user named is not the passkey's";
}

/** SimpleWebAuthn says what is wrong by throwing: nothing of ours runs in there, so every error is a refusal. */
async function orReason<T extends object>(verifying: Promise<T>): Promise<T | Refused> {
  try {
    return await verifying;
  } catch (error) {
    return { refused: error instanceof Error ? error.message.slice(0, 300) : String(error) };
  }
}

function descriptor({ credentialId, transports }: StoredPasskey): { id: string; transports: string[] } {
  return { id: base64url(credentialId), transports: [...transports] };
}

function passkeyView(passkey: StoredPasskey): Passkey {
  const { id, name, createdAt, lastUsedAt, isSynced, isBackedUp, transports } = passkey;
  return {
    id,
    name,
    createdAt: createdAt.getTime(),
    lastUsedAt: lastUsedAt?.getTime() ?? null,
    isSynced,
    isBackedUp,
    transports: [...transports],
  };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
