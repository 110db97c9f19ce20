/** Whose talk button a link is. */
export type TalkOwner = {
  readonly roomId: string;
  /** The session's: a seat's or a login's. The link ends with it. */
  readonly sessionId: string;
};

/** Links that make a phone somebody's talk button: in memory, one for each seat or login in a room. */
export type TalkLinks = {
  /** A new secret; the one before opens nothing more. */
  make(owner: TalkOwner, expiresAt: number): string;
  /** Null: there is no such link (any more). */
  find(secret: string): TalkOwner | null;
  /** The seat or login has ended. */
  end(sessionId: string): void;
};

/** Not built yet. */
export function createTalkLinks(_wallClock: () => number): TalkLinks {
  return {
    make: () => {
      throw new Error("not built yet");
    },
    find: () => null,
    end: () => undefined,
  };
}
