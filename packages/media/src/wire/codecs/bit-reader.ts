import { ProtocolError } from "../protocol-error.js";

/** Reads bits, most significant first, and Exp-Golomb codes (ITU-T H.264 §9.1); never past the end. */
export class BitReader {
  readonly #protocol: string;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(protocol: string, bytes: Uint8Array) {
    this.#protocol = protocol;
    this.#bytes = bytes;
  }

  /** Bits not yet read. */
  get left(): number {
    return this.#bytes.length * 8 - this.#at;
  }

  /** Bits read so far. */
  get offset(): number {
    return this.#at;
  }

  bit(): 0 | 1 {
    if (this.left < 1) this.fail("the bits end too early");
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    const bit = (byte >> (7 - (this.#at & 7))) & 1;
    this.#at++;
    return bit === 1 ? 1 : 0;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of up to 32 bits. */
  u(bits: number): number {
    if (bits > this.left) this.fail(`wanted ${bits} bits, ${this.left} left`);
    let value = 0;
    for (let i = 0; i < bits; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(bits: number): void {
    if (bits > this.left) this.fail(`wanted to skip ${bits} bits, ${this.left} left`);
    this.#at += bits;
  }

  /** Unsigned Exp-Golomb, ue(v). */
  ue(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros++;
      if (zeros > 32) this.fail("an Exp-Golomb code of more than 32 bits");
    }
    return 2 ** zeros - 1 + this.u(zeros);
  }

  /** An ue(v) that must not be above `most`; `name` goes into the error. */
  ueUpTo(most: number, name: string): number {
    const value = this.ue();
    if (value > most) this.fail(`${name} is ${value}, at most ${most} is possible`);
    return value;
  }

  /** Signed Exp-Golomb, se(v). */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -(code / 2);
  }

  /** Ends the reading with an error that names the byte. */
  fail(reason: string): never {
    throw new ProtocolError(this.#protocol, reason, this.#at >> 3);
  }
}
