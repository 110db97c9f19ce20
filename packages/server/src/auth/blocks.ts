import { randomBytes } from "node:crypto";
import { BlockList } from "node:net";
import type { Block } from "@colourstream/contract";
import type { Bus } from "../bus/bus.js";
import { rereadAfterGaps } from "../bus/reread.js";
import { makeId } from "../domain/room.js";
import { holds, type IpNet, overlap, parseNet, writeNet } from "../net/ip.js";
import type { BlockStore, StoredBlock } from "../store/blocks.js";

/** Addresses that get no answer. Held in memory: every request asks. */
export type Blocks = {
  isBlocked(address: string): boolean;
  list(): Promise<Block[]>;
  /** Throws `BlockRefusedError` for what is no address, for this machine, and for the address that asks. */
  add(
    wish: { readonly address: string; readonly reason: string; readonly expiresAt: number | null },
    by: "owner" | "limits",
    askedFrom: string | null,
  ): Promise<Block>;
  remove(id: string): Promise<Block | null>;
  /** Told of every address that is blocked from now on. */
  onBlocked(listener: (isTheirs: (address: string) => boolean) => void): void;
  /** Lets those go from the table whose time is over; they are not blocked any more in any case. */
  removeOver(): Promise<void>;
};

/** An address that cannot be blocked; the message says why, for a person. */
export class BlockRefusedError extends Error {}

/** What the block list needs. */
export type BlocksOptions = {
  readonly store: BlockStore;
  readonly wallClock: () => number;
  /** The addresses of this machine's own cards. */
  readonly ownAddresses: () => readonly string[];
  readonly bus: Pick<Bus, "say" | "hear" | "onGap">;
  warn(message: string, error: unknown): void;
};

const MOST = 2_000; // each request is held against all of them: 2,000 cost 0.1 ms
const WIDEST = { 4: 8, 16: 16 } as const; // prefix bits by the length of an address: a wider net is a typing mistake
// RFC 5735 §3 and RFC 4291 §2.5.2 and §2.5.3: this machine as seen from itself.
const NEVER = ["127.0.0.0/8", "0.0.0.0/8", "::1", "::"]
  .map((text) => parseNet(text))
  .filter((net) => net !== null);

/** Reads the table once; afterwards it is written first, then the memory follows. */
export async function openBlocks(options: BlocksOptions): Promise<Blocks> {
  const { store, wallClock, ownAddresses, bus, warn } = options;
  const byId = new Map((await store.all()).map((block) => [block.id, block]));
  const listeners: ((isTheirs: (address: string) => boolean) => void)[] = [];
  let live = new BlockList();
  let goodUntil = 0;

  /** Made anew when a block comes, goes or ends: a rule cannot be taken out of a `BlockList`. */
  const build = (): void => {
    const now = wallClock();
    live = new BlockList();
    goodUntil = Number.POSITIVE_INFINITY;
    for (const { address, expiresAt } of byId.values()) {
      const net = parseNet(address);
      if (net === null || isOver(expiresAt, now)) continue;
      addTo(live, net);
      goodUntil = Math.min(goodUntil, expiresAt?.getTime() ?? goodUntil);
    }
  };
  build();

  let last: Promise<unknown> = Promise.resolve();
  /** One after another, so that what was read before a change does not undo it. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // told to whoever asked for it
    return mine;
  };
  const tellBlocked = (nets: readonly IpNet[]): void => {
    const theirs = new BlockList();
    for (const net of nets) addTo(theirs, net);
    for (const listener of listeners) listener((one) => isIn(theirs, one));
  };
  /** What other processes have written: those that are blocked from now on are cut here too. */
  const readAll = (): Promise<void> =>
    inTurn(async () => {
      const before = new Set([...byId.values()].map(({ address }) => address));
      const rows = await store.all();
      byId.clear();
      for (const block of rows) byId.set(block.id, block);
      build();
      const nets = rows.filter(
        ({ address, expiresAt }) => !before.has(address) && !isOver(expiresAt, wallClock()),
      );
      const blocked = nets.map(({ address }) => parseNet(address)).filter((net) => net !== null);
      if (blocked.length > 0) tellBlocked(blocked);
    });
  const readAgain = rereadAfterGaps(bus, readAll, (error) =>
    warn("the block list was not read again", error),
  );
  bus.hear("block", readAgain);

  const liveBlocks = (): StoredBlock[] =>
    [...byId.values()].filter(({ expiresAt }) => !isOver(expiresAt, wallClock()));

  const checked = (text: string, askedFrom: string | null): IpNet => {
    const net = parseNet(text);
    if (net === null) {
      throw new BlockRefusedError(
        `${JSON.stringify(text)} is not an IP address, such as 203.0.113.7, or a net of them, such as 203.0.113.0/24 or 2001:db8::/48.`,
      );
    }
    const widest = WIDEST[net.bytes.length === 4 ? 4 : 16];
    if (NEVER.some((own) => overlap(net, own)))
      throw new BlockRefusedError("That is this machine itself: it would lock everybody out.");
    if (net.prefix < widest)
      throw new BlockRefusedError(`That net is too wide: /${widest} is the widest that can be blocked.`);
    const asking = askedFrom === null ? null : parseNet(askedFrom);
    if (asking !== null && holds(net, asking))
      throw new BlockRefusedError(`Your own address, ${askedFrom}, is in it: you would lock yourself out.`);
    const own = ownAddresses().find((address) => {
      const one = parseNet(address);
      return one !== null && holds(net, one);
    });
    if (own !== undefined)
      throw new BlockRefusedError(`${own} is an address of this machine: it would lock itself out.`);
    return net;
  };

  return {
    isBlocked: (address) => {
      if (wallClock() >= goodUntil) build();
      return isIn(live, address);
    },
    list: async () => liveBlocks().sort(newestFirst).map(blockFrom),
    add: ({ address, reason, expiresAt }, by, askedFrom) =>
      inTurn(async () => {
        const net = checked(address, askedFrom);
        const now = wallClock();
        if (expiresAt !== null && !(expiresAt > now && expiresAt < 8.64e15))
          throw new BlockRefusedError("A block must end in the future, or never.");
        const shortest = writeNet(net);
        const isNew = !liveBlocks().some((block) => block.address === shortest);
        if (isNew && liveBlocks().length >= MOST)
          throw new BlockRefusedError(`${MOST} addresses are blocked already. Remove some first.`);
        const kept = await store.put({
          id: makeId(randomBytes),
          address: shortest,
          reason: reason.trim(),
          byLimits: by === "limits",
          createdAt: new Date(now),
          expiresAt: expiresAt === null ? null : new Date(expiresAt),
        });
        for (const [id, earlier] of byId) if (earlier.address === shortest) byId.delete(id);
        byId.set(kept.id, kept);
        build();
        bus.say("block", null);
        tellBlocked([net]);
        return blockFrom(kept);
      }),
    remove: (id) =>
      inTurn(async () => {
        const removed = await store.remove(id);
        byId.delete(id);
        build();
        bus.say("block", null);
        return removed === null ? null : blockFrom(removed);
      }),
    onBlocked: (listener) => {
      listeners.push(listener);
    },
    removeOver: () =>
      inTurn(async () => {
        const now = new Date(wallClock());
        await store.removeOver(now);
        const over = [...byId].filter(([, { expiresAt }]) => isOver(expiresAt, now.getTime()));
        for (const [id] of over) byId.delete(id);
        if (over.length > 0) bus.say("block", null);
      }),
  };
}

function addTo(list: BlockList, { bytes, prefix }: IpNet): void {
  const first = writeNet({ bytes, prefix: bytes.length * 8 });
  list.addSubnet(first, prefix, bytes.length === 4 ? "ipv4" : "ipv6");
}

function isIn(list: BlockList, address: string): boolean {
  const net = parseNet(address.split("%")[0] ?? "");
  return net !== null && list.check(writeNet(net), net.bytes.length === 4 ? "ipv4" : "ipv6");
}

function isOver(expiresAt: Date | null, now: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now;
}

function newestFirst(a: StoredBlock, b: StoredBlock): number {
  return b.createdAt.getTime() - a.createdAt.getTime();
}

function blockFrom({ id, address, reason, byLimits, createdAt, expiresAt }: StoredBlock): Block {
  const by = byLimits ? "limits" : "owner";
  return { id, address, reason, by, createdAt: createdAt.getTime(), expiresAt: expiresAt?.getTime() ?? null };
}
