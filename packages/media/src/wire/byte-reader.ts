import { ProtocolError } from "./protocol-error.js";

/** Reads big-endian values from bytes and throws `ProtocolError` where the input ends too early: never past the end. */
export class ByteReader {
  readonly #protocol: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(protocol: string, bytes: Uint8Array) {
    this.#protocol = protocol;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u24(): number {
    const at = this.#take(3);
    return (this.#view.getUint16(at) << 8) | this.#view.getUint8(at + 2);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  i24(): number {
    return (this.u24() << 8) >> 8;
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** The next `length` bytes, without copying. */
  slice(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** All that is left, without copying. */
  rest(): Uint8Array {
    return this.slice(this.left);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Ends the reading with an error that names where. */
  fail(reason: string): never {
    throw new ProtocolError(this.#protocol, reason, this.#at);
  }

  #take(length: number): number {
    if (length > this.left) this.fail(`wanted ${length} bytes, ${this.left} left`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
