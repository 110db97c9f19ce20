import { randomBytes } from "node:crypto";
import type { EngineSettings } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import { openUdpSockets, type UdpPeer } from "../../net/udp-sockets.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { parseSrtPacket, SRT_HEADER_BYTES } from "../../wire/srt/packet.js";
import { tsToUnits } from "../mpegts/to-units.js";
import type { IngestDuties } from "../ports.js";
import { createDoor } from "./door.js";
import { TICK_MS } from "./receiver.js";
import type { SrtSession } from "./session.js";

/** What the SRT listener needs of the engine. */
export type SrtListenerOptions = IngestDuties &
  NonNullable<EngineSettings["srt"]> & {
    readonly clock: Clock;
    /** What takes the payload: a demultiplexer of MPEG-TS unless a test wants the bytes as they came. */
    readonly toUnits?: typeof tsToUnits;
  };

/** A running listener. */
export type SrtListener = { readonly port: number; close(): Promise<void> };

/** More than a second at 50 Mbit/s, for when the process or the machine is held up. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;

/** With less than a quarter of that, a keyframe or a busy moment costs packets: worth a line in the log. */
const ENOUGH_BUFFER_BYTES = 2 * 1024 * 1024;

/** An admitted caller and the only address that may speak for it. */
type Seat = { readonly session: SrtSession; readonly peer: UdpPeer };

/** Listens for SRT callers and brings the admitted ones to the hub. */
export async function startSrtListener(options: SrtListenerOptions): Promise<SrtListener> {
  const { clock, log } = options;
  const seats = new Map<number, Seat>(); // the door bounds it
  let cancelTick: (() => void) | null = null;
  let isClosed = false;

  const door = createDoor({
    ...options,
    toUnits: options.toUnits ?? tsToUnits,
    random: randomBytes,
    send: (bytes, to) => sockets.send(bytes, to),
    seats: {
      size: () => seats.size,
      isFree: (socketId) => !seats.has(socketId),
      take(socketId, session, peer) {
        seats.set(socketId, { session, peer });
        cancelTick ??= clock.after(TICK_MS, tick);
      },
      leave: (socketId) => seats.delete(socketId),
    },
  });

  function tick(): void {
    cancelTick = isClosed ? null : clock.after(TICK_MS, tick);
    for (const { session } of seats.values()) session.tick();
    const isIdle = door.tick() && seats.size === 0;
    if (!isIdle) return;
    cancelTick?.();
    cancelTick = null;
  }

  function onPacket(bytes: Uint8Array, from: UdpPeer): void {
    if (isClosed || bytes.length < SRT_HEADER_BYTES) return;
    try {
      const isToNobody = bytes[12] === 0 && bytes[13] === 0 && bytes[14] === 0 && bytes[15] === 0;
      if (isToNobody && !door.mayRead(bytes, from)) return;
      const packet = parseSrtPacket(bytes);
      if (isToNobody) {
        if (packet.is !== "handshake") return;
        door.knock(packet.body, from);
        cancelTick ??= clock.after(TICK_MS, tick);
        return;
      }
      const seat = seats.get(packet.destination);
      // A stranger's packet changes nothing, whatever number it guesses.
      if (seat?.peer.port === from.port && seat.peer.address === from.address) seat.session.take(packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      log.debug({ address: from.address, reason: error.message }, "srt: a packet was not understood");
    }
  }

  const sockets = await openUdpSockets({
    host: options.host,
    port: options.port,
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    onPacket,
    onError: (error) => log.debug({ reason: error.message }, "srt: socket error"),
  });
  if (sockets.receiveBufferBytes < ENOUGH_BUFFER_BYTES) {
    log.warn(
      { bytes: sockets.receiveBufferBytes, wanted: RECEIVE_BUFFER_BYTES },
      "srt: the system gives little room for waiting packets; on Linux raise net.core.rmem_max to 8388608",
    );
  }

  return {
    port: sockets.port,
    async close() {
      if (isClosed) return;
      for (const { session } of seats.values()) session.close();
      isClosed = true;
      cancelTick?.();
      cancelTick = null;
      door.close();
      seats.clear();
      await sockets.close();
    },
  };
}
