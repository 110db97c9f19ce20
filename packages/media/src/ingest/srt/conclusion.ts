import { ProtocolError } from "../../wire/protocol-error.js";
import {
  CAPABILITY,
  EXTENSION,
  parseCapabilities,
  parseText,
  writeCapabilities,
} from "../../wire/srt/extensions.js";
import {
  EXTENSION_FLAG,
  type Handshake,
  type HandshakeExtension,
  type Reject,
} from "../../wire/srt/handshake.js";
import { type KeyMaterial, parseKeyMaterial } from "../../wire/srt/key-material.js";
import { readStreamId } from "./stream-id.js";

/** What a caller wants that has spoken rightly. */
export type Call = {
  readonly is: "call";
  readonly key: string;
  /** What it calls itself: a name in the streamid, or its SRT version. */
  readonly encoder: string;
  /** How long a hole is waited for: the longer of what both sides want. */
  readonly latencyMs: number;
  /** How long the caller would wait for us; it is only echoed. */
  readonly backLatencyMs: number;
  readonly marksRetransmissions: boolean;
  /** As it came, to be echoed, and what it says. */
  readonly encryption: null | { readonly bytes: Uint8Array; readonly material: KeyMaterial };
};

/** Why a caller cannot be served, on the wire and in words. */
export type CallRefused = { readonly is: "refused"; readonly reject: Reject; readonly detail: string };

/** libsrt's default: room for four repetitions on a line of 30 ms. Waiting is only done for what is missing. */
export const OWN_LATENCY_MS = 120;

/** Whose behaviour we answer with: 1.5.1. Callers look for 1.3 and later. */
const SRT_VERSION = 0x010501;

const MTU = 1500;

/** What a caller may have under way, and what is held: 3.4 s at 50 Mbit/s. A power of 2. */
export const FLOW_WINDOW = 16_384;

const OUR_FLAGS =
  CAPABILITY.sendsByTime |
  CAPABILITY.receivesByTime |
  CAPABILITY.encrypts |
  CAPABILITY.dropsLate |
  CAPABILITY.reportsLossesAgain |
  CAPABILITY.marksRetransmissions;

/** Reads a conclusion whose cookie was right. */
export function readConclusion(handshake: Handshake): Call | CallRefused {
  try {
    return read(handshake);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return refused("rogue", `The encoder's SRT handshake makes no sense: ${error.reason}.`);
  }
}

function read(handshake: Handshake): Call | CallRefused {
  if (handshake.version !== 5) {
    const text = "The encoder speaks an SRT older than 1.3 (2018): update it, or use RTMP.";
    return refused("version", text);
  }
  const content = (type: number) => handshake.extensions.find((one) => one.type === type)?.content;
  const asked = content(EXTENSION.request);
  if (asked === undefined) return refused("rogue", "The encoder's SRT handshake has no request in it.");
  const { srtVersion, flags, receiverLatencyMs, senderLatencyMs } = parseCapabilities(asked);
  if ((flags & CAPABILITY.stream) !== 0)
    return refused("messageApi", "The encoder uses SRT's stream mode: set it to live.");
  const congestion = parseText(content(EXTENSION.congestion) ?? new Uint8Array(0));
  if (congestion !== "" && congestion !== "live")
    return refused("congestion", "The encoder uses SRT's file mode: set it to live.");
  if (content(EXTENSION.filter) !== undefined)
    return refused("filter", "The encoder uses forward error correction: switch the packet filter off.");
  if (content(EXTENSION.group) !== undefined)
    return refused("group", "The encoder uses SRT bonding: use one connection.");

  const wish = readStreamId(parseText(content(EXTENSION.streamId) ?? new Uint8Array(0)));
  if (wish.is === "refused") {
    return wish.why === "no-key"
      ? refused("badRequest", "The encoder sent no streamid: copy it from the room's page.")
      : refused("badMode", "Somebody asked to watch by SRT: this is an ingest, it takes video in only.");
  }
  const bytes = content(EXTENSION.keyRequest);
  const material = bytes === undefined ? null : parseKeyMaterial(bytes);
  if (material?.cipher === "gcm")
    return refused("crypto", "The encoder encrypts with AES-GCM: set it to AES-CTR (or automatic).");
  return {
    is: "call",
    key: wish.key,
    encoder: wish.encoder ?? `SRT ${srtVersion >> 16}.${(srtVersion >> 8) & 0xff}.${srtVersion & 0xff}`,
    latencyMs: Math.max(OWN_LATENCY_MS, senderLatencyMs),
    backLatencyMs: receiverLatencyMs,
    marksRetransmissions: (flags & CAPABILITY.marksRetransmissions) !== 0,
    encryption: bytes === undefined || material === null ? null : { bytes: bytes.slice(), material },
  };
}

function refused(reject: Reject, detail: string): CallRefused {
  return { is: "refused", reject, detail };
}

/** The handshake that lets the caller in. */
export function acceptance(asked: Handshake, call: Call, socketId: number): Handshake {
  const response: HandshakeExtension = {
    type: EXTENSION.response,
    content: writeCapabilities({
      srtVersion: SRT_VERSION,
      flags: OUR_FLAGS,
      receiverLatencyMs: call.latencyMs,
      senderLatencyMs: call.backLatencyMs,
    }),
  };
  const { encryption } = call;
  const keys = encryption === null ? [] : [{ type: EXTENSION.keyResponse, content: encryption.bytes }];
  return {
    ...asked,
    encryption: encryption === null ? 0 : encryption.material.keyLength / 8,
    extension: EXTENSION_FLAG.handshake | (encryption === null ? 0 : EXTENSION_FLAG.keyMaterial),
    mtu: Math.min(asked.mtu, MTU),
    flowWindow: FLOW_WINDOW,
    socketId,
    extensions: [response, ...keys],
  };
}
