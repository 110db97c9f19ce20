import { ProtocolError } from "../protocol-error.js";

/** What a codec line says: `a=rtpmap`, `a=fmtp` and `a=rtcp-fb` of one payload type (RFC 8866 §6.6, §6.15). */
export type SdpCodec = {
  readonly payloadType: number;
  /** Lower case. */
  readonly name: string;
  readonly clockRate: number;
  /** Null where it is not said. */
  readonly channels: number | null;
  /** Keys in lower case, values as they were. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly feedback: readonly string[];
};

/** Which way media flows on an m-line, seen from who wrote it (RFC 8866 §6.7). */
export type SdpDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";
/** Who opens the DTLS connection (RFC 4145 §4); `actpass` in an offer leaves it to who answers. */
export type SdpSetup = "actpass" | "active" | "passive" | "holdconn";

/** One m-line with what holds for it, the session's attributes included. */
export type SdpMedia = {
  readonly kind: string;
  /** 0: refused. */
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly mid: string;
  readonly direction: SdpDirection;
  readonly codecs: readonly SdpCodec[];
  readonly extensions: readonly { readonly id: number; readonly uri: string }[];
  readonly iceUfrag: string | null;
  readonly icePwd: string | null;
  /** Algorithm in lower case, value in upper case with colons. */
  readonly fingerprint: { readonly algorithm: string; readonly value: string } | null;
  readonly setup: SdpSetup | null;
  readonly candidates: readonly string[];
  readonly hasRtcpMux: boolean;
  readonly hasReducedRtcp: boolean;
  readonly ssrcs: readonly { readonly ssrc: number; readonly cname: string }[];
  /** `a=ssrc-group` (RFC 5576 §4.2): "FID" names a stream and its RTX. */
  readonly ssrcGroups: readonly { readonly semantics: string; readonly ssrcs: readonly number[] }[];
  /** Stream and track, as `a=msid` names them. */
  readonly msid: string | null;
};

/** A session description as far as WebRTC needs it (RFC 8866, RFC 9429). */
export type SessionDescription = {
  readonly bundle: readonly string[];
  readonly media: readonly SdpMedia[];
};

/** Browsers' offers are under 10 KiB; reliability test 4 sets the bound. */
export const MAX_SDP_BYTES = 64 * 1024;
const MAX_LINE = 2048;
const MAX_MEDIA = 16;
const MAX_CODECS = 128;
const MAX_EXTENSIONS = 64;
const MAX_CANDIDATES = 64;
const MAX_SSRCS = 64;
const MAX_FEEDBACK = 16;
const MAX_PARAMETERS = 32;

/** RFC 8866 §9 `token`: what may go back to the peer as it came. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]{1,64}$/;
/** RFC 8839 §5.4. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;
const FINGERPRINT = /^([A-Za-z0-9-]{1,16}) ((?:[0-9A-Fa-f]{2}:){15,63}[0-9A-Fa-f]{2})$/;
const M_LINE = /^([a-z]{1,32}) (\d{1,5})(?:\/\d{1,5})? ([A-Za-z0-9/]{1,64})((?: [^ ]{1,64})+)$/;
const RTPMAP = /^(\d{1,3}) ([A-Za-z0-9_.-]{1,64})\/(\d{1,9})(?:\/(\d{1,3}))?$/;
const EXTMAP = /^(\d{1,5})(?:\/[a-z]{1,8})? ([^ ]{1,256})/;
const SSRC_GROUP = /^([A-Z-]{1,16})((?: \d{1,10}){1,8})$/;
const SSRC_CNAME = /^(\d{1,10}) cname:(.{1,255})$/;

type CodecDraft = {
  payloadType: number;
  name: string;
  clockRate: number;
  channels: number | null;
  parameters: Map<string, string>;
  feedback: string[];
};

type Transport = Pick<SdpMedia, "iceUfrag" | "icePwd" | "fingerprint" | "setup">;

type MediaDraft = { -readonly [Key in keyof Omit<SdpMedia, "codecs">]: SdpMedia[Key] } & {
  codecs: Map<number, CodecDraft>;
  parameters: [number, string][];
  feedback: [number | "*", string][];
  candidates: string[];
  extensions: { id: number; uri: string }[];
  ssrcs: { ssrc: number; cname: string }[];
  ssrcGroups: { semantics: string; ssrcs: number[] }[];
};

type Draft = {
  transport: { -readonly [Key in keyof Transport]: Transport[Key] };
  direction: SdpDirection;
  bundle: string[];
};

/** Reads an offer or an answer. What it does not know it passes over; what it knows it checks. */
export function parseSdp(text: string): SessionDescription {
  if (text.length > MAX_SDP_BYTES) fail(`expected at most ${MAX_SDP_BYTES} bytes, got ${text.length}`, 0);
  const session: Draft = {
    transport: { iceUfrag: null, icePwd: null, fingerprint: null, setup: null },
    direction: "sendrecv",
    bundle: [],
  };
  const media: MediaDraft[] = [];
  let offset = 0;
  let isFirst = true;
  for (const raw of text.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (isFirst && line !== "v=0") fail(`expected "v=0" as the first line, got ${quote(line)}`, 0);
    isFirst = false;
    if (line.length > MAX_LINE) fail(`a line of ${line.length} characters`, offset);
    if (line !== "") parseLine(line, session, media, offset);
    offset += raw.length + 1;
  }
  if (media.length === 0) fail("no m= line", offset);
  return { bundle: session.bundle, media: media.map(finishMedia) };
}

function fail(reason: string, offset: number): never {
  throw new ProtocolError("sdp", reason, offset);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function parseLine(line: string, session: Draft, media: MediaDraft[], offset: number): void {
  if (!/^[a-z]=/.test(line)) fail(`expected "<letter>=", got ${quote(line)}`, offset);
  if (line.startsWith("m=")) {
    if (media.length >= MAX_MEDIA) fail(`more than ${MAX_MEDIA} m= lines`, offset);
    media.push(beginMedia(line.slice(2), session, media.length, offset));
    return;
  }
  if (!line.startsWith("a=")) return;
  const colon = line.indexOf(":");
  const name = colon < 0 ? line.slice(2) : line.slice(2, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).trim();
  const current = media.at(-1);
  if (parseTransport(name, value, current ?? session.transport, offset)) return;
  if (isDirection(name)) (current ?? session).direction = name;
  else if (current === undefined) parseSessionAttribute(name, value, session, offset);
  else parseMediaAttribute(name, value, current, offset);
}

function isDirection(name: string): name is SdpDirection {
  return name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";
}

function beginMedia(value: string, session: Draft, index: number, offset: number): MediaDraft {
  const match = M_LINE.exec(value);
  if (match === null) fail(`expected "m=<media> <port> <protocol> <formats>", got ${quote(value)}`, offset);
  const [, kind = "", port = "", protocol = "", formats = ""] = match;
  const tokens = formats.trim().split(" ");
  if (tokens.length > MAX_CODECS || !tokens.every((token) => TOKEN.test(token))) {
    fail(`formats of the m= line: ${quote(formats)}`, offset);
  }
  return {
    ...session.transport,
    kind,
    port: Number(port),
    protocol,
    formats: tokens,
    mid: String(index),
    direction: session.direction,
    codecs: new Map(),
    parameters: [],
    feedback: [],
    extensions: [],
    candidates: [],
    hasRtcpMux: false,
    hasReducedRtcp: false,
    ssrcs: [],
    ssrcGroups: [],
    msid: null,
  };
}

function parseTransport(name: string, value: string, into: Draft["transport"], offset: number): boolean {
  switch (name) {
    case "ice-ufrag":
      if (!UFRAG.test(value)) fail(`ice-ufrag ${quote(value)}`, offset);
      into.iceUfrag = value;
      return true;
    case "ice-pwd":
      if (!PWD.test(value)) fail("ice-pwd: expected 22 to 256 characters of A-Z a-z 0-9 + /", offset);
      into.icePwd = value;
      return true;
    case "fingerprint": {
      const match = FINGERPRINT.exec(value);
      if (match === null) fail(`fingerprint ${quote(value)}`, offset);
      const [, algorithm = "", hash = ""] = match;
      into.fingerprint = { algorithm: algorithm.toLowerCase(), value: hash.toUpperCase() };
      return true;
    }
    case "setup":
      if (value !== "actpass" && value !== "active" && value !== "passive" && value !== "holdconn") {
        fail(`setup ${quote(value)}`, offset);
      }
      into.setup = value;
      return true;
    default:
      return false;
  }
}

function parseSessionAttribute(name: string, value: string, session: Draft, offset: number): void {
  if (name !== "group" || !value.startsWith("BUNDLE")) return;
  const mids = value.split(" ").slice(1).filter(Boolean);
  if (mids.length > MAX_MEDIA || !mids.every((mid) => TOKEN.test(mid))) fail(`group ${quote(value)}`, offset);
  session.bundle = mids;
}

function parseMediaAttribute(name: string, value: string, media: MediaDraft, offset: number): void {
  switch (name) {
    case "mid":
      if (!TOKEN.test(value)) fail(`mid ${quote(value)}`, offset);
      media.mid = value;
      return;
    case "rtcp-mux":
      media.hasRtcpMux = true;
      return;
    case "rtcp-rsize":
      media.hasReducedRtcp = true;
      return;
    case "rtpmap":
      parseRtpmap(value, media, offset);
      return;
    case "fmtp":
      if (media.parameters.length < MAX_CODECS) media.parameters.push(numbered(value, offset));
      return;
    case "rtcp-fb": {
      if (media.feedback.length >= MAX_CODECS * MAX_FEEDBACK) return;
      const isAll = value.startsWith("* ");
      media.feedback.push(isAll ? ["*", value.slice(2).trim()] : numbered(value, offset));
      return;
    }
    case "extmap": {
      const match = EXTMAP.exec(value);
      if (match === null) fail(`extmap ${quote(value)}`, offset);
      const [, id = "", uri = ""] = match;
      if (media.extensions.length < MAX_EXTENSIONS) media.extensions.push({ id: Number(id), uri });
      return;
    }
    case "candidate":
      if (media.candidates.length < MAX_CANDIDATES) media.candidates.push(value);
      return;
    case "msid":
      media.msid = value;
      return;
    case "ssrc-group": {
      const [, semantics, ssrcs = ""] = SSRC_GROUP.exec(value) ?? [];
      if (semantics === undefined || media.ssrcGroups.length >= MAX_SSRCS) return;
      media.ssrcGroups.push({ semantics, ssrcs: ssrcs.trim().split(" ").map(Number) });
      return;
    }
    case "ssrc": {
      const [, ssrc, cname = ""] = SSRC_CNAME.exec(value) ?? [];
      if (ssrc === undefined || media.ssrcs.length >= MAX_SSRCS) return;
      if (Number(ssrc) < 2 ** 32) media.ssrcs.push({ ssrc: Number(ssrc), cname });
    }
  }
}

/** `<payload type> <rest>` */
function numbered(value: string, offset: number): [number, string] {
  const space = value.indexOf(" ");
  const payloadType = Number(value.slice(0, space));
  if (space < 1 || !/^\d{1,3}$/.test(value.slice(0, space))) fail(`payload type in ${quote(value)}`, offset);
  return [payloadType, value.slice(space + 1).trim()];
}

function parseRtpmap(value: string, media: MediaDraft, offset: number): void {
  const match = RTPMAP.exec(value);
  if (match === null) fail(`rtpmap ${quote(value)}`, offset);
  const [, payloadType = "", name = "", clockRate = "", channels] = match;
  if (Number(payloadType) > 127) fail(`payload type ${payloadType}, expected at most 127`, offset);
  media.codecs.set(Number(payloadType), {
    payloadType: Number(payloadType),
    name: name.toLowerCase(),
    clockRate: Number(clockRate),
    channels: channels === undefined ? null : Number(channels),
    parameters: new Map(),
    feedback: [],
  });
}

function finishMedia(draft: MediaDraft): SdpMedia {
  const { codecs, parameters, feedback, ...media } = draft;
  for (const [payloadType, text] of parameters) {
    const codec = codecs.get(payloadType);
    if (codec !== undefined) parseParameters(text, codec.parameters);
  }
  for (const [payloadType, text] of feedback) {
    for (const codec of codecs.values()) {
      const isMeant = payloadType === "*" || payloadType === codec.payloadType;
      if (isMeant && codec.feedback.length < MAX_FEEDBACK && text !== "") codec.feedback.push(text);
    }
  }
  const listed = draft.formats.flatMap((format) => codecs.get(Number(format)) ?? []);
  return { ...media, codecs: [...new Set(listed)] };
}

function parseParameters(text: string, into: Map<string, string>): void {
  for (const part of text.split(";")) {
    if (into.size >= MAX_PARAMETERS) return;
    const equals = part.indexOf("=");
    const key = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (key !== "") into.set(key, equals < 0 ? "" : part.slice(equals + 1).trim());
  }
}
