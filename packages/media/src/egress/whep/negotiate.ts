import type { VideoFormat } from "../../hub/access-unit.js";
import type { LocalTransport } from "../../transport/peer.js";
import { ABSOLUTE_CAPTURE_TIME_URI, PLAYOUT_DELAY_URI } from "../../wire/rtp/header-extension.js";
import {
  type AcceptedTrack,
  answerWith,
  badOffer,
  codecNames,
  type Disagreement,
  isBundled,
  isOpus,
  isWebRtc,
  type OfferedTransport,
  rtxOf,
  transportOf,
} from "../../wire/rtp/negotiation.js";
import type { SdpCodec, SdpMedia, SessionDescription } from "../../wire/rtp/sdp.js";
import type { SendTrack } from "./sender.js";

/** An m-line that we answer, with the codec of it that we send. */
export type AgreedTrack = { readonly media: SdpMedia; readonly codec: SdpCodec; readonly track: SendTrack };

/** What an offer and our stream have in common: the m-lines that we send on. The others are refused with port 0. */
export type Agreement = {
  readonly video: AgreedTrack;
  readonly audio: AgreedTrack | null;
  readonly transport: OfferedTransport;
};

const SENT_EXTENSIONS = [PLAYOUT_DELAY_URI, ABSOLUTE_CAPTURE_TIME_URI];
const SENT_FEEDBACK = ["nack", "nack pli", "ccm fir"];

/** One-byte header extensions have ids 1 to 14 (RFC 8285 §4.2). */
const MAX_EXTENSION_ID = 14;

/** Stereo as it was mixed, without the redundancy that NACK-less audio rarely needs (RFC 7587 §6.1). */
const OPUS_PARAMETERS: ReadonlyMap<string, string> = new Map([
  ["minptime", "10"],
  ["stereo", "1"],
  ["sprop-stereo", "1"],
  ["maxaveragebitrate", "256000"],
  ["useinbandfec", "0"],
]);

/** Chooses what to send of what the viewer offers to take. */
export function negotiate(
  offer: SessionDescription,
  format: VideoFormat,
  ssrcs: { readonly video: number; readonly rtx: number; readonly audio: number },
): Agreement | Disagreement {
  const media = offer.media.find((candidate) => candidate.kind === "video" && isReceiving(candidate));
  if (media === undefined) return badOffer("the offer has no m=video line that receives");
  const codec = chooseVideo(media.codecs, format);
  if (codec === null) return noCommonCodec(media, format);
  const transport = transportOf(offer, media);
  if ("code" in transport) return transport;

  const sound = offer.media.find(
    (other) => other.kind === "audio" && isReceiving(other) && isBundled(offer, media, other),
  );
  const opus = sound?.codecs.find(isOpus);
  return {
    video: { media, codec, track: sendTrack(media, codec, ssrcs.video, ssrcs.rtx) },
    audio:
      sound === undefined || opus === undefined
        ? null
        : { media: sound, codec: opus, track: sendTrack(sound, opus, ssrcs.audio, null) },
    transport,
  };
}

function isReceiving(media: SdpMedia): boolean {
  return isWebRtc(media) && (media.direction === "recvonly" || media.direction === "sendrecv");
}

function noCommonCodec(media: SdpMedia, format: VideoFormat): Disagreement {
  const sent = `${format.codec} ${format.profile} ${format.bitDepth}-bit ${format.chroma}`;
  return {
    code: "no-common-codec",
    message: `the stream is ${sent}; the offer takes ${codecNames(media)}`,
  };
}

/** The offered payload type that suits the stream best; null when none can carry it. */
function chooseVideo(codecs: readonly SdpCodec[], format: VideoFormat): SdpCodec | null {
  let best: { codec: SdpCodec; rank: number } | null = null;
  for (const codec of codecs) {
    if (codec.name !== format.codec || codec.clockRate !== 90_000) continue;
    const rank = rankOf(codec, format);
    if (rank !== null && (best === null || rank > best.rank)) best = { codec, rank };
  }
  return best?.codec ?? null;
}

function rankOf(codec: SdpCodec, format: VideoFormat): number | null {
  switch (format.codec) {
    case "h264":
      return rankH264(codec, format);
    case "vp9":
      return Number(codec.parameters.get("profile-id") ?? "0") === vp9Profile(format) ? 1 : null;
    case "av1":
      return Number(codec.parameters.get("profile") ?? "0") === (format.chroma === "4:4:4" ? 1 : 0)
        ? 1
        : null;
    case "h265":
      return Number(codec.parameters.get("profile-id") ?? "1") === (format.bitDepth > 8 ? 2 : 1) ? 1 : 0;
  }
}

/** VP9 bitstream §7.2: bit 0 for other than 4:2:0, bit 1 for more than 8 bits. */
function vp9Profile(format: VideoFormat): number {
  return (format.chroma === "4:2:0" ? 0 : 1) + (format.bitDepth > 8 ? 2 : 0);
}

/**
 * Any payload type with packetization-mode 1 carries any profile, and software decoders take all of them. For more than
 * 8-bit 4:2:0, High 4:4:4 Predictive (f4) comes first: no hardware decoder lists it, so none is tried and fails.
 */
function rankH264(codec: SdpCodec, format: VideoFormat): number | null {
  if (codec.parameters.get("packetization-mode") !== "1") return null;
  const profile = (codec.parameters.get("profile-level-id") ?? "42e01f").toLowerCase();
  const isDeep = format.bitDepth > 8 || format.chroma !== "4:2:0";
  const order = isDeep ? ["42", "42e0", "4d", "64", "f4"] : ["f4", "42", "42e0", "4d", "64"];
  const sent = format.parameterSets.find((set) => ((set[0] ?? 0) & 0x1f) === 7)?.[1];
  if (!isDeep && sent !== undefined && Number.parseInt(profile.slice(0, 2), 16) === sent) return order.length;
  return Math.max(order.indexOf(profile.slice(0, 2)), order.indexOf(profile.slice(0, 4)));
}

function sendTrack(media: SdpMedia, codec: SdpCodec, ssrc: number, rtxSsrc: number | null): SendTrack {
  const extensions = new Map(
    media.extensions
      .filter(({ id, uri }) => id >= 1 && id <= MAX_EXTENSION_ID && SENT_EXTENSIONS.includes(uri))
      .map(({ id, uri }) => [uri, id] as const),
  );
  const rtx = rtxSsrc === null ? undefined : rtxOf(media, codec);
  return {
    payloadType: codec.payloadType,
    ssrc,
    rtx: rtx === undefined || rtxSsrc === null ? null : { payloadType: rtx.payloadType, ssrc: rtxSsrc },
    extensions,
  };
}

/** The answer: what we send, on the offer's m-lines. */
export function answerTo(
  offer: SessionDescription,
  agreed: Agreement,
  local: LocalTransport,
  cname: string,
): SessionDescription {
  const used = [agreed.video, ...(agreed.audio === null ? [] : [agreed.audio])];
  return answerWith(offer, new Map(used.map((track) => [track.media, accepted(track, cname)])), local);
}

function accepted({ media, codec, track }: AgreedTrack, cname: string): AcceptedTrack {
  const { kind } = media;
  const repeats = track.rtx === null ? [] : [rtxOf(media, codec) ?? []].flat();
  const ssrcs = track.rtx === null ? [track.ssrc] : [track.ssrc, track.rtx.ssrc];
  return {
    direction: "sendonly",
    formats: [codec, ...repeats].map(({ payloadType }) => String(payloadType)),
    codecs: [
      {
        ...codec,
        parameters: codec.name === "opus" ? OPUS_PARAMETERS : codec.parameters,
        feedback: codec.feedback.filter((kindOf) => kind === "video" && SENT_FEEDBACK.includes(kindOf)),
      },
      ...repeats,
    ],
    extensions: [...track.extensions].map(([uri, id]) => ({ id, uri })),
    ssrcs: ssrcs.map((ssrc) => ({ ssrc, cname })),
    ssrcGroups: track.rtx === null ? [] : [{ semantics: "FID", ssrcs }],
    msid: `colourstream ${kind}`,
  };
}
