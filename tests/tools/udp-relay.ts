import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { type Link, type LinkConditions, type LinkCounts, makeLink } from "./link.js";
import { seededRandom } from "./random.js";

/** A UDP path with the faults of a real network between peers and one target on this machine. */
export type UdpRelay = {
  /** Peers send here instead of to the target. */
  readonly port: number;
  /** Changes both directions. */
  change(conditions: LinkConditions): void;
  /** Nothing passes in either direction for so long. */
  cutFor(ms: number): void;
  counts(): { readonly toTarget: Readonly<LinkCounts>; readonly toPeer: Readonly<LinkCounts> };
  close(): Promise<void>;
};

/** What a relay is made from. */
export type UdpRelaySettings = {
  readonly targetPort: number;
  readonly seed: number;
  /** Peer to target; also target to peer when `toPeer` is left out. */
  readonly toTarget: LinkConditions;
  readonly toPeer?: LinkConditions;
  /** Sees each packet from a peer as it comes, also one that is then lost. */
  readonly seen?: (packet: Buffer) => void;
};

const HOST = "127.0.0.1";
const MAX_PEERS = 256; // more than any test has viewers
const MAX_WAITING = 100_000; // packets under way: a second at 1 Gb/s
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024; // a keyframe's burst must be lost by the link's rules, not by the kernel

type Waiting = { readonly dueMs: number; readonly order: number; send(): void };

/** Starts a relay on a free loopback port. */
export async function startUdpRelay(settings: UdpRelaySettings): Promise<UdpRelay> {
  const toTarget = makeLink(settings.toTarget, seededRandom(settings.seed));
  const toPeer = makeLink(settings.toPeer ?? settings.toTarget, seededRandom(settings.seed + 1));
  const clock = makePacketClock();
  const front = await boundSocket();
  const peers = new Map<string, Socket>();
  let closed = false;

  front.on("message", (packet, from) => {
    settings.seen?.(packet);
    const key = `${from.address}:${from.port}`;
    const known = peers.get(key);
    if (known !== undefined) return forward(known, packet);
    if (peers.size >= MAX_PEERS) return;
    const upstream = createSocket("udp4");
    peers.set(key, upstream);
    upstream.on("message", (answer) => back(answer, from));
    upstream.bind(0, HOST, () => {
      upstream.setRecvBufferSize(SOCKET_BUFFER_BYTES);
      forward(upstream, packet);
    });
  });

  function forward(upstream: Socket, packet: Buffer): void {
    pass(toTarget, packet, () => upstream.send(packet, settings.targetPort, HOST));
  }
  function back(packet: Buffer, peer: RemoteInfo): void {
    pass(toPeer, packet, () => front.send(packet, peer.port, peer.address));
  }
  function pass(link: Link, packet: Buffer, send: () => void): void {
    if (closed) return;
    const nowMs = performance.now();
    const dueMs = link.arrivalOf(packet.length, nowMs);
    if (dueMs === null) return;
    if (dueMs <= nowMs) {
      send();
      return;
    }
    clock.at(dueMs, () => {
      if (!closed) send();
    });
  }

  return {
    port: front.address().port,
    change(conditions) {
      toTarget.change(conditions);
      toPeer.change(conditions);
    },
    cutFor(ms) {
      toTarget.cutUntil(performance.now() + ms);
      toPeer.cutUntil(performance.now() + ms);
    },
    counts: () => ({ toTarget: toTarget.counts, toPeer: toPeer.counts }),
    async close() {
      closed = true;
      clock.stop();
      await Promise.all([front, ...peers.values()].map(closeSocket));
    },
  };
}

/**
 * Runs packets at their time. A timer of Node is late by up to 1 ms and more under load, so near the due time it
 * yields by `setImmediate` instead: 0.1 ms instead of 1 ms, at the price of a busy thread while packets are due.
 */
function makePacketClock(): { at(dueMs: number, send: () => void): void; stop(): void } {
  const heap: Waiting[] = [];
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  function run(): void {
    timer = undefined;
    immediate = undefined;
    const nowMs = performance.now();
    for (let first = heap[0]; first !== undefined && first.dueMs <= nowMs; first = heap[0]) {
      popHeap(heap);
      first.send();
    }
    plan();
  }
  function plan(): void {
    const first = heap[0];
    if (first === undefined || immediate !== undefined) return;
    const waitMs = first.dueMs - performance.now();
    if (waitMs < 1.5) {
      clearTimeout(timer);
      timer = undefined;
      immediate = setImmediate(run);
    } else if (timer === undefined) {
      timer = setTimeout(run, Math.floor(waitMs - 1));
    }
  }

  return {
    at(dueMs, send) {
      if (heap.length >= MAX_WAITING) throw new Error(`more than ${MAX_WAITING} packets are under way`);
      const isNext = heap[0] === undefined || dueMs < heap[0].dueMs;
      pushHeap(heap, { dueMs, order: order++, send });
      if (!isNext) return;
      clearTimeout(timer);
      timer = undefined;
      plan();
    },
    stop() {
      clearTimeout(timer);
      clearImmediate(immediate);
      heap.length = 0;
    },
  };
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}

function pushHeap(heap: Waiting[], item: Waiting): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Waiting;
    if (!isBefore(item, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = item;
}

function popHeap(heap: Waiting[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const left = heap[below];
    if (left === undefined) break;
    const right = heap[below + 1];
    if (right !== undefined && isBefore(right, left)) below += 1;
    const smaller = heap[below] as Waiting;
    if (!isBefore(smaller, last)) break;
    heap[at] = smaller;
    at = below;
  }
  heap[at] = last;
}

function boundSocket(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, HOST, () => {
      socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
      resolve(socket);
    });
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
