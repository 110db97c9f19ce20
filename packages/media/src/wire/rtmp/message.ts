import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import { type AmfValue, parseAmf0, writeAmf0 } from "./amf0.js";

/** What a message says (RTMP 1.0 §5.4 and §7.1). `audio`, `video` and `aggregate` keep their bytes: flv.ts reads those. */
export type Message =
  | { readonly is: "set-chunk-size"; readonly bytes: number }
  | { readonly is: "abort"; readonly chunkStream: number }
  | { readonly is: "acknowledgement"; readonly received: number }
  | { readonly is: "user-control"; readonly event: number; readonly values: readonly number[] }
  | { readonly is: "window-acknowledgement-size"; readonly bytes: number }
  | { readonly is: "set-peer-bandwidth"; readonly bytes: number; readonly limit: number }
  | { readonly is: "audio"; readonly tag: Uint8Array }
  | { readonly is: "video"; readonly tag: Uint8Array }
  | { readonly is: "metadata"; readonly values: readonly AmfValue[] }
  | {
      readonly is: "command";
      readonly name: string;
      readonly transaction: number;
      readonly values: readonly AmfValue[];
    }
  | { readonly is: "aggregate"; readonly messages: Uint8Array }
  /** Types nobody needs, such as shared objects: ignored as §5.4 asks. */
  | { readonly is: "unknown"; readonly type: number; readonly payload: Uint8Array };

/** Message type ids (§5.4, §7.1). The AMF 3 ones wrap AMF 0 behind one byte of zero. */
export const MESSAGE_TYPE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgementSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  metadataAmf3: 15,
  commandAmf3: 17,
  metadataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** User control events (§7.1.7). */
export const USER_CONTROL = { streamBegin: 0, streamEof: 1, pingRequest: 6, pingResponse: 7 } as const;

/** Commands and metadata are small whatever their type's limit: AMF 0 costs far more memory than its bytes. */
const MAX_AMF_BYTES = 64 * 1024;

/** Reads the payload of a message of this type. */
export function parseMessage(type: number, payload: Uint8Array): Message {
  switch (type) {
    case MESSAGE_TYPE.audio:
      return { is: "audio", tag: payload };
    case MESSAGE_TYPE.video:
      return { is: "video", tag: payload };
    case MESSAGE_TYPE.setChunkSize:
      return { is: "set-chunk-size", bytes: parseChunkSize(payload) };
    case MESSAGE_TYPE.abort:
      return { is: "abort", chunkStream: new ByteReader("rtmp abort", payload).u32() };
    case MESSAGE_TYPE.acknowledgement:
      return { is: "acknowledgement", received: new ByteReader("rtmp acknowledgement", payload).u32() };
    case MESSAGE_TYPE.userControl:
      return parseUserControl(payload);
    case MESSAGE_TYPE.windowAcknowledgementSize:
      return { is: "window-acknowledgement-size", bytes: new ByteReader("rtmp window", payload).u32() };
    case MESSAGE_TYPE.setPeerBandwidth: {
      const reader = new ByteReader("rtmp bandwidth", payload);
      return { is: "set-peer-bandwidth", bytes: reader.u32(), limit: reader.left > 0 ? reader.u8() : 2 };
    }
    case MESSAGE_TYPE.metadataAmf0:
    case MESSAGE_TYPE.metadataAmf3:
      return { is: "metadata", values: parseAmf0(unwrapAmf3(type === MESSAGE_TYPE.metadataAmf3, payload)) };
    case MESSAGE_TYPE.commandAmf0:
    case MESSAGE_TYPE.commandAmf3:
      return parseCommand(unwrapAmf3(type === MESSAGE_TYPE.commandAmf3, payload));
    case MESSAGE_TYPE.aggregate:
      return { is: "aggregate", messages: payload };
    default:
      return { is: "unknown", type, payload };
  }
}

/** Type and payload of a message: AMF 0 for commands and metadata. */
export function writeMessage(message: Message): { type: number; payload: Uint8Array } {
  switch (message.is) {
    case "set-chunk-size":
      return { type: MESSAGE_TYPE.setChunkSize, payload: u32s(message.bytes) };
    case "abort":
      return { type: MESSAGE_TYPE.abort, payload: u32s(message.chunkStream) };
    case "acknowledgement":
      return { type: MESSAGE_TYPE.acknowledgement, payload: u32s(message.received) };
    case "user-control": {
      const values = u32s(...message.values);
      const payload = new Uint8Array(2 + values.length);
      payload.set([message.event >> 8, message.event & 255]);
      payload.set(values, 2);
      return { type: MESSAGE_TYPE.userControl, payload };
    }
    case "window-acknowledgement-size":
      return { type: MESSAGE_TYPE.windowAcknowledgementSize, payload: u32s(message.bytes) };
    case "set-peer-bandwidth":
      return {
        type: MESSAGE_TYPE.setPeerBandwidth,
        payload: Uint8Array.of(...u32s(message.bytes), message.limit),
      };
    case "audio":
      return { type: MESSAGE_TYPE.audio, payload: message.tag };
    case "video":
      return { type: MESSAGE_TYPE.video, payload: message.tag };
    case "metadata":
      return { type: MESSAGE_TYPE.metadataAmf0, payload: writeAmf0(message.values) };
    case "command":
      return {
        type: MESSAGE_TYPE.commandAmf0,
        payload: writeAmf0([message.name, message.transaction, ...message.values]),
      };
    case "aggregate":
      return { type: MESSAGE_TYPE.aggregate, payload: message.messages };
    case "unknown":
      return { type: message.type, payload: message.payload };
  }
}

/** One message out of an aggregate; its time is the aggregate's plus `afterMs`. */
export type AggregatedMessage = {
  readonly type: number;
  readonly afterMs: number;
  readonly payload: Uint8Array;
};

/** An aggregate (§7.1.6): FLV tags one behind the other, each with its length repeated after it. */
export function parseAggregate(bytes: Uint8Array): AggregatedMessage[] {
  const reader = new ByteReader("rtmp aggregate", bytes);
  const messages: AggregatedMessage[] = [];
  let first: number | null = null;
  while (reader.left > 0) {
    if (messages.length >= MAX_AGGREGATED) reader.fail(`more than ${MAX_AGGREGATED} messages`);
    const type = reader.u8();
    const length = reader.u24();
    const low = reader.u24();
    const timestamp = ((reader.u8() << 24) | low) >>> 0;
    reader.skip(3); // stream id: the aggregate's counts
    const payload = reader.slice(length);
    if (reader.left > 0) reader.skip(4); // back pointer; some encoders leave the last one out
    first ??= timestamp;
    messages.push({ type, afterMs: (timestamp - first) | 0, payload });
  }
  return messages;
}

/** An aggregate holds a few frames. */
const MAX_AGGREGATED = 256;

function parseChunkSize(payload: Uint8Array): number {
  const reader = new ByteReader("rtmp chunk size", payload);
  const bytes = reader.u32();
  if (bytes < 1 || bytes > 0x7fffffff) reader.fail(`chunks of ${bytes} bytes`); // §5.4.1: the top bit must be zero
  return bytes;
}

function parseUserControl(payload: Uint8Array): Message {
  const reader = new ByteReader("rtmp user control", payload);
  const event = reader.u16();
  const values: number[] = [];
  while (reader.left >= 4 && values.length < 2) values.push(reader.u32());
  return { is: "user-control", event, values };
}

function unwrapAmf3(wrapped: boolean, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_AMF_BYTES) {
    throw new ProtocolError("amf0", `${payload.length} bytes, at most ${MAX_AMF_BYTES} are allowed`);
  }
  return wrapped && payload[0] === 0 ? payload.subarray(1) : payload;
}

function parseCommand(payload: Uint8Array): Message {
  const [name, transaction, ...values] = parseAmf0(payload);
  if (typeof name !== "string") throw new ProtocolError("rtmp command", "the name is not a string");
  return { is: "command", name, transaction: typeof transaction === "number" ? transaction : 0, values };
}

function u32s(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value >>> 0);
  return bytes;
}
