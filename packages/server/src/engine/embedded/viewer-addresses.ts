const MAX_VIEWERS = 10_000;

/** Where viewers are, for when their address is blocked. The oldest is forgotten first. */
export type ViewerAddresses = {
  note(participantId: string, address: string): void;
  /** The viewers at these addresses. */
  at(isTheirs: (address: string) => boolean): string[];
};

export function createViewerAddresses(): ViewerAddresses {
  const addresses = new Map<string, string>();
  return {
    note(participantId, address) {
      addresses.delete(participantId);
      addresses.set(participantId, address);
      const oldest = addresses.keys().next().value;
      if (addresses.size > MAX_VIEWERS && oldest !== undefined) addresses.delete(oldest);
    },
    at: (isTheirs) =>
      [...addresses].flatMap(([participantId, address]) => (isTheirs(address) ? [participantId] : [])),
  };
}
