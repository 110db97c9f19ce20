import {
  type ParsedPesHeader,
  PES_FIXED_BYTES,
  type PesHeader,
  parsePesHeader,
  pesHeaderBytes,
} from "../../wire/mpegts/pes.js";
import { isStuffed, type TsPacket } from "../../wire/mpegts/ts-packet.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { startTrust } from "./trust.js";

/** How the end of a PES was known; the order is that of how soon. */
export type PesEnd = "length" | "stuffing" | "message" | "next" | "end";

/** One whole PES of a track. */
export type Pes = {
  readonly header: PesHeader;
  readonly payload: Uint8Array;
  /** The adaptation field at its start says that a decoder can start here. */
  readonly isRandomAccess: boolean;
  readonly endedBy: PesEnd;
};

/** Puts the PES packets of one PID together. */
export type PesAssembly = {
  /** Packets of this PID only, in order. */
  take(packet: TsPacket): void;
  /** The sender's message ended with the packet that was taken last, and was shorter than its others. */
  messageEnds(): void;
  /** Bytes are missing here: what was begun is left out. */
  lost(): void;
  /** Nothing more comes: a PES that looks as if it only lacked the next one's start is whole. */
  end(): void;
};

/** What an assembly tells. */
export type PesAssemblyEvents = {
  pes(pes: Pes): void;
  /** A PES that had begun was left out: why. */
  skipped(reason: string): void;
  /** What comes next does not follow what came before. */
  gap(): void;
};

/** A PES of an unsaid length may not grow for ever: a 4K IDR at 100 Mbit/s is under 4 MiB. */
const MAX_PES_BYTES = 8 * 1024 * 1024;

/** What the buffer begins with; it grows by doubling. */
const FIRST_BUFFER_BYTES = 64 * 1024;

/**
 * Where the assembly stands. `open` takes bytes; `over` has given its PES away and waits for the next to begin;
 * `waiting` does so after damage, or at the start.
 */
type State = { is: "waiting" } | { is: "open"; isRandomAccess: boolean } | { is: "over"; by: PesEnd };

/**
 * A PES without a length ends, strictly, where the next one begins: a frame later. Two signs tell sooner: its last packet
 * is stuffed, and a sender that flushes each frame ends a message with it. Neither is promised by a standard, so each is
 * believed only after it has been right eight times, and never again after it was wrong once.
 */
export function startPesAssembly(events: PesAssemblyEvents): PesAssembly {
  const stuffing = startTrust();
  const messages = startTrust();
  let state: State = { is: "waiting" };
  let buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  let length = 0;
  let parsed: ParsedPesHeader | null = null;
  let continuity: number | null = null;
  let lastPayloadBytes = 0;
  let wasStuffed = false;
  let didMessageEnd = false; // a short message ended here, and the PES was not known to be over

  function leaveOut(reason: string): void {
    if (state.is === "open") events.skipped(reason);
    state = { is: "waiting" };
    events.gap();
  }

  function append(payload: Uint8Array): void {
    if (length + payload.length > buffer.length) {
      const larger = new Uint8Array(2 * buffer.length);
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(payload, length);
    length += payload.length;
    lastPayloadBytes = payload.length;
  }

  /** Gives the PES away in a piece of memory of its own. */
  function finish(by: PesEnd, end = length): void {
    if (state.is !== "open" || parsed === null) return;
    const { isRandomAccess } = state;
    const payload = buffer.slice(parsed.payloadAt, end);
    state = { is: "over", by };
    if (payload.length > 0) events.pes({ header: parsed.header, payload, isRandomAccess, endedBy: by });
  }

  /** Tells the packets that are sent twice, which is allowed, from a counter that has gone once around. */
  function isRepeated(packet: TsPacket, payload: Uint8Array): boolean {
    if (packet.continuity !== continuity || payload.length !== lastPayloadBytes) return false;
    const from = length - lastPayloadBytes;
    return payload.every((byte, i) => byte === buffer[from + i]);
  }

  function checkContinuity({ continuity: counter, adaptation }: TsPacket): void {
    const jumped = continuity !== null && counter !== ((continuity + 1) & 15);
    continuity = counter;
    if (!jumped || adaptation?.isDiscontinuity === true) return;
    leaveOut("packets are missing in the middle of it");
    wasStuffed = false;
    didMessageEnd = false;
  }

  /** A PES begins: whatever was taken for an end was one. */
  function begin(packet: TsPacket): void {
    if (wasStuffed) stuffing.see(true);
    if (didMessageEnd) messages.see(true);
    if (state.is === "open" && parsed?.header.packetLength === 0) finish("next");
    else if (state.is === "open") leaveOut("it ended before its length was reached");
    state = { is: "open", isRandomAccess: packet.adaptation?.isRandomAccess === true };
    length = 0;
    parsed = null;
  }

  /** More of the same PES: whatever was taken for its end was none. */
  function goOn(): void {
    if (wasStuffed) stuffing.see(false);
    if (didMessageEnd) messages.see(false);
    if (state.is !== "over" || state.by === "length") return;
    (state.by === "stuffing" ? stuffing : messages).see(false);
    events.skipped("it went on after it had seemed to end: its rest is left out");
    state = { is: "waiting" };
    events.gap();
  }

  function readHeader(): boolean {
    if (parsed !== null) return true;
    const needed = length < PES_FIXED_BYTES ? null : pesHeaderBytes(buffer.subarray(0, length));
    if (needed === null || length < needed) return false;
    try {
      parsed = parsePesHeader(buffer.subarray(0, needed));
      return true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      leaveOut(error.message);
      return false;
    }
  }

  function seeEnd(stuffed: boolean): void {
    wasStuffed = false;
    didMessageEnd = false;
    if (state.is !== "open" || !readHeader() || parsed === null) return;
    const { packetLength } = parsed.header;
    if (packetLength !== 0) {
      const end = 6 + packetLength;
      if (length >= end) finish("length", end);
      if (stuffed) stuffing.see(length >= end);
      return;
    }
    if (length > MAX_PES_BYTES) leaveOut(`it has more than ${MAX_PES_BYTES} bytes`);
    else if (stuffed && stuffing.isEarned()) finish("stuffing");
    else wasStuffed = stuffed;
  }

  return {
    take(packet) {
      const { payload } = packet;
      if (payload === null || isRepeated(packet, payload)) return;
      checkContinuity(packet);
      if (packet.startsUnit) begin(packet);
      else goOn();
      if (state.is !== "open") {
        wasStuffed = false;
        didMessageEnd = false;
        return;
      }
      append(payload);
      seeEnd(isStuffed(packet));
    },
    messageEnds() {
      if (state.is === "over") messages.see(true);
      if (state.is !== "open") return;
      if (parsed?.header.packetLength === 0 && messages.isEarned()) finish("message");
      else didMessageEnd = true;
    },
    lost() {
      leaveOut("bytes were lost on the way");
      continuity = null;
      wasStuffed = false;
      didMessageEnd = false;
    },
    end() {
      // A connection that broke has left a part of a picture, which would stand on the screen until the encoder is back.
      const looksWhole = wasStuffed || didMessageEnd || !stuffing.isEarned();
      if (parsed?.header.packetLength === 0 && looksWhole) finish("end");
      if (state.is === "open") leaveOut("it was not whole when the stream ended");
    },
  };
}
