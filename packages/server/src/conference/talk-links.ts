import type { Bus } from "../bus/bus.js";
import { createMirror } from "../bus/mirror.js";
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

/** Links that make a phone somebody's talk button: in the memory of all server processes, one for each seat or login in a room. */
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
  readonly bus: Bus;
};

type Kept = { readonly owner: TalkOwner; readonly expiresAt: number };

const LASTS_MS = 12 * 3_600_000; // a long day in the suite
const SECRET_BYTES = 32;
const MAX_LINKS = 5_000; // the oldest is forgotten first

/** Keeps no secret, only its hash: what is looked up cannot be guessed by how long the answer takes. */
export function createTalkLinks({ linkBase, wallClock, bus }: TalkLinkOptions): TalkLinks {
  const links = createMirror<Kept>(bus, "talk");
  const endOwnWhere = (isTheirs: (owner: TalkOwner) => boolean): void => {
    for (const [key, { owner }] of [...links.own()]) if (isTheirs(owner)) links.delete(key);
  };
  const isOfSeat = (owner: TalkOwner, { roomId, sessionId }: TalkOwner): boolean =>
    owner.sessionId === sessionId && owner.roomId === roomId;
  // A newer link of the same seat, made at another process, ends ours.
  links.onChange(({ now, before }) => {
    if (now !== null && before === null) endOwnWhere((owner) => isOfSeat(owner, now.owner));
  });
  return {
    make: (owner, endsAt, origin) => {
      endOwnWhere((other) => isOfSeat(other, owner));
      const secret = randomSecret(SECRET_BYTES);
      const expiresAt = Math.min(endsAt, wallClock() + LASTS_MS);
      links.set(hashKey(secret), { owner, expiresAt });
      const oldest = links.own().keys().next().value;
      if (links.own().size > MAX_LINKS && oldest !== undefined) links.delete(oldest);
      return { link: `${linkBase(origin)}/talk#${secret}`, expiresAt };
    },
    find: (secret) => {
      const key = hashKey(secret);
      const found = links.own().get(key) ?? links.of(key)[0];
      if (found === undefined) return null;
      if (found.expiresAt > wallClock()) return found.owner;
      links.delete(key);
      return null;
    },
    end: (sessionId) => endOwnWhere((owner) => owner.sessionId === sessionId),
    endOfRoom: (roomId) => endOwnWhere((owner) => owner.roomId === roomId),
  };
}
