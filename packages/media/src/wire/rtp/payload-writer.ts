/**
 * RTP payload bytes in a packet. With RTP header, extensions, SRTP's tag, UDP and IP that is 1,264 bytes on the wire by
 * IPv4 and 1,284 by IPv6: it fits through WireGuard (1,420) and PPPoE (1,492) in one piece.
 */
export const MAX_PAYLOAD_BYTES = 1200;

/** Room before each payload for a viewer's own RTP header, extensions and RTX number: 12 + 4 + 16 + 2 bytes, even. */
export const HEADROOM_BYTES = 36;

/** One packet's payload within a larger buffer; the `HEADROOM_BYTES` before `start` are the sender's. */
export type Payload = {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** The whole packet as it was last cut out: viewers mostly agree on its length, and cutting costs more than writing. */
  cut: Buffer | null;
};

/** Collects the payloads of one access unit in as few buffers as it can, copying each byte once. */
export class PayloadWriter {
  readonly payloads: Payload[] = [];
  #arena: Buffer;
  #start = 0;
  #at = 0;

  /** `bytes` is what the access unit has: the first buffer is made to hold it all. */
  constructor(bytes: number) {
    const packets = Math.ceil(bytes / (MAX_PAYLOAD_BYTES - 4)) + 4;
    this.#arena = Buffer.allocUnsafe(bytes + packets * (HEADROOM_BYTES + 8));
  }

  /** Begins a packet. */
  begin(): void {
    if (this.#at + HEADROOM_BYTES + MAX_PAYLOAD_BYTES > this.#arena.length) this.#grow();
    this.#at += HEADROOM_BYTES;
    this.#start = this.#at;
  }

  /** Bytes that the packet still takes. */
  get room(): number {
    return MAX_PAYLOAD_BYTES - (this.#at - this.#start);
  }

  /** Bytes in the packet so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  u8(value: number): void {
    this.#arena[this.#at] = value;
    this.#at += 1;
  }

  u16(value: number): void {
    this.u8(value >> 8);
    this.u8(value & 0xff);
  }

  bytes(from: Uint8Array, start: number, end: number): void {
    this.#arena.set(from.subarray(start, end), this.#at);
    this.#at += end - start;
  }

  /** Sets bits of the packet's first byte when it is known how the packet ends. */
  orFirst(bits: number): void {
    this.#arena[this.#start] = (this.#arena[this.#start] ?? 0) | bits;
  }

  /** Ends the packet. */
  end(): void {
    this.payloads.push({ buffer: this.#arena, start: this.#start, end: this.#at, cut: null });
  }

  /** Many small pieces: a further buffer of eight packets. */
  #grow(): void {
    this.#arena = Buffer.allocUnsafe(8 * (HEADROOM_BYTES + MAX_PAYLOAD_BYTES));
    this.#at = 0;
  }
}
