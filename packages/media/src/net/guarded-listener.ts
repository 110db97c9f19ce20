import { createServer, type Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { budgetAddress, plainAddress } from "./address.js";
import type { AttemptBudget } from "./attempt-budget.js";

/** What a stranger may take of the engine before admission has said yes. */
export type GuardLimits = {
  /** Unauthenticated connections from one address at once. */
  readonly perAddress: number;
  /** Unauthenticated connections from everywhere at once. */
  readonly unauthenticated: number;
  /** Connections at once, publishers included. */
  readonly connections: number;
  /** Bytes that we have written and the peer has not read. */
  readonly unreadBytes: number;
};

/** reliability.md tests 5, 6 and 22. */
export const GUARD_LIMITS: GuardLimits = {
  perAddress: 64,
  unauthenticated: 1024,
  connections: 2048,
  unreadBytes: 256 * 1024, // answers and acknowledgements of a whole session are under 64 KiB
};

/** A connection that has passed the guard. */
export type GuardedConnection = {
  readonly socket: Socket;
  /** The peer's address without port; IPv4 where the socket says ::ffff:. */
  readonly address: string;
  /** Admission said yes: the connection no longer counts as a stranger's. */
  admitted(): void;
  /** Admission did not know the key: counted against the address. */
  wrongKey(): void;
  /** Writes, and ends the connection of a peer that reads nothing. */
  send(bytes: Uint8Array): void;
  /** Sends what is waiting, then closes; cut after `graceMs` whatever the peer does. */
  closeAfter(graceMs: number): void;
};

/** What a guarded listener needs. */
export type GuardedListenerOptions = {
  readonly host: string;
  readonly port: number;
  readonly limits: GuardLimits;
  readonly now: () => number;
  /** What TLS is spoken with, asked for each connection; without it they are in the clear. */
  readonly tls?: () => SecureContext;
  /** An address that has spent it is refused at accept. */
  readonly wrongKeys: AttemptBudget;
  readonly onConnection: (connection: GuardedConnection) => void;
  /** A connection was refused at accept; called at most once a second, with the number since the last call. */
  readonly onRefused: (address: string, why: "too-many" | "wrong-keys", count: number) => void;
};

/** A running listener. */
export type GuardedListener = { readonly port: number; close(): Promise<void> };

const REPORT_EVERY_MS = 1000;

/** Listens on TCP and lets through only what the limits allow. Maps are bounded by the number of connections. */
export function listenGuarded(options: GuardedListenerOptions): Promise<GuardedListener> {
  const { limits, now, wrongKeys } = options;
  const open = new Set<Socket>();
  const strangers = new Map<string, number>();
  let unauthenticated = 0;
  let unreported = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;

  function refuse(socket: Socket, address: string, why: "too-many" | "wrong-keys"): void {
    socket.destroy();
    unreported++;
    if (now() - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = now();
    options.onRefused(address, why, unreported);
    unreported = 0;
  }

  function accept(accepted: Socket): void {
    const remote = accepted.remoteAddress;
    if (remote === undefined) {
      accepted.destroy(); // gone before we looked
      return;
    }
    const address = plainAddress(remote);
    const counted = budgetAddress(remote);
    const fromHere = strangers.get(counted) ?? 0;
    if (wrongKeys.isSpent(counted)) {
      refuse(accepted, address, "wrong-keys");
      return;
    }
    if (fromHere >= limits.perAddress || unauthenticated >= limits.unauthenticated) {
      refuse(accepted, address, "too-many");
      return;
    }

    // Counted from here on, so that one who never ends its TLS handshake is a stranger like any other.
    const socket = options.tls === undefined ? accepted : overTls(accepted, options.tls());
    unauthenticated++;
    strangers.set(counted, fromHere + 1);
    open.add(socket);
    let isStranger = true;
    function admitted(): void {
      if (!isStranger) return;
      isStranger = false;
      unauthenticated--;
      const left = (strangers.get(counted) ?? 1) - 1;
      if (left > 0) strangers.set(counted, left);
      else strangers.delete(counted);
    }
    let cut: NodeJS.Timeout | null = null;
    socket.setNoDelay(true);
    socket.once("close", () => {
      open.delete(socket);
      admitted();
      if (cut !== null) clearTimeout(cut);
    });
    options.onConnection({
      socket,
      address,
      admitted,
      wrongKey: () => wrongKeys.spend(counted),
      send(bytes) {
        if (!socket.writable) return;
        socket.write(bytes);
        if (socket.writableLength > limits.unreadBytes) socket.destroy();
      },
      closeAfter(graceMs) {
        socket.end();
        cut ??= setTimeout(() => socket.destroy(), graceMs);
      },
    });
  }

  const server = createServer({ noDelay: true }, accept);
  server.maxConnections = limits.connections;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", reject);
      const bound = server.address();
      const port = bound !== null && typeof bound === "object" ? bound.port : options.port;
      resolve({
        port,
        async close() {
          const ended = [...open].map((socket) => new Promise((closed) => socket.once("close", closed)));
          const stopped = new Promise((closed) => server.close(closed));
          for (const socket of open) socket.destroy();
          await Promise.all([stopped, ...ended]);
        },
      });
    });
  });
}

/** The server's end of TLS. No protocol is negotiated inside (ALPN, RFC 7301): there is only one. */
function overTls(accepted: Socket, secureContext: SecureContext): TLSSocket {
  return new TLSSocket(accepted, { isServer: true, secureContext });
}
