const MAX_VIEWERS = 10_000;

/** Where viewers are, by an address: for when it is blocked, or they are to be cut there. The oldest is forgotten first. */
export type ViewerAddresses = {
  note(participantId: string, address: string): void;
  /** Null: nobody knows. */
  of(participantId: string): string | null;
  /** The viewers at these addresses. */
  at(isTheirs: (address: string) => boolean): string[];
};

/** Begins empty. */
export function createViewerAddresses(): ViewerAddresses {
  const addresses = new Map<string, string>();
  return {
    note(participantId, address) {
      addresses.delete(participantId);
      addresses.set(participantId, address);
      const oldest = addresses.keys().next().value;
      if (addresses.size > MAX_VIEWERS && oldest !== undefined) addresses.delete(oldest);
    },
    of: (participantId) => addresses.get(participantId) ?? null,
    at: (isTheirs) =>
      [...addresses].flatMap(([participantId, address]) => (isTheirs(address) ? [participantId] : [])),
  };
}
