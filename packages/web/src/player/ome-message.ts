/** What OvenMediaEngine says over its signalling socket, as far as a player cares. */
export type OmeMessage =
  | {
      readonly is: "offer";
      /** Names the session in our answer. */
      readonly id: number;
      readonly peerId: number;
      readonly sdp: string;
      readonly candidates: readonly RTCIceCandidateInit[];
      readonly iceServers: readonly RTCIceServer[];
    }
  | { readonly is: "refused"; readonly code: number; readonly reason: string }
  /** Notifications: of playlists and renditions, of which we have one each. */
  | { readonly is: "other" };

const MAX_CHARACTERS = 64 * 1024; // an offer with a dozen codecs and candidates is below 16 KiB
const MAX_CANDIDATES = 64; // one for each address and port of a node; OvenMediaEngine's sample has ten ports
const MAX_ICE_SERVERS = 8;
const MAX_URLS = 16;

/** Reads one message; throws a `TypeError` that names what is wrong. */
export function parseOmeMessage(text: unknown): OmeMessage {
  if (typeof text !== "string") throw new TypeError("the server sent bytes in place of text");
  if (text.length > MAX_CHARACTERS) throw new TypeError(`the server sent ${text.length} characters at once`);
  const message = fieldsOf(jsonOf(text), "the message");
  const code = message["code"];
  const error = message["error"];
  if (typeof code === "number" && typeof error === "string")
    return { is: "refused", code, reason: error.slice(0, 200) };
  if (message["command"] !== "offer") return { is: "other" };
  const description = fieldsOf(message["sdp"], "the offer's sdp");
  if (description["type"] !== "offer") throw new TypeError("the offer's description is not one");
  return {
    is: "offer",
    id: numberOf(message["id"], "the offer's id"),
    peerId: numberOf(message["peer_id"], "the offer's peer_id"),
    sdp: textOf(description["sdp"], "the offer's sdp"),
    candidates: listOf(message["candidates"], MAX_CANDIDATES, "candidates").map(candidateOf),
    iceServers: listOf(message["iceServers"], MAX_ICE_SERVERS, "iceServers").map(iceServerOf),
  };
}

/** Asks for an offer. */
export const REQUEST_OFFER = JSON.stringify({ command: "request_offer" });

/** Answers an offer. */
export function writeAnswer(
  { id, peerId }: { readonly id: number; readonly peerId: number },
  sdp: string,
): string {
  return JSON.stringify({ command: "answer", id, peer_id: peerId, sdp: { type: "answer", sdp } });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError("the server sent what is not JSON", { cause: error });
  }
}

function candidateOf(value: unknown): RTCIceCandidateInit {
  const { candidate, sdpMLineIndex, sdpMid } = fieldsOf(value, "a candidate");
  return {
    candidate: textOf(candidate, "a candidate"),
    ...(typeof sdpMid === "string" && { sdpMid }),
    sdpMLineIndex: sdpMLineIndex === undefined ? 0 : numberOf(sdpMLineIndex, "a candidate's sdpMLineIndex"),
  };
}

function iceServerOf(value: unknown): RTCIceServer {
  const { urls, username, credential } = fieldsOf(value, "an ICE server");
  return {
    urls: listOf(urls, MAX_URLS, "an ICE server's urls").map((url) => textOf(url, "an ICE server's url")),
    ...(typeof username === "string" && { username }),
    ...(typeof credential === "string" && { credential }),
  };
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what} is not an object`);
  return value as Record<string, unknown>;
}

/** A list that is not there is empty. */
function listOf(value: unknown, most: number, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`${what}: not a list`);
  if (value.length > most) throw new TypeError(`${what}: ${value.length} of them, at most ${most} are taken`);
  return value;
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} is not text`);
  return value;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new TypeError(`${what} is not a whole number`);
  return value;
}
