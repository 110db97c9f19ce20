import { ProtocolError } from "../../wire/protocol-error.js";
import { type AmfValue, amfFields, amfObject } from "../../wire/rtmp/amf0.js";
import { ChunkReader, type RawMessage } from "../../wire/rtmp/chunk-reader.js";
import { writeChunks } from "../../wire/rtmp/chunk-writer.js";
import { joined } from "../../wire/rtmp/enhanced.js";
import { answerHandshake, firstByteMeans, HANDSHAKE_BYTES } from "../../wire/rtmp/handshake.js";
import {
  MESSAGE_TYPE,
  type Message,
  parseAggregate,
  parseMessage,
  USER_CONTROL,
  writeMessage,
} from "../../wire/rtmp/message.js";
import { appOfUrl, streamKey } from "./stream-key.js";

/** A client asks to publish. */
export type PublishRequest = {
  readonly key: string;
  /** flashVer: what the encoder calls itself; null when it does not say. */
  readonly encoder: string | null;
};

/** A media message of an accepted publisher. */
export type MediaMessage =
  | { readonly kind: "video" | "audio"; readonly timestamp: number; readonly tag: Uint8Array }
  | { readonly kind: "metadata"; readonly type: number; readonly payload: Uint8Array };

/** What a session does to the world. All are called from within `feed`, `accept`, `refuse` or `end`. */
export type SessionEvents = {
  send(bytes: Uint8Array): void;
  /** Asked once per publish: answer with `accept` or `refuse`. Nothing more is read until then. */
  publishAsked(request: PublishRequest): void;
  media(message: MediaMessage): void;
  /** The client has said that it stops; it may publish again or close. */
  unpublished(): void;
};

/** Where a session stands. */
export type SessionState =
  | { readonly is: "handshake"; readonly await: "c1" | "c2" }
  | { readonly is: "connected" }
  | { readonly is: "deciding" }
  | { readonly is: "publishing" }
  | { readonly is: "refused" };

/** One RTMP connection, without its socket: bytes go in, bytes and events come out. */
export type RtmpSession = {
  readonly state: SessionState;
  /** Takes bytes of any length; throws `ProtocolError` when the connection must be closed. */
  feed(bytes: Uint8Array): void;
  /** The publisher is let in. Media that came early follows at once. */
  accept(): void;
  /** The publisher is turned away with words that OBS shows; the caller closes. */
  refuse(description: string): void;
  /** Tells an accepted publisher why it is being ended; the caller closes. */
  end(description: string): void;
};

/** Commands are under 2 KiB; nobody may make us hold more before admission. */
const MAX_MESSAGE_BEFORE_ADMISSION = 64 * 1024;

/** A 4K keyframe at 100 Mbit/s is under 4 MiB. */
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;

/** Early media kept while admission is asked (50 ms): 1 MiB is 160 ms at 50 Mbit/s, and the socket is paused besides. */
const MAX_EARLY_BYTES = 1024 * 1024;

/** What one piece costs beside its bytes. */
const EARLY_PIECE_BYTES = 128;

/** How much the peer may send between our acknowledgements; the size every server announces. */
const WINDOW_BYTES = 2_500_000;

/** The count begins again here, before 32 bits are full: some encoders stall at the wrap (4 GB is 11 min at 50 Mbit/s). */
const RESTART_COUNT_AT = 0xf0000000;

const OUT_CHUNK_BYTES = 4096;

const STREAM_ID = 1;

/** What we take by Enhanced RTMP v2: fourCCs with CanForward (4). */
const VIDEO_CODECS = ["avc1", "hvc1", "av01", "vp09"];
const AUDIO_CODECS = ["mp4a", "Opus"];
const CAN_FORWARD = 4;

/** capsEx: multitrack (2), ModEx (4), nanosecond offsets (8); not reconnect requests (1). */
const CAPABILITIES = 2 | 4 | 8;

/** Starts a session at the handshake. */
export function startRtmpSession(options: {
  readonly random: (bytes: number) => Uint8Array;
  readonly events: SessionEvents;
}): RtmpSession {
  const { random, events } = options;
  const reader = new ChunkReader(MAX_MESSAGE_BEFORE_ADMISSION);
  const handshake = new Uint8Array(1 + HANDSHAKE_BYTES);
  let handshakeHas = 0;
  let state: SessionState = { is: "handshake", await: "c1" };
  let early: Uint8Array[] = [];
  let earlyBytes = 0;
  let received = 0;
  let acknowledged = 0;
  let window = WINDOW_BYTES;
  let connection: { app: string; encoder: string | null } | null = null;
  let outChunk = 128;

  function send(chunkStream: number, streamId: number, ...messages: Message[]): void {
    for (const message of messages) {
      const written = writeMessage(message);
      events.send(writeChunks({ chunkStream, streamId, timestamp: 0, ...written }, outChunk));
      if (message.is === "set-chunk-size") outChunk = message.bytes;
    }
  }

  function command(streamId: number, name: string, transaction: number, ...values: AmfValue[]): void {
    send(3, streamId, { is: "command", name, transaction, values });
  }

  function status(level: "status" | "error", code: string, description: string): void {
    command(STREAM_ID, "onStatus", 0, null, amfObject({ level, code, description }));
  }

  function acknowledge(bytes: number): void {
    received += bytes;
    if (received >= RESTART_COUNT_AT) {
      received -= RESTART_COUNT_AT;
      acknowledged = 0;
    }
    if (received - acknowledged < window) return;
    acknowledged = received;
    send(2, 0, { is: "acknowledgement", received });
  }

  /** Takes handshake bytes; gives back what is left behind them. */
  function shakeHands(bytes: Uint8Array): Uint8Array {
    let left = bytes;
    while (state.is === "handshake" && left.length > 0) {
      if (state.await === "c1" && handshakeHas === 0) checkFirstByte(left[0] ?? 0);
      const wanted = state.await === "c1" ? 1 + HANDSHAKE_BYTES : HANDSHAKE_BYTES;
      const take = Math.min(wanted - handshakeHas, left.length);
      if (state.await === "c1") handshake.set(left.subarray(0, take), handshakeHas);
      handshakeHas += take;
      left = left.subarray(take);
      if (handshakeHas < wanted) break;
      handshakeHas = 0;
      if (state.await === "c1") {
        events.send(answerHandshake(handshake.subarray(1), random));
        state = { is: "handshake", await: "c2" };
      } else {
        state = { is: "connected" }; // C2 should repeat S1; not every encoder does it right, and it proves nothing
      }
    }
    return left;
  }

  function readMessages(): void {
    while (state.is !== "deciding" && state.is !== "refused") {
      const raw = reader.next();
      if (raw === null) return;
      take(raw.type, raw.timestamp, raw);
    }
  }

  function take(
    type: number,
    timestamp: number,
    raw: Pick<RawMessage, "payload">,
    insideAggregate = false,
  ): void {
    if (type === MESSAGE_TYPE.metadataAmf0 || type === MESSAGE_TYPE.metadataAmf3) {
      if (state.is === "publishing") events.media({ kind: "metadata", type, payload: raw.payload });
      return;
    }
    const message = parseMessage(type, raw.payload);
    switch (message.is) {
      case "audio":
      case "video":
        if (state.is === "publishing") events.media({ kind: message.is, timestamp, tag: message.tag });
        return;
      case "aggregate":
        if (insideAggregate) throw new ProtocolError("rtmp aggregate", "an aggregate inside an aggregate");
        for (const part of parseAggregate(message.messages)) {
          if (state.is === "deciding" || state.is === "refused") return;
          take(part.type, (timestamp + part.afterMs) >>> 0, part, true);
        }
        return;
      case "set-chunk-size":
        reader.chunkSize = message.bytes;
        return;
      case "abort":
        reader.abort(message.chunkStream);
        return;
      case "window-acknowledgement-size":
        if (message.bytes > 0) window = Math.min(message.bytes, WINDOW_BYTES);
        return;
      case "user-control":
        if (message.event === USER_CONTROL.pingRequest) {
          send(2, 0, { is: "user-control", event: USER_CONTROL.pingResponse, values: message.values });
        }
        return;
      case "command":
        takeCommand(message.name, message.transaction, message.values);
        return;
      default:
        return; // acknowledgements, bandwidth, what nobody needs
    }
  }

  function takeCommand(name: string, transaction: number, values: readonly AmfValue[]): void {
    switch (name) {
      case "connect":
        connect(transaction, values[0]);
        return;
      case "createStream":
        command(0, "_result", transaction, null, STREAM_ID);
        return;
      case "releaseStream":
      case "_checkbw": // Haivision waits for this answer
      case "getStreamLength":
        command(0, "_result", transaction, null, undefined);
        return;
      case "FCPublish":
        command(0, "onFCPublish", 0, null, amfObject({ code: "NetStream.Publish.Start", description: "" }));
        command(0, "_result", transaction, null, undefined);
        return;
      case "publish":
        publish(values);
        return;
      case "FCUnpublish":
        command(
          0,
          "onFCUnpublish",
          0,
          null,
          amfObject({ code: "NetStream.Unpublish.Success", description: "" }),
        );
        if (transaction > 0) command(0, "_result", transaction, null, undefined);
        unpublish();
        return;
      case "deleteStream":
      case "closeStream":
        unpublish();
        return;
      case "play":
        status(
          "error",
          "NetStream.Play.StreamNotFound",
          "This is an ingest: it takes video in and gives none out.",
        );
        throw new ProtocolError("rtmp", "the client wants to play");
      default:
        return;
    }
  }

  function connect(transaction: number, object: AmfValue): void {
    if (connection !== null) throw new ProtocolError("rtmp", "connect came twice");
    const fields = amfFields(object);
    const app = text(fields?.get("app")) || appOfUrl(text(fields?.get("tcUrl") ?? fields?.get("tcurl")));
    connection = { app, encoder: text(fields?.get("flashVer")).slice(0, 200) || null };
    send(
      2,
      0,
      { is: "window-acknowledgement-size", bytes: WINDOW_BYTES },
      { is: "set-peer-bandwidth", bytes: WINDOW_BYTES, limit: 2 },
      { is: "set-chunk-size", bytes: OUT_CHUNK_BYTES }, // before the long answer: SRS #454
    );
    const encoding = fields?.get("objectEncoding");
    command(0, "_result", transaction, SERVER_PROPERTIES, connected(encoding === 3 ? 3 : 0));
  }

  function publish(values: readonly AmfValue[]): void {
    if (connection === null) throw new ProtocolError("rtmp", "publish before connect");
    const name = values.find((value) => typeof value === "string" || typeof value === "boolean");
    if (name === false) {
      unpublish(); // Wirecast
      return;
    }
    if (state.is === "publishing") throw new ProtocolError("rtmp", "publish while publishing");
    state = { is: "deciding" };
    const key = streamKey({ app: connection.app, name: text(name) });
    events.publishAsked({ key, encoder: connection.encoder });
  }

  function unpublish(): void {
    if (state.is !== "publishing") return;
    state = { is: "connected" };
    status("status", "NetStream.Unpublish.Success", "The stream has ended.");
    events.unpublished();
  }

  return {
    get state() {
      return state;
    },
    feed(bytes) {
      if (state.is === "refused") return;
      const left = shakeHands(bytes);
      acknowledge(bytes.length);
      if (left.length === 0) return;
      if (state.is === "deciding") {
        earlyBytes += left.length + EARLY_PIECE_BYTES;
        if (earlyBytes > MAX_EARLY_BYTES)
          throw new ProtocolError("rtmp", "too much media before the publish was answered");
        early.push(left);
        return;
      }
      reader.push(left);
      readMessages();
    },
    accept() {
      if (state.is !== "deciding") return;
      state = { is: "publishing" };
      reader.maxMessageBytes = MAX_MESSAGE_BYTES;
      send(2, 0, { is: "user-control", event: USER_CONTROL.streamBegin, values: [STREAM_ID] });
      status("status", "NetStream.Publish.Start", "Publishing.");
      reader.push(joined(early));
      early = [];
      earlyBytes = 0;
      readMessages();
    },
    refuse(description) {
      if (state.is !== "deciding") return;
      state = { is: "refused" };
      early = [];
      status("error", "NetStream.Publish.BadName", description);
    },
    end(description) {
      if (state.is !== "publishing") return;
      state = { is: "refused" };
      status("error", "NetStream.Publish.BadName", description);
    },
  };
}

const SERVER_PROPERTIES = amfObject({
  fmsVer: "FMS/3,0,1,123", // some encoders look for a version of Adobe's server
  capabilities: 31,
  fourCcList: [...VIDEO_CODECS, ...AUDIO_CODECS],
  videoFourCcInfoMap: amfObject(Object.fromEntries(VIDEO_CODECS.map((codec) => [codec, CAN_FORWARD]))),
  audioFourCcInfoMap: amfObject(Object.fromEntries(AUDIO_CODECS.map((codec) => [codec, CAN_FORWARD]))),
  capsEx: CAPABILITIES,
});

function connected(objectEncoding: number): AmfValue {
  const code = "NetConnection.Connect.Success";
  return amfObject({ level: "status", code, description: "Connected.", objectEncoding });
}

function text(value: AmfValue): string {
  return typeof value === "string" ? value.slice(0, 4096) : "";
}

function checkFirstByte(byte: number): void {
  const reason = {
    rtmp: null,
    tls: "a TLS hello on the plain RTMP port: use rtmp:// in the encoder, or rtmps:// with its own port",
    http: "an HTTP request on the RTMP port",
    rtmpe: "RTMPE, which is not supported: use rtmp:// or rtmps://",
    unknown: `the first byte is 0x${byte.toString(16)}, expected 0x03`,
  }[firstByteMeans(byte)];
  if (reason !== null) throw new ProtocolError("rtmp handshake", reason, 0);
}
