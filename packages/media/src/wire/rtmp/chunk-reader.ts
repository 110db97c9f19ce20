import { ProtocolError } from "../protocol-error.js";

/** A whole message as the chunk layer hands it up (RTMP 1.0 §5.3). */
export type RawMessage = {
  readonly chunkStream: number;
  readonly type: number;
  readonly streamId: number;
  /** Milliseconds, 32 bits, as sent: the caller unwraps. */
  readonly timestamp: number;
  /** Belongs to the receiver of the message: nothing else refers to it. */
  readonly payload: Uint8Array;
};

/** Ids below 320 take two header bytes; no encoder uses more than ten at once. */
const MAX_CHUNK_STREAMS = 64;

/** Messages begun and not finished at the same time: audio, video, data and a command make four. */
const MAX_PARTIAL = 8;

/** What may be set aside beyond what has arrived, over all partial messages. */
const FREE_BYTES = 16 * 1024;

/** 3 bytes of ones: the real time stamp follows the header (§5.3.1.3). */
const EXTENDED = 0xffffff;

/**
 * A distance between two messages that is believable when a type 3 chunk begins a message right after a type 0 chunk:
 * by §5.3.1.2.4 (and FFmpeg) the first one's time stamp is then the distance; GStreamer and others mean none.
 */
const MAX_BELIEVABLE_DELTA_MS = 1000;

type ChunkStream = {
  type: number;
  length: number;
  streamId: number;
  timestamp: number;
  delta: number;
  /** The extended field's value, which a type 3 chunk may or may not repeat; null when there was none. */
  extended: number | null;
  /** The message being put together; null between messages. */
  payload: Uint8Array | null;
  have: number;
};

/**
 * Puts messages together from chunks, whatever the pieces the bytes come in. `push` what has arrived, then call `next`
 * until it gives null. The caller sets `chunkSize` when it meets that message: it counts from the next chunk on.
 */
export class ChunkReader {
  /** Bytes of payload in a chunk: 128 until the peer says otherwise (§5.4.1). */
  chunkSize = 128;
  /** A longer message ends the connection before anything is set aside for it. */
  maxMessageBytes: number;

  readonly #streams = new Map<number, ChunkStream>();
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #received = 0;
  #setAside = 0;
  #partial = 0;
  /** The stream whose chunk is being read, and what is missing of that chunk; null at a chunk's header. */
  #current: ChunkStream | null = null;
  #currentId = 0;
  #chunkLeft = 0;

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Bytes pushed and not yet read. */
  get waiting(): number {
    return this.#input.length - this.#at;
  }

  /** Adds bytes. They are not copied when all that came before has been read. */
  push(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.waiting === 0) {
      this.#input = bytes;
    } else {
      const joined = new Uint8Array(this.waiting + bytes.length);
      joined.set(this.#input.subarray(this.#at));
      joined.set(bytes, this.waiting);
      this.#input = joined;
    }
    this.#at = 0;
  }

  /** The next whole message, or null when more bytes are needed. */
  next(): RawMessage | null {
    for (;;) {
      if (this.#current === null && !this.#readHeader()) return null;
      const message = this.#readPayload();
      if (message !== null) return message;
      if (this.#current !== null) return null;
    }
  }

  /** Abort message (§5.4.2): what has come of a message on this chunk stream is thrown away. */
  abort(chunkStream: number): void {
    const stream = this.#streams.get(chunkStream);
    if (stream !== undefined && stream.payload !== null) this.#drop(stream);
  }

  /** Reads one chunk header; false, with nothing taken, when it has not all arrived. */
  #readHeader(): boolean {
    const start = this.#at;
    const basic = this.#peekBasicHeader();
    if (basic === null) return false;
    let at = start + basic.bytes;
    const { format, id } = basic;
    const known = this.#streams.get(id);
    const headerBytes = HEADER_BYTES[format] ?? 0;
    if (this.#input.length < at + headerBytes) return false;
    if (known === undefined && format === 3) {
      throw new ProtocolError("rtmp chunk", `chunk stream ${id} begins without a header`);
    }

    const isNew = known === undefined || known.payload === null;
    const head = format === 3 ? null : this.#parseMessageHeader(at, format);
    at += headerBytes;
    let time = head?.time ?? 0;
    let extended = format === 3 ? (known?.extended ?? null) : null;
    if (head !== null && head.time === EXTENDED) {
      if (this.#input.length < at + 4) return false;
      time = this.#u32(at);
      extended = time;
      at += 4;
    } else if (format === 3 && extended !== null) {
      const repeated = this.#isRepeated(at, extended);
      if (repeated === null) return false;
      if (repeated) at += 4;
    }

    const stream = known ?? this.#open(id);
    if (!isNew && format !== 3) this.#drop(stream); // a new header in the middle of a message: the old one is lost
    if (stream.payload === null) this.#begin(stream, format, head, time, extended);
    this.#at = at;
    this.#current = stream;
    this.#currentId = id;
    this.#chunkLeft = Math.min(this.chunkSize, stream.length - stream.have);
    return true;
  }

  #u32(at: number): number {
    const input = this.#input;
    return new DataView(input.buffer, input.byteOffset + at, 4).getUint32(0);
  }

  #peekBasicHeader(): { format: number; id: number; bytes: number } | null {
    const first = this.#input[this.#at];
    if (first === undefined) return null;
    const format = first >> 6;
    const low = first & 0x3f;
    if (low > 1) return { format, id: low, bytes: 1 };
    const second = this.#input[this.#at + 1];
    if (second === undefined) return null;
    if (low === 0) return { format, id: 64 + second, bytes: 2 };
    const third = this.#input[this.#at + 2];
    return third === undefined ? null : { format, id: 64 + second + third * 256, bytes: 3 };
  }

  #parseMessageHeader(at: number, format: number): MessageHeader {
    const input = this.#input;
    const u24 = (from: number) =>
      ((input[from] ?? 0) << 16) | ((input[from + 1] ?? 0) << 8) | (input[from + 2] ?? 0);
    const time = u24(at);
    if (format === 2) return { time, length: null, type: null, streamId: null };
    const length = u24(at + 3);
    const type = input[at + 6] ?? 0;
    if (format === 1) return { time, length, type, streamId: null };
    const view = new DataView(input.buffer, input.byteOffset + at + 7, 4);
    return { time, length, type, streamId: view.getUint32(0, true) }; // the one little-endian field (§5.3.1.2.1)
  }

  /**
   * Does a type 3 chunk repeat the extended time stamp? It should (§5.3.1.3); OBS before 2024 and rtmpdump do not.
   * Null when what has arrived could be the beginning of either.
   */
  #isRepeated(at: number, extended: number): boolean | null {
    for (let i = 0; i < 4; i++) {
      const byte = this.#input[at + i];
      if (byte === undefined) return null;
      if (byte !== ((extended >>> (24 - 8 * i)) & 255)) return false;
    }
    return true;
  }

  #open(id: number): ChunkStream {
    if (this.#streams.size >= MAX_CHUNK_STREAMS) {
      throw new ProtocolError("rtmp chunk", `more than ${MAX_CHUNK_STREAMS} chunk streams`);
    }
    const stream: ChunkStream = {
      type: 0,
      length: 0,
      streamId: 0,
      timestamp: 0,
      delta: 0,
      extended: null,
      payload: null,
      have: 0,
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #begin(
    stream: ChunkStream,
    format: number,
    head: MessageHeader | null,
    time: number,
    extended: number | null,
  ): void {
    if (head?.length != null) stream.length = head.length;
    if (head?.type != null) stream.type = head.type;
    if (head?.streamId != null) stream.streamId = head.streamId;
    if (format === 0) {
      stream.timestamp = time;
      stream.delta = time <= MAX_BELIEVABLE_DELTA_MS ? time : 0;
    } else {
      if (format !== 3) stream.delta = time; // a fresh chunk stream may begin with type 1 (librtmp's ping): from 0
      stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    }
    stream.extended = extended;
    if (stream.length > this.maxMessageBytes) {
      throw new ProtocolError(
        "rtmp chunk",
        `a message of ${stream.length} bytes, at most ${this.maxMessageBytes} are allowed here`,
      );
    }
    if (++this.#partial > MAX_PARTIAL) {
      throw new ProtocolError("rtmp chunk", `more than ${MAX_PARTIAL} messages begun at once`);
    }
    stream.payload = new Uint8Array(this.#mayBeSetAside(stream.length));
    stream.have = 0;
    this.#setAside += stream.payload.length;
  }

  /**
   * A message's whole length, as long as all that is set aside stays within what has arrived on this connection: a
   * video stream gets its frames without a second copy, an announced length alone gets nothing.
   */
  #mayBeSetAside(length: number): number {
    const free = Math.max(0, this.#received + FREE_BYTES - this.#setAside);
    return Math.min(length, free);
  }

  /** Copies what has arrived of the current chunk; the message when this completes it. */
  #readPayload(): RawMessage | null {
    const stream = this.#current;
    if (stream === null || stream.payload === null) return null;
    const take = Math.min(this.#chunkLeft, this.waiting);
    const payload = this.#grow(stream, stream.have + take);
    payload.set(this.#input.subarray(this.#at, this.#at + take), stream.have);
    stream.have += take;
    this.#at += take;
    this.#chunkLeft -= take;
    if (this.#chunkLeft > 0) return null;
    this.#current = null;
    if (stream.have < stream.length) return null;
    this.#drop(stream);
    const { type, streamId, timestamp } = stream;
    return {
      chunkStream: this.#currentId,
      type,
      streamId,
      timestamp,
      payload: payload.subarray(0, stream.length),
    };
  }

  #grow(stream: ChunkStream, needed: number): Uint8Array {
    const payload = stream.payload ?? new Uint8Array(0);
    if (payload.length >= needed) return payload;
    const larger = new Uint8Array(Math.min(stream.length, Math.max(needed, 2 * payload.length)));
    larger.set(payload.subarray(0, stream.have));
    this.#setAside += larger.length - payload.length;
    stream.payload = larger;
    return larger;
  }

  #drop(stream: ChunkStream): void {
    this.#setAside -= stream.payload?.length ?? 0;
    this.#partial--;
    stream.payload = null;
  }
}

type MessageHeader = { time: number; length: number | null; type: number | null; streamId: number | null };

/** Bytes of the message header by chunk type (§5.3.1.2). */
const HEADER_BYTES = [11, 7, 3, 0] as const;
