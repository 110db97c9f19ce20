import type { Clock } from "../hub/clock.js";
import { writeChannelData } from "../wire/stun/channel-data.js";
import { STUN_METHOD, writeStun } from "../wire/stun/message.js";
import { createRate, type Rate } from "./rate.js";

/** Whoever speaks to the relay: one UDP address and port, or one TCP connection (RFC 8656 §3: a 5-tuple). */
export type RelayClient = {
  /** Names it among all others. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  /** TCP: ChannelData is padded there. */
  readonly isStream: boolean;
  /** What does not fit is dropped, as a network would. */
  send(bytes: Uint8Array): void;
  /** It has an allocation now, or none any more. */
  allocated(hasOne: boolean): void;
};

/** The family of a relayed address. */
export type Family = 4 | 6;

/**
 * The address that every allocation is relayed at: of the ranges for documentation (RFC 5737, RFC 3849), so nothing
 * answers there, and nothing is ever sent there. What counts is the port.
 */
export const RELAYED_IP: Readonly<Record<Family, Uint8Array>> = {
  4: Uint8Array.of(192, 0, 2, 1),
  6: Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
};

/** One client's place in the relay. */
export type Allocation = {
  readonly client: RelayClient;
  readonly username: string;
  readonly key: Uint8Array;
  /** Of the request that made it: the same one again is a repetition (RFC 8656 §7.2). */
  readonly transaction: Uint8Array;
  readonly family: Family;
  readonly port: number;
  untilMs: number;
  /** Until when others of the relay may reach it; the only address that can be permitted is the relay's own. */
  permittedUntilMs: number;
  /** By channel; at most `MAX_CHANNELS`. */
  readonly channels: Map<number, { readonly port: number; untilMs: number }>;
  /** The channel of a peer's port. */
  readonly channelOf: Map<number, number>;
  readonly userId: string;
  /** Requests of its own: a client with credentials floods nobody either. */
  readonly requests: Rate;
  /** Bytes that it sends to others. */
  readonly sends: Rate;
};

/** RFC 8656 §3.2's default; a client that is there refreshes a minute before. */
export const LIFETIME_S = 600;
/** RFC 8656 §9. */
export const PERMISSION_MS = 300_000;
/** RFC 8656 §12. */
export const CHANNEL_MS = 600_000;

/**
 * Of one user: seven links of a call, each by UDP and by TCP, in two networks (Wi-Fi and cable), and some left for those
 * of a moment ago.
 */
export const MAX_OF_USER = 32;
/** Some 4 kB each. */
export const MAX_ALLOCATIONS = 1_000;
/** A peer has one port here for each way that it tries. */
export const MAX_CHANNELS = 32;

/** What one allocation may send, in bytes a second: a voice, a camera and a shared screen take 2 Mbit/s. */
const BYTES_PER_SECOND = 1_000_000;
const BURST_BYTES = 250_000;
/** What all may send together: the picture's engine is in this process, and comes first. */
const ALL_BYTES_PER_SECOND = 12_500_000;
const PACKET_COST = 64; // bytes that a packet counts for beside its own: empty ones are work too
const REQUESTS_PER_SECOND = 50;
const REQUESTS_BURST = 100;

/** RFC 8656 §7.2: relayed ports come from the dynamic range. */
const FIRST_PORT = 49_152;
const PORTS = 65_536 - FIRST_PORT;
const SWEEP_MS = 1_000;

/** All allocations, and the way from one to another: in memory, and nowhere else. */
export type Allocations = {
  size(): number;
  of(client: Pick<RelayClient, "key">): Allocation | undefined;
  /** "of-user", "of-all": that many there are already. */
  make(
    wish: Pick<Allocation, "client" | "username" | "userId" | "key" | "transaction" | "family">,
  ): Allocation | "of-user" | "of-all";
  end(allocation: Allocation): void;
  /** From one to the allocation at `port`; dropped where there is none, or one has not permitted the other. */
  forward(from: Allocation, port: number, data: Uint8Array): void;
  close(): void;
};

/** Keeps them. What ends by its time is swept once a second. */
export function createAllocations(clock: Clock, random: (bytes: number) => Uint8Array): Allocations {
  const { now } = clock;
  const byClient = new Map<string, Allocation>(); // these three have MAX_ALLOCATIONS entries at most
  const byPort = new Map<number, Allocation>();
  const countOf = new Map<string, number>();
  const together = createRate(ALL_BYTES_PER_SECOND, ALL_BYTES_PER_SECOND / 4, now);
  let cancelSweep: (() => void) | null = null;

  const freePort = (): number => {
    for (;;) {
      const [high = 0, low = 0] = random(2);
      const port = FIRST_PORT + ((high * 256 + low) % PORTS);
      if (!byPort.has(port)) return port; // at most one in sixteen is taken
    }
  };

  const end = (allocation: Allocation): void => {
    const { client, port, userId } = allocation;
    if (byPort.get(port) !== allocation) return; // it has ended before
    byClient.delete(client.key);
    byPort.delete(port);
    const left = (countOf.get(userId) ?? 1) - 1;
    if (left > 0) countOf.set(userId, left);
    else countOf.delete(userId);
    client.allocated(false);
  };

  const sweep = (): void => {
    cancelSweep = null;
    for (const allocation of byClient.values()) if (allocation.untilMs <= now()) end(allocation);
    if (byClient.size > 0) cancelSweep = clock.after(SWEEP_MS, sweep);
  };

  return {
    size: () => byClient.size,
    of: ({ key }) => byClient.get(key),
    make(wish) {
      const count = countOf.get(wish.userId) ?? 0;
      if (count >= MAX_OF_USER) return "of-user";
      if (byClient.size >= MAX_ALLOCATIONS) return "of-all";
      const allocation: Allocation = {
        ...wish,
        port: freePort(),
        untilMs: now() + LIFETIME_S * 1000,
        permittedUntilMs: 0,
        channels: new Map(),
        channelOf: new Map(),
        requests: createRate(REQUESTS_PER_SECOND, REQUESTS_BURST, now),
        sends: createRate(BYTES_PER_SECOND, BURST_BYTES, now),
      };
      byClient.set(wish.client.key, allocation);
      byPort.set(allocation.port, allocation);
      countOf.set(wish.userId, count + 1);
      cancelSweep ??= clock.after(SWEEP_MS, sweep);
      wish.client.allocated(true);
      return allocation;
    },
    end,
    forward(from, port, data) {
      const to = byPort.get(port);
      const at = now();
      if (to === undefined || to.family !== from.family) return;
      if (from.permittedUntilMs <= at || to.permittedUntilMs <= at) return;
      const cost = data.length + PACKET_COST;
      if (!from.sends.take(cost) || !together.take(cost)) return;
      const channel = to.channelOf.get(from.port);
      if (channel !== undefined && (to.channels.get(channel)?.untilMs ?? 0) > at) {
        to.client.send(writeChannelData({ channel, data }, to.client.isStream));
        return;
      }
      const peer = { is: "xor-peer-address", ip: RELAYED_IP[from.family], port: from.port } as const;
      to.client.send(
        writeStun({
          method: STUN_METHOD.data,
          class: "indication",
          transaction: random(12),
          attributes: [peer, { is: "data", data }],
        }),
      );
    },
    close() {
      cancelSweep?.();
      cancelSweep = null;
      for (const allocation of [...byClient.values()]) end(allocation);
    },
  };
}
