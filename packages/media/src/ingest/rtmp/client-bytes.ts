import { type AmfValue, amfObject } from "../../wire/rtmp/amf0.js";
import { writeChunks } from "../../wire/rtmp/chunk-writer.js";
import { joined } from "../../wire/rtmp/enhanced.js";
import { HANDSHAKE_BYTES, writeC1 } from "../../wire/rtmp/handshake.js";
import { MESSAGE_TYPE, type Message, writeMessage } from "../../wire/rtmp/message.js";

/** What a client sends, made by hand: for tests. Chunks have the default size of 128 bytes. */
export const clientBytes = {
  /** C0, C1 and C2. */
  handshake: (): Uint8Array =>
    joined([
      Uint8Array.of(3),
      writeC1((n) => new Uint8Array(n).fill(7), null),
      new Uint8Array(HANDSHAKE_BYTES),
    ]),

  message: (message: Message, timestamp = 0, streamId = 0): Uint8Array =>
    writeChunks({ chunkStream: 3, streamId, timestamp, ...writeMessage(message) }, 128),

  command: (name: string, transaction: number, ...values: AmfValue[]): Uint8Array =>
    clientBytes.message({ is: "command", name, transaction, values }),

  connect: (fields: Record<string, AmfValue> = { app: "live", flashVer: "test" }): Uint8Array =>
    clientBytes.command("connect", 1, amfObject(fields)),

  publish: (name: AmfValue): Uint8Array => clientBytes.command("publish", 5, null, name, "live"),

  /** Everything up to and with publish. */
  start: (key: string): Uint8Array =>
    joined([
      clientBytes.handshake(),
      clientBytes.connect(),
      clientBytes.command("createStream", 2, null),
      clientBytes.publish(key),
    ]),

  video: (tag: Uint8Array, timestamp: number): Uint8Array =>
    writeChunks({ chunkStream: 6, type: MESSAGE_TYPE.video, streamId: 1, timestamp, payload: tag }, 128),

  audio: (tag: Uint8Array, timestamp: number): Uint8Array =>
    writeChunks({ chunkStream: 4, type: MESSAGE_TYPE.audio, streamId: 1, timestamp, payload: tag }, 128),
};
