/** What processes say to each other: JSON, at most 64 KiB. */
export type Said = null | boolean | number | string | readonly Said[] | { readonly [key: string]: Said };

/** What is said about: one place listens to each. */
export type Topic =
  | "room" // a room's row is another: its id
  | "user"
  | "session"
  | "invitation"
  | "block"
  | "ban"
  | "settings"
  | "service-keys"
  | "presence"
  | "hand"
  | "people"
  | "chat"
  | "call"
  | "call-places"
  | "call-name"
  | "talk"
  | "ticket"
  | "take"
  | "take-over" // the next encoder with this room's key may have its place
  | "recording";

/** How much a bus has carried, and how well, since it began. */
export type BusCounts = {
  readonly said: number;
  readonly heard: number;
  /** What none of our processes has written, or what had no place any more. */
  readonly dropped: number;
  readonly gaps: number;
  readonly reconnects: number;
};

/**
 * Where the server processes on one database tell each other what changed. It carries hints and live talk, never the
 * truth: that is in the database, and after a gap whoever keeps a copy reads it again.
 */
export type Bus = {
  /** This process, among the others. */
  readonly self: string;
  /** The others that are alive. */
  others(): readonly string[];
  /** To all others, in the order of this process's saying; not to itself. Lost while the database is away. */
  say(topic: Topic, what: Said): void;
  hear(topic: Topic, listener: (what: Said, from: string) => void): void;
  /** Another process has come, or has gone (it ended, or has not been heard of for 3 s). */
  onOther(listener: (id: string, is: "here" | "gone") => void): void;
  /**
   * Something may have been missed: the connection to the database was away, or another process ended before it had
   * told what it wrote. Whoever keeps a copy reads it anew.
   */
  onGap(listener: () => void): void;
  /** True for one of the processes: it does what is to be done once (tidying, recordings, takes). */
  isFirst(): boolean;
  /** Told when this process becomes the first or is it no more. */
  onFirst(listener: (isFirst: boolean) => void): void;
  counts(): BusCounts;
  close(): Promise<void>;
};
