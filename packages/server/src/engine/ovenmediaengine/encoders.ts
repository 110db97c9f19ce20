const MOST = 10_000;

/** Who was let in to publish each stream last: over HTTP its name, and the address that is behind a proxy. */
export type Encoders = {
  note(streamName: string, who: { readonly encoder: string | null; readonly address: string }): void;
  nameOf(streamName: string): string | null;
  addressOf(streamName: string): string | null;
};

/** As this process was asked; the oldest is forgotten first. */
export function createEncoders(): Encoders {
  const known = new Map<string, { readonly encoder: string | null; readonly address: string }>();
  return {
    note: (streamName, { encoder, address }) => {
      known.delete(streamName);
      known.set(streamName, { encoder, address });
      const oldest = known.keys().next().value;
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    },
    nameOf: (streamName) => known.get(streamName)?.encoder ?? null,
    addressOf: (streamName) => known.get(streamName)?.address ?? null,
  };
}
