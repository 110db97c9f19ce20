import { ProtocolError } from "../wire/protocol-error.js";
import { isObject } from "./line.js";
import type {
  EngineCalls,
  EngineEvent,
  PeerAddress,
  ProductCalls,
  PublicKey,
  PublicKeys,
  RefusalReason,
  Verdict,
} from "./protocol.js";

const MAX_NAME = 256; // stream, viewer: ids of ours, 22 to 64 characters
const MAX_SECRET = 4096; // a stream key or a ticket (a JWT is under 1 kB)

const MAX_PASSPHRASE = 79; // SRT's limit (libsrt, SRTO_PASSPHRASE)

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (what: string, value: unknown): Fields => {
  if (!isObject(value))
    throw new ProtocolError("control", `${what}: expected an object, got ${kindOf(value)}`);
  return value;
};

const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;

const text = (what: string, value: unknown, max = MAX_NAME): string => {
  if (typeof value !== "string")
    throw new ProtocolError("control", `${what}: expected text, got ${kindOf(value)}`);
  if (value.length > max) {
    throw new ProtocolError("control", `${what}: expected at most ${max} characters, got ${value.length}`);
  }
  return value;
};

const oneOf = <T extends string>(what: string, value: unknown, allowed: readonly T[]): T => {
  const found = allowed.find((each) => each === value);
  if (found === undefined)
    throw new ProtocolError("control", `${what}: expected one of ${allowed.join(", ")}`);
  return found;
};

const PROTOCOLS = ["rtmp", "rtmps", "srt", "whip", "whep", "hls"] as const;
const REFUSALS = ["unknown-key", "invalid-ticket", "expired-ticket", "address-blocked", "not-ready"] as const;

const peerAddress = (value: unknown): PeerAddress => {
  const from = fieldsOf("from", value);
  return {
    address: text("from.address", from.address),
    protocol: oneOf("from.protocol", from.protocol, PROTOCOLS),
  };
};

/** Checks the token that a product shows first. */
export function parseAuthenticate(given: unknown): EngineCalls["authenticate"]["ask"] {
  return { token: text("authenticate.token", fieldsOf("authenticate", given).token, MAX_SECRET) };
}

const MAX_KEYS = 2;

/** Checks the keys that are to be believed: at least one, at most two. */
export function parsePublicKeys(given: unknown): PublicKeys {
  const { keys } = fieldsOf("keys", given);
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS)
    throw new ProtocolError("control", `keys: expected 1 to ${MAX_KEYS} keys`);
  return { keys: keys.map(publicKey) };
}

const publicKey = (value: unknown): PublicKey => {
  const { kty, crv, x, kid, alg, use } = fieldsOf("key", value);
  return {
    kty: oneOf("key.kty", kty, ["OKP"]),
    crv: oneOf("key.crv", crv, ["Ed25519"]),
    x: text("key.x", x),
    kid: text("key.kid", kid),
    alg: oneOf("key.alg", alg, ["EdDSA"]),
    use: oneOf("key.use", use, ["sig"]),
  };
};

/** Checks what the product says in `hello`. */
export function parseHello(given: unknown): EngineCalls["hello"]["ask"] {
  const { protocol, settingsHash } = fieldsOf("hello", given);
  if (typeof protocol !== "number" || !Number.isSafeInteger(protocol)) {
    throw new ProtocolError("control", "hello.protocol: expected a whole number");
  }
  return { protocol, settingsHash: text("hello.settingsHash", settingsHash) };
}

/** Checks a question that names one stream. */
export function parseStreamQuestion(given: unknown): { readonly stream: string } {
  return { stream: text("stream", fieldsOf("question", given).stream) };
}

const RECORDING_ID = /^[A-Za-z0-9_-]{16,64}$/; // it becomes a file's name

/** Checks which recording is meant. */
export function parseRecordingQuestion(given: unknown): EngineCalls["stopRecording"]["ask"] {
  const recording = text("recording", fieldsOf("question", given).recording);
  if (!RECORDING_ID.test(recording)) throw new ProtocolError("control", "recording: expected an id");
  return { recording };
}

/** Checks what is to be recorded as what. */
export function parseStartRecording(given: unknown): EngineCalls["startRecording"]["ask"] {
  return { ...parseStreamQuestion(given), ...parseRecordingQuestion(given) };
}

/** Checks whom to disconnect. */
export function parseDisconnect(given: unknown): EngineCalls["disconnect"]["ask"] {
  const asked = fieldsOf("disconnect", given);
  if (asked.viewer !== undefined) return { viewer: text("disconnect.viewer", asked.viewer) };
  return {
    stream: text("disconnect.stream", asked.stream),
    who: oneOf("disconnect.who", asked.who, ["publisher", "viewers", "all"]),
    reason: oneOf("disconnect.reason", asked.reason, ["key-rotated", "disconnected"]),
  };
}

/** Checks the engine's question whether a key may publish. */
export function parseMayPublish(given: unknown): ProductCalls["mayPublish"]["ask"] {
  const asked = fieldsOf("mayPublish", given);
  return { key: text("mayPublish.key", asked.key, MAX_SECRET), from: peerAddress(asked.from) };
}

/** Checks the engine's question whether a ticket may play. */
export function parseMayPlay(given: unknown): ProductCalls["mayPlay"]["ask"] {
  const asked = fieldsOf("mayPlay", given);
  return { ticket: text("mayPlay.ticket", asked.ticket, MAX_SECRET), from: peerAddress(asked.from) };
}

/** Checks the product's verdict: what is not plainly allowed is refused. */
export function parseVerdict(value: unknown): Verdict {
  const verdict = fieldsOf("verdict", value);
  if (verdict.allowed !== true) {
    return { allowed: false, reason: oneOf<RefusalReason>("verdict.reason", verdict.reason, REFUSALS) };
  }
  const { viewer, lifetimeMs, passphrase } = verdict;
  if (lifetimeMs !== null && (typeof lifetimeMs !== "number" || !(lifetimeMs > 0))) {
    throw new ProtocolError("control", "verdict.lifetimeMs: expected null or milliseconds above 0");
  }
  return {
    allowed: true,
    stream: text("verdict.stream", verdict.stream),
    viewer: viewer === null ? null : text("verdict.viewer", viewer),
    lifetimeMs,
    passphrase: passphrase === null ? null : text("verdict.passphrase", passphrase, MAX_PASSPHRASE),
  };
}

/** Checks the outline of an event: its name and the stream that it is about. The rest was written by our own engine. */
export function parseEvent(value: unknown): EngineEvent {
  const told = fieldsOf("event", value);
  const name = oneOf("event", told.event, [
    "published",
    "changed",
    "stalled",
    "recovered",
    "interrupted",
    "unpublished",
    "publishRefused",
    "recordingGrew",
    "recordingEnded",
  ]);
  if (name === "unpublished") {
    text("unpublished.stream", told.stream);
    text("unpublished.take", told.take);
  } else if (name === "recordingGrew" || name === "recordingEnded") {
    const { recording, stream } = fieldsOf(`${name}.recording`, told.recording);
    text(`${name}.recording.recording`, recording);
    text(`${name}.recording.stream`, stream);
  } else if (name === "publishRefused") {
    peerAddress(told.from);
    if (told.stream !== null) text("publishRefused.stream", told.stream);
  } else {
    text(`${name}.stream.stream`, fieldsOf(`${name}.stream`, told.stream).stream);
  }
  return told as unknown as EngineEvent;
}
