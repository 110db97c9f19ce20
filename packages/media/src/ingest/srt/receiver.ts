import type { LossRange } from "../../wire/srt/loss-list.js";
import type { SrtControl, SrtDataPacket, SrtPacket } from "../../wire/srt/packet.js";
import { SRT_HEADER_BYTES, writeSrtPacket } from "../../wire/srt/packet.js";
import { sequenceAfter, sequenceDistance } from "../../wire/srt/sequence.js";
import { type LinkMeter, startLinkMeter } from "./link-meter.js";

/** What a receiver does to the world; all are called from within `take`, `tick` and `shutDown`. */
export type ReceiverEvents = {
  send(bytes: Uint8Array): void;
  /** Payloads in order. `isShort`: smaller than the sender's usual one. */
  deliver(payload: Uint8Array, isShort: boolean): void;
  /** Before the next payload so many packets are missing for good. */
  lost(packets: number): void;
};

/** What a receiver is made from. */
export type ReceiverOptions = {
  readonly initialSequence: number;
  /** How long a hole is waited for. */
  readonly latencyMs: number;
  /** Packets held at most: a power of 2, so that the place of a sequence number survives its wrap. */
  readonly capacity: number;
  /** The caller's socket, to which everything is addressed. */
  readonly peerSocketId: number;
  /** The caller marks what it sends again: only then is reordering told from loss. */
  readonly marksRetransmissions: boolean;
  /** Takes the encryption off; null: this packet cannot be ours. */
  readonly open: (packet: SrtDataPacket) => Uint8Array | null;
  readonly events: ReceiverEvents;
};

/** The receiving side of one SRT connection, without socket or clock: packets and times go in, packets come out. */
export type SrtReceiver = {
  /** Takes a packet that came from the peer's own address. */
  take(packet: SrtPacket, nowMs: number): void;
  /** To be called every `TICK_MS`: acknowledges, asks again for what is missing, gives up what is late. */
  tick(nowMs: number): void;
  send(control: SrtControl, nowMs: number): void;
  /** Milliseconds there and back; null until measured. */
  rttMs(): number | null;
  /** How long a hole may be reordering before it counts as a loss; 0 on a line that keeps order. */
  toleranceMs(): number;
  readonly meter: LinkMeter;
};

/** Full acknowledgements come this often (draft-sharabayko-srt §4.8.1). */
export const TICK_MS = 10;

const LIGHT_ACK_EVERY = 64; // §4.8.1: between the full ones, for fast streams
const KEEPALIVE_MS = 1_000; // §3.2.3
const FIRST_RTT_MS = 100; // §4.10: assumed until measured
const MAX_NAK_WORDS = 300; // in a datagram of less than 1,280 bytes: IPv6's smallest MTU
const MIN_REPEAT_MS = 8; // less than a caller's own clock is worth
const UNMEASURED_REPEAT_MS = 40; // streams begin with a burst: a loss in it must be asked for more than once
const MIN_TRIES = 6; // within the latency, where the round trip allows it
const ACKS_REMEMBERED = 256; // 2.5 s of full ones
const MAX_TOLERANCE_MS = 30;
const TOLERANCE_HALVES_IN_MS = 4_000;

/** Starts a receiver at the sequence number that the handshake agreed on. */
export function startReceiver(options: ReceiverOptions, startedAtMs: number): SrtReceiver {
  const { events, latencyMs, capacity } = options;
  const mask = capacity - 1;
  const meter = startLinkMeter();
  const maxToleranceMs = Math.min(MAX_TOLERANCE_MS, latencyMs / 4);

  // Packets `next` to `next + span - 1` are held or missing; a packet's place is its sequence number modulo the size.
  const held: (Uint8Array | null)[] = Array.from({ length: capacity }, () => null);
  const wasRepaired = new Uint8Array(capacity);
  const missedAt = new Float64Array(capacity);
  const reportAt = new Float64Array(capacity);
  let next = options.initialSequence;
  let span = 0;
  let missing = 0;
  let nextReportMs = Number.POSITIVE_INFINITY;
  let usualBytes = 0;

  let rttMs: number | null = null;
  let rttVarianceMs = FIRST_RTT_MS / 2;
  let toleranceMs = 0;
  let tolerantAtMs = startedAtMs;

  const ackSent: { number: number; atMs: number; next: number }[] = []; // by number, modulo `ACKS_REMEMBERED`
  let ackNumber = 0;
  let acknowledged = next;
  let confirmed = next;
  let ackedAtMs = startedAtMs;
  let sinceAck = 0;
  let sentAtMs = startedAtMs;

  function send(control: SrtControl, nowMs: number): void {
    sentAtMs = nowMs;
    const timestamp = ((nowMs - startedAtMs) * 1000) >>> 0;
    events.send(writeSrtPacket({ ...control, timestamp, destination: options.peerSocketId }));
  }

  function takeData(packet: SrtDataPacket, nowMs: number): void {
    let offset = sequenceDistance(next, packet.sequence);
    if (offset < 0) return; // had it, or gave it up
    if (offset < span && held[packet.sequence & mask] !== null) return;
    const payload = options.open(packet);
    if (payload === null) return;
    if (offset >= capacity) {
      giveUpUntil(sequenceAfter(packet.sequence, 1 - capacity), nowMs);
      offset = sequenceDistance(next, packet.sequence);
    }
    const slot = packet.sequence & mask;
    if (offset < span) {
      missing--;
      const isReordered = options.marksRetransmissions && !packet.isRetransmitted;
      wasRepaired[slot] = isReordered ? 0 : 1;
      if (isReordered) tolerate(nowMs - (missedAt[slot] ?? nowMs), nowMs);
    } else {
      miss(offset, nowMs);
      span = offset + 1;
      wasRepaired[slot] = 0;
    }
    held[slot] = payload;
    handOn(nowMs);
    if (nowMs >= nextReportMs) report(nowMs);
    sinceAck++;
    if (nowMs - ackedAtMs >= TICK_MS) acknowledge(nowMs);
    else if (sinceAck >= LIGHT_ACK_EVERY && next !== acknowledged) {
      sinceAck = 0;
      send({ is: "ack", number: 0, acknowledged: { next, full: null } }, nowMs);
    }
  }

  /** What lies between the newest packet and the one at `offset` has not come. */
  function miss(offset: number, nowMs: number): void {
    for (let at = span; at < offset; at++) {
      const slot = (next + at) & mask;
      held[slot] = null;
      missedAt[slot] = nowMs;
      reportAt[slot] = nowMs + toleranceMs;
      missing++;
      nextReportMs = Math.min(nextReportMs, nowMs + toleranceMs);
    }
  }

  /** The line has brought a packet so late by itself: the next hole is given that time before it is called a loss. */
  function tolerate(lateMs: number, nowMs: number): void {
    forgive(nowMs);
    toleranceMs = Math.min(maxToleranceMs, Math.max(toleranceMs, 1.25 * lateMs + 0.5));
  }

  function forgive(nowMs: number): void {
    toleranceMs *= 0.5 ** ((nowMs - tolerantAtMs) / TOLERANCE_HALVES_IN_MS);
    if (toleranceMs < 0.5) toleranceMs = 0;
    tolerantAtMs = nowMs;
  }

  /** Gives out all that is in order, past holes that have been waited for long enough. */
  function handOn(nowMs: number): void {
    let givenUp = 0;
    while (span > 0) {
      const slot = next & mask;
      const payload = held[slot] ?? null;
      if (payload === null) {
        if (nowMs - (missedAt[slot] ?? 0) < latencyMs) break;
        missing--;
        givenUp++;
      }
      next = sequenceAfter(next, 1);
      span--;
      if (payload === null) continue;
      held[slot] = null;
      if (givenUp > 0) lose(givenUp, nowMs);
      givenUp = 0;
      usualBytes = Math.max(usualBytes, payload.length);
      meter.arrived(nowMs, wasRepaired[slot] === 1, payload.length + SRT_HEADER_BYTES);
      events.deliver(payload, payload.length < usualBytes);
    }
    if (givenUp > 0) lose(givenUp, nowMs);
    if (missing === 0) nextReportMs = Number.POSITIVE_INFINITY;
  }

  function lose(packets: number, nowMs: number): void {
    meter.missed(nowMs, packets);
    events.lost(packets);
  }

  /** The caller is so far ahead that what came before `sequence` has no place any more. */
  function giveUpUntil(sequence: number, nowMs: number): void {
    for (let at = 0; at < span && at < sequenceDistance(next, sequence); at++) {
      missedAt[(next + at) & mask] = Number.NEGATIVE_INFINITY;
    }
    handOn(nowMs);
    const rest = sequenceDistance(next, sequence);
    if (rest <= 0) return;
    next = sequence; // nothing is held here: what was, has been handed on
    span = 0;
    lose(rest, nowMs);
  }

  /** When the answer to a loss report should have been here; the report or the answer may be lost as well. */
  function repeatAfterMs(): number {
    if (rttMs === null) return UNMEASURED_REPEAT_MS;
    const latest = Math.max(rttMs + MIN_REPEAT_MS, latencyMs / MIN_TRIES);
    return Math.min(latest, Math.max(MIN_REPEAT_MS, rttMs + 2 * rttVarianceMs));
  }

  /** Asks for everything that is missing and whose time has come. */
  function report(nowMs: number): void {
    const repeatMs = repeatAfterMs() + toleranceMs;
    let ranges: LossRange[] = [];
    let openSince = -1;
    nextReportMs = Number.POSITIVE_INFINITY;
    const close = (at: number) => {
      if (openSince >= 0) ranges.push([sequenceAfter(next, openSince), sequenceAfter(next, at - 1)]);
      openSince = -1;
      if (2 * ranges.length < MAX_NAK_WORDS) return;
      send({ is: "nak", losses: ranges }, nowMs);
      ranges = [];
    };
    for (let at = 0; at < span; at++) {
      const slot = (next + at) & mask;
      const isDue = held[slot] === null && (reportAt[slot] ?? 0) <= nowMs;
      if (isDue) {
        reportAt[slot] = nowMs + repeatMs;
        if (openSince < 0) openSince = at;
      } else close(at);
      if (held[slot] === null) nextReportMs = Math.min(nextReportMs, reportAt[slot] ?? 0);
    }
    close(span);
    if (ranges.length > 0) send({ is: "nak", losses: ranges }, nowMs);
  }

  function acknowledge(nowMs: number): void {
    const isNews = next !== acknowledged;
    const isUnheard = next !== confirmed && nowMs - ackedAtMs >= (rttMs ?? FIRST_RTT_MS) + 4 * rttVarianceMs;
    if (!isNews && !isUnheard) return;
    ackNumber = (ackNumber + 1) % 2 ** 31;
    const rate = meter.rate(nowMs);
    const full = {
      rttUs: Math.round(1000 * (rttMs ?? FIRST_RTT_MS)),
      rttVarianceUs: Math.round(1000 * rttVarianceMs),
      free: Math.max(2, capacity - span),
      packetsPerSecond: rate.packets,
      capacity: rate.packets, // of the line; not probed: a live sender does not go by it
      bytesPerSecond: rate.bytes,
    };
    ackSent[ackNumber % ACKS_REMEMBERED] = { number: ackNumber, atMs: nowMs, next };
    acknowledged = next;
    ackedAtMs = nowMs;
    sinceAck = 0;
    send({ is: "ack", number: ackNumber, acknowledged: { next, full } }, nowMs);
  }

  /** The caller has our acknowledgement: that is a round trip. */
  function heard(number: number, nowMs: number): void {
    const sent = ackSent[number % ACKS_REMEMBERED];
    if (sent === undefined || sent.number !== number) return;
    sent.number = -1;
    if (sequenceDistance(confirmed, sent.next) > 0) confirmed = sent.next;
    const sample = nowMs - sent.atMs;
    if (rttMs === null) {
      rttMs = sample;
      rttVarianceMs = sample / 2;
      return;
    }
    rttVarianceMs = (3 * rttVarianceMs + Math.abs(rttMs - sample)) / 4;
    rttMs = (7 * rttMs + sample) / 8;
  }

  /** The caller will not send these any more: no use in waiting. */
  function drop(first: number, last: number, nowMs: number): void {
    const from = Math.max(0, sequenceDistance(next, first));
    const to = Math.min(capacity - 1, sequenceDistance(next, last));
    if (from > to) return;
    if (to >= span) {
      miss(to + 1, nowMs);
      span = to + 1;
    }
    for (let at = from; at <= to; at++) missedAt[(next + at) & mask] = Number.NEGATIVE_INFINITY;
    handOn(nowMs);
  }

  return {
    take(packet, nowMs) {
      if (packet.is === "data") takeData(packet, nowMs);
      else if (packet.is === "ackack") heard(packet.number, nowMs);
      else if (packet.is === "drop-request") drop(packet.first, packet.last, nowMs);
    },
    tick(nowMs) {
      handOn(nowMs);
      if (nowMs >= nextReportMs) report(nowMs);
      if (nowMs - ackedAtMs >= TICK_MS) acknowledge(nowMs);
      if (nowMs - sentAtMs >= KEEPALIVE_MS) send({ is: "keepalive" }, nowMs);
      if (toleranceMs > 0) forgive(nowMs);
    },
    send,
    rttMs: () => rttMs,
    toleranceMs: () => toleranceMs,
    meter,
  };
}
