import { hashKey, randomSecret } from "../secrets.js";

/** Whose talk button a link is. */
export type TalkOwner = {
  readonly roomId: string;
  /** The session's: a seat's or a login's. The link ends with it. */
  readonly sessionId: string;
  readonly name: string;
};

/** A link that has just been made: the only time that its secret is in the clear. */
export type TalkLink = { readonly link: string; readonly expiresAt: number };

/** Links that make a phone somebody's talk button: in memory, one for each seat or login in a room. */
export type TalkLinks = {
  /** A new link, good until `endsAt` or for 12 h; the one before opens nothing more. `origin`: that of the request. */
  make(owner: TalkOwner, endsAt: number, origin: string | null): TalkLink;
  /** Null: there is no such link (any more). */
  find(secret: string): TalkOwner | null;
  /** The seat or login has ended. */
  end(sessionId: string): void;
  /** The room is shut. */
  endOfRoom(roomId: string): void;
};

/** What they need. `linkBase` makes the origin of a link from the one that a request came to. */
export type TalkLinkOptions = {
  readonly linkBase: (origin: string | null) => string;
  readonly wallClock: () => number;
};

const LASTS_MS = 12 * 3_600_000; // a long day in the suite
const SECRET_BYTES = 32;
const MAX_LINKS = 5_000; // the oldest is forgotten first

/** Keeps no secret, only its hash: what is looked up cannot be guessed by how long the answer takes. */
export function createTalkLinks({ linkBase, wallClock }: TalkLinkOptions): TalkLinks {
  const links = new Map<string, { readonly owner: TalkOwner; readonly expiresAt: number }>();
  const endWhere = (isTheirs: (owner: TalkOwner) => boolean): void => {
    for (const [key, { owner }] of links) if (isTheirs(owner)) links.delete(key);
  };
  return {
    make: (owner, endsAt, origin) => {
      const { roomId, sessionId } = owner;
      endWhere((other) => other.sessionId === sessionId && other.roomId === roomId);
      const secret = randomSecret(SECRET_BYTES);
      const expiresAt = Math.min(endsAt, wallClock() + LASTS_MS);
      links.set(hashKey(secret), { owner, expiresAt });
      const oldest = links.keys().next().value;
      if (links.size > MAX_LINKS && oldest !== undefined) links.delete(oldest);
      return { link: `${linkBase(origin)}/talk#${secret}`, expiresAt };
    },
    find: (secret) => {
      const key = hashKey(secret);
      const found = links.get(key);
      if (found === undefined) return null;
      if (found.expiresAt > wallClock()) return found.owner;
      links.delete(key);
      return null;
    },
    end: (sessionId) => endWhere((owner) => owner.sessionId === sessionId),
    endOfRoom: (roomId) => endWhere((owner) => owner.roomId === roomId),
  };
}
