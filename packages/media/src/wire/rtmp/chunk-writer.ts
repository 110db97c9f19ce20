/** A message to be sent. Chunk streams by custom: 2 control, 3 commands, 4 audio, 6 video. */
export type OutgoingMessage = {
  readonly chunkStream: number;
  readonly type: number;
  readonly streamId: number;
  /** Milliseconds, 32 bits. */
  readonly timestamp: number;
  readonly payload: Uint8Array;
};

const EXTENDED = 0xffffff;

/**
 * Cuts a message into chunks (RTMP 1.0 §5.3.1): a full header (type 0), then type 3 for what does not fit, with the
 * extended time stamp repeated as §5.3.1.3 asks. What we send is short and rare: header compression would save nothing.
 */
export function writeChunks(message: OutgoingMessage, chunkSize: number): Uint8Array {
  const { payload } = message;
  const basic = basicHeaderBytes(message.chunkStream);
  const extended = message.timestamp >= EXTENDED ? 4 : 0;
  const more = Math.max(0, Math.ceil(payload.length / chunkSize) - 1);
  const out = new Uint8Array(basic + 11 + extended + payload.length + more * (basic + extended));
  const view = new DataView(out.buffer);

  let at = writeBasicHeader(out, 0, 0, message.chunkStream);
  const time = Math.min(message.timestamp, EXTENDED);
  view.setUint32(at, ((time << 8) | (payload.length >>> 16)) >>> 0);
  view.setUint16(at + 4, payload.length & 0xffff);
  out[at + 6] = message.type;
  view.setUint32(at + 7, message.streamId, true);
  at += 11;
  for (let from = 0; ; ) {
    if (extended > 0) view.setUint32(at, message.timestamp);
    at += extended;
    const piece = payload.subarray(from, from + chunkSize);
    out.set(piece, at);
    at += piece.length;
    from += piece.length;
    if (from >= payload.length) return out;
    at = writeBasicHeader(out, at, 3, message.chunkStream);
  }
}

function basicHeaderBytes(chunkStream: number): number {
  if (chunkStream < 2 || chunkStream > 65599) throw new RangeError(`chunk stream ${chunkStream}`);
  return chunkStream < 64 ? 1 : chunkStream < 320 ? 2 : 3;
}

function writeBasicHeader(out: Uint8Array, at: number, format: number, chunkStream: number): number {
  if (chunkStream < 64) {
    out[at] = (format << 6) | chunkStream;
    return at + 1;
  }
  const rest = chunkStream - 64;
  out[at + 1] = rest & 255;
  if (chunkStream < 320) {
    out[at] = format << 6;
    return at + 2;
  }
  out[at] = (format << 6) | 1;
  out[at + 2] = rest >> 8;
  return at + 3;
}
