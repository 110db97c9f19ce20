import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { fingerprint } from "./fingerprint.js";
import { wallMs } from "./wait.js";

/** A coded picture on its way from the encoder to the engine. */
export type TappedPicture = {
  readonly fingerprint: string;
  /** Wall clock just before its last byte was handed to the kernel for the engine. */
  readonly atMs: number;
  readonly isKeyframe: boolean;
  readonly bytes: number;
};

/** Passes RTMP on byte by byte and notes when each picture was complete. */
export type RtmpTap = {
  readonly port: number;
  readonly pictures: TappedPicture[];
  close(): Promise<void>;
};

const HANDSHAKE_BYTES = 1 + 1536 + 1536; // C0, C1, C2 (RTMP 1.0 §5.2)

/** Starts a tap in front of an RTMP port of this machine; `open` connects to it, by TLS where it is one of RTMPS. */
export async function startRtmpTap(
  targetPort: number,
  open: (port: number) => Socket = (port) => connect(port, "127.0.0.1"),
): Promise<RtmpTap> {
  const pictures: TappedPicture[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((encoder) => {
    const engine = open(targetPort);
    for (const socket of [encoder, engine]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("close", () => {
        sockets.delete(socket);
        encoder.destroy();
        engine.destroy();
      });
      socket.on("error", () => socket.destroy());
    }
    const reader = makeChunkReader((payload) => {
      const picture = readAvcTag(payload);
      if (picture !== null) pictures.push({ ...picture, atMs: wallMs() });
    });
    encoder.on("data", (bytes: Buffer) => {
      reader(bytes); // first the clock, then the bytes: the engine's time can only be over-, never understated
      engine.write(bytes);
    });
    engine.on("data", (bytes: Buffer) => encoder.write(bytes));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    pictures,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type ChunkStream = { length: number; type: number; extended: boolean; parts: Buffer[]; have: number };

/** Reads a client's chunk stream (RTMP 1.0 §5.3) and hands out each video message when its last byte is there. */
export function makeChunkReader(onVideo: (payload: Buffer) => void): (bytes: Buffer) => void {
  const streams = new Map<number, ChunkStream>();
  let held: Buffer = Buffer.alloc(0);
  let skip = HANDSHAKE_BYTES;
  let chunkBytes = 128;

  /** Consumes one chunk from the start of `held`; false when it is not all there. */
  function readChunk(): boolean {
    const first = held[0];
    if (first === undefined) return false;
    const low = first & 0x3f;
    const basicBytes = low === 0 ? 2 : low === 1 ? 3 : 1;
    const format = first >> 6;
    const headAt = basicBytes + ([11, 7, 3, 0][format] as number);
    if (held.length < headAt) return false;
    const id = low === 0 ? 64 + held.readUInt8(1) : low === 1 ? 64 + held.readUInt16LE(1) : low;

    const stream = streams.get(id) ?? { length: 0, type: 0, extended: false, parts: [], have: 0 };
    const extended = format === 3 ? stream.extended : held.readUIntBE(basicBytes, 3) === 0xffffff;
    const length = format <= 1 ? held.readUIntBE(basicBytes + 3, 3) : stream.length;
    const type = format <= 1 ? held.readUInt8(basicBytes + 6) : stream.type;
    const bodyAt = headAt + (extended ? 4 : 0);
    const bodyBytes = Math.min(chunkBytes, length - stream.have);
    if (held.length < bodyAt + bodyBytes) return false;

    Object.assign(stream, { length, type, extended });
    stream.parts.push(held.subarray(bodyAt, bodyAt + bodyBytes));
    stream.have += bodyBytes;
    streams.set(id, stream);
    held = held.subarray(bodyAt + bodyBytes);
    if (stream.have < length) return true;

    const payload = Buffer.concat(stream.parts);
    stream.parts = [];
    stream.have = 0;
    if (type === 1) chunkBytes = payload.readUInt32BE(0) & 0x7fffffff;
    if (type === 9) onVideo(payload);
    return true;
  }

  return (bytes) => {
    const skipped = Math.min(skip, bytes.length);
    skip -= skipped;
    if (skipped === bytes.length) return;
    held = held.length === 0 ? bytes.subarray(skipped) : Buffer.concat([held, bytes.subarray(skipped)]);
    while (readChunk()) {
      // until the rest is less than a chunk
    }
  };
}

/** The NAL units of an FLV AVC tag (Adobe FLV 10.1 §E.4.3.1) with 4-byte lengths; null for anything but a picture. */
export function readAvcTag(payload: Buffer): Omit<TappedPicture, "atMs"> | null {
  if (payload.length < 5 || (payload.readUInt8(0) & 0x0f) !== 7 || payload.readUInt8(1) !== 1) return null;
  const units = splitAvcc(payload.subarray(5));
  return {
    fingerprint: fingerprint(units),
    isKeyframe: payload.readUInt8(0) >> 4 === 1,
    bytes: payload.length - 5,
  };
}

/** NAL units that stand behind 4-byte lengths (ISO/IEC 14496-15 §5.3.4.2). */
export function splitAvcc(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    units.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return units;
}
