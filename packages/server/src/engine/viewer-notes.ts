const MAX_VIEWERS = 10_000;

/** What is known of viewers, such as their address: the latest of each. The oldest is forgotten first. */
export type ViewerNotes<T> = {
  note(participantId: string, what: T): void;
  /** Null: nothing is known. */
  of(participantId: string): T | null;
  /** The viewers of whom it is so. */
  those(isTheirs: (what: T) => boolean): string[];
};

/** Begins empty. */
export function createViewerNotes<T>(): ViewerNotes<T> {
  const notes = new Map<string, T>();
  return {
    note(participantId, what) {
      notes.delete(participantId);
      notes.set(participantId, what);
      const oldest = notes.keys().next().value;
      if (notes.size > MAX_VIEWERS && oldest !== undefined) notes.delete(oldest);
    },
    of: (participantId) => notes.get(participantId) ?? null,
    those: (isTheirs) =>
      [...notes].flatMap(([participantId, what]) => (isTheirs(what) ? [participantId] : [])),
  };
}
