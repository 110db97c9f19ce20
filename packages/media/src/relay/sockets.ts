import type { Clock } from "../hub/clock.js";
import type { IngestLog } from "../ingest/ports.js";
import { plainAddress } from "../net/address.js";
import { attemptBudget } from "../net/attempt-budget.js";
import {
  GUARD_LIMITS,
  type GuardedConnection,
  type GuardedListener,
  listenGuarded,
} from "../net/guarded-listener.js";
import { openUdpSockets, type UdpSockets } from "../net/udp-sockets.js";
import { ProtocolError } from "../wire/protocol-error.js";
import { createStunFramer } from "../wire/stun/framing.js";
import type { RelayClient } from "./allocations.js";
import type { Turn } from "./turn.js";

/** Where the relay listens, and what it tells of it. */
export type TurnSocketsOptions = {
  /** "0.0.0.0": IPv6 too. */
  readonly host: string;
  /** Of UDP and of TCP; 0 takes one that is free for both. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: IngestLog;
};

/** The relay's sockets. */
export type TurnSockets = { readonly port: number; close(): Promise<void> };

/** Without an allocation a TCP connection is cut after so long (reliability.md test 5). */
const IDLE_MS = 10_000;

/** A network would drop as well what waits half a second: a voice that late is not wanted. */
const MAX_WAITING_BYTES = 64 * 1024;

/** A second of a call of eight, all of it relayed. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Of one address: connections that said what is not STUN; then it is refused at accept for a while. */
const NONSENSE = { count: 20, inMs: 60_000 } as const;

const EVERYWHERE = "0.0.0.0";
const NO_IPV6: ReadonlySet<unknown> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL"]);
const MOST_TRIES = 5; // a port that is free for UDP is one for TCP, but for bad luck

/** Opens UDP and TCP on one port; rejects as `listen` does when one of them is taken. */
export async function openTurnSockets(options: TurnSocketsOptions, turn: Turn): Promise<TurnSockets> {
  for (let tries = 1; ; tries++) {
    const udp = await openUdp(options, turn);
    try {
      const tcp = await openTcp({ ...options, port: udp.port }, turn);
      return {
        port: udp.port,
        async close() {
          await Promise.all([udp.close(), tcp.close()]);
        },
      };
    } catch (error) {
      await udp.close();
      if (options.port !== 0 || tries === MOST_TRIES || !hasCode(error, new Set(["EADDRINUSE"]))) throw error;
    }
  }
}

async function openUdp({ host, port, log }: TurnSocketsOptions, turn: Turn): Promise<UdpSockets> {
  const sockets = await openUdpSockets({
    host,
    port,
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    onPacket(bytes, from) {
      const client: RelayClient = {
        key: `${from.address} ${from.port}`,
        address: plainAddress(from.address),
        port: from.port,
        isStream: false,
        send: (answer) => sockets.send(answer, from),
        allocated: () => undefined,
      };
      try {
        turn.take(bytes, client);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        log.debug({ address: from.address, reason: error.message }, "relay: a datagram was not understood");
      }
    },
    onError: (error) => log.debug({ reason: error.message }, "relay: socket error"),
  });
  return sockets;
}

async function openTcp(options: TurnSocketsOptions, turn: Turn): Promise<GuardedListener> {
  const { host, port, clock, log } = options;
  const connections = connectionCounter();
  const nonsense = attemptBudget(NONSENSE.count, NONSENSE.inMs, clock.now);
  const listen = (at: string): Promise<GuardedListener> =>
    listenGuarded({
      host: at,
      port,
      limits: GUARD_LIMITS,
      now: clock.now,
      wrongKeys: nonsense,
      onConnection: (connection) => serve(connection, connections.next(), options, turn),
      onRefused: (address, why, count) =>
        log.warn({ address, why, count }, "relay: connection refused at accept"),
    });
  if (host !== EVERYWHERE) return listen(host);
  try {
    return await listen("::"); // takes IPv4 too
  } catch (error) {
    if (!hasCode(error, NO_IPV6)) throw error;
    return listen(EVERYWHERE);
  }
}

function connectionCounter(): { next(): number } {
  let count = 0;
  return { next: () => ++count };
}

/** One TCP connection, to its end. */
function serve(connection: GuardedConnection, number: number, options: TurnSocketsOptions, turn: Turn): void {
  const { clock, log } = options;
  const { socket, address } = connection;
  const framer = createStunFramer();
  const cutLater = (): (() => void) => clock.after(IDLE_MS, () => socket.destroy());
  let cancelCut: (() => void) | null = cutLater();
  const client: RelayClient = {
    key: `tcp ${number}`,
    address,
    port: socket.remotePort ?? 0,
    isStream: true,
    send(bytes) {
      if (socket.writableLength < MAX_WAITING_BYTES) connection.send(bytes);
    },
    allocated(hasOne) {
      cancelCut?.();
      cancelCut = hasOne || socket.destroyed ? null : cutLater();
      if (hasOne) connection.admitted();
    },
  };
  socket.on("data", (bytes: Buffer) => {
    try {
      for (const message of framer.take(bytes)) turn.take(message, client);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      log.debug({ address, reason: error.message }, "relay: a connection was not understood");
      connection.wrongKey();
      socket.destroy();
    }
  });
  socket.on("end", () => socket.destroy());
  socket.on("error", (error) => log.debug({ address, reason: error.message }, "relay: socket error"));
  socket.on("close", () => {
    cancelCut?.();
    cancelCut = null;
    turn.gone(client);
  });
}

function hasCode(error: unknown, codes: ReadonlySet<unknown>): boolean {
  return error instanceof Error && "code" in error && codes.has(error.code);
}
