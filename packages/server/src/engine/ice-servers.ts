import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import type { IceServers, Settings } from "@colourstream/contract";
import type { RuntimeSettings } from "../settings.js";

/** How long a viewer's TURN credentials are good for: whoever finds them in a log has a relay for an hour at most. */
const CREDENTIALS_MS = 3_600_000;

/** True for the address of a TURN server (RFC 7065): a browser takes it only with a username and a credential. */
export function isTurnUrl(url: string): boolean {
  return /^turns?:/.test(url);
}

/** STUN and TURN servers for one viewer, as the settings say: with a password, or with credentials of their own. */
export function createIceServers(
  settings: Pick<RuntimeSettings, "now" | "turnSecret">,
  wallClock: () => number,
): (participantId: string) => IceServers {
  return (participantId) => {
    const { iceUrls, turnAuth, turnUsername } = settings.now();
    const secret = settings.turnSecret();
    const servers: IceServers = [];
    const stun = iceUrls.filter((url) => !isTurnUrl(url));
    if (stun.length > 0) servers.push({ urls: stun });
    const turn = iceUrls.filter(isTurnUrl);
    if (turn.length === 0 || turnAuth === "none" || secret === null) return servers;
    if (turnAuth === "password") servers.push({ urls: turn, username: turnUsername, credential: secret });
    else servers.push({ urls: turn, ...credentialsFor(participantId, secret, wallClock() + CREDENTIALS_MS) });
    return servers;
  };
}

/** Credentials that the TURN server can check without asking us (draft-uberti-behave-turn-rest-00 §2.2). */
function credentialsFor(
  participantId: string,
  secret: string,
  untilMs: number,
): { username: string; credential: string } {
  const username = `${Math.floor(untilMs / 1000)}:${participantId}`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

/** The relay that the engine has. */
export type OwnRelay = {
  /** Null: it is not on. */
  readonly port: () => number | null;
  readonly secret: string;
};

/**
 * STUN and TURN servers for the pages of a call: those of the settings, and where none of them is a TURN server the
 * relay of our own, by the public address or the name that the page was opened at.
 */
export function createCallIce(
  settings: Pick<RuntimeSettings, "now">,
  iceServers: (participantId: string) => IceServers,
  relay: OwnRelay,
  wallClock: () => number,
): (id: string, origin: string | null) => { ice: IceServers; forMs: number } {
  return (id, origin) => {
    const set = iceServers(id);
    const host = hostOf(settings.now(), origin);
    const port = relay.port();
    const hasTurn = set.some(({ credential }) => credential !== undefined);
    if (hasTurn || host === null || port === null) return { ice: set, forMs: CREDENTIALS_MS };
    const urls = ["udp", "tcp"].map((transport) => `turn:${host}:${port}?transport=${transport}`);
    const own: IceServers = [
      { urls: [`stun:${host}:${port}`] },
      { urls, ...credentialsFor(id, relay.secret, wallClock() + CREDENTIALS_MS) },
    ];
    return { ice: [...set, ...own], forMs: CREDENTIALS_MS };
  };
}

/** What a browser reaches this machine by; an IPv6 address stands in brackets. Null: nobody has said. */
function hostOf(
  { publicAddress, publicUrl }: Pick<Settings, "publicAddress" | "publicUrl">,
  origin: string | null,
): string | null {
  if (publicAddress !== null) return isIP(publicAddress) === 6 ? `[${publicAddress}]` : publicAddress;
  const opened = origin ?? publicUrl;
  return opened === null ? null : new URL(opened).hostname;
}
