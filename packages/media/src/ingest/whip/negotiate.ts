import type { VideoCodec } from "../../hub/access-unit.js";
import type { LocalTransport } from "../../transport/peer.js";
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

/** An m-line that we take, with the one codec of it. */
export type AgreedTrack = {
  readonly media: SdpMedia;
  readonly codec: SdpCodec;
  readonly rtx: SdpCodec | null;
};

/** What an offer has that we take. The other m-lines are refused with port 0. */
export type Agreement = {
  readonly video: AgreedTrack & { readonly name: VideoCodec };
  readonly audio: AgreedTrack | null;
  readonly transport: OfferedTransport;
};

const CODECS: readonly VideoCodec[] = ["h264", "h265", "vp9", "av1"];

/** What we say of the picture's packets: we ask for those that are lost, for keyframes, and tell the line's room. */
const VIDEO_FEEDBACK = ["nack", "nack pli", "ccm fir", "goog-remb"];

/** Stereo as it was mixed, with the redundancy that sound without repairs needs (RFC 7587 §6.1). */
const OPUS_PARAMETERS: ReadonlyMap<string, string> = new Map([
  ["minptime", "10"],
  ["stereo", "1"],
  ["sprop-stereo", "1"],
  ["maxaveragebitrate", "256000"],
  ["useinbandfec", "1"],
]);

/** Level 5.2: what we can take is not ours to limit, and some senders keep to the level of the answer. */
const HIGHEST_LEVEL = "34";

/** Chooses what to take of what the publisher offers: the first codec in its own order that we know. */
export function negotiate(offer: SessionDescription): Agreement | Disagreement {
  const media = offer.media.find((candidate) => candidate.kind === "video" && isSending(candidate));
  if (media === undefined) return badOffer("the offer has no m=video line that sends");
  const codec = media.codecs.find(isTaken);
  const name = CODECS.find((known) => known === codec?.name);
  if (codec === undefined || name === undefined) {
    const taken = "H.264 (packetization-mode 1), H.265, VP9 (profiles 0 and 2), AV1";
    return { code: "no-common-codec", message: `taken are ${taken}; the offer has ${codecNames(media)}` };
  }
  const transport = transportOf(offer, media);
  if ("code" in transport) return transport;

  const sound = offer.media.find(
    (other) => other.kind === "audio" && isSending(other) && isBundled(offer, media, other),
  );
  const opus = sound?.codecs.find(isOpus);
  return {
    video: { media, codec, name, rtx: rtxOf(media, codec) ?? null },
    audio: sound === undefined || opus === undefined ? null : { media: sound, codec: opus, rtx: null },
    transport,
  };
}

function isSending(media: SdpMedia): boolean {
  return isWebRtc(media) && (media.direction === "sendonly" || media.direction === "sendrecv");
}

function isTaken(codec: SdpCodec): boolean {
  if (codec.clockRate !== 90_000) return false;
  switch (codec.name) {
    case "h264":
      return codec.parameters.get("packetization-mode") === "1";
    case "vp9":
      return ["0", "2"].includes(codec.parameters.get("profile-id") ?? "0");
    case "av1":
    case "h265":
      return true;
    default:
      return false;
  }
}

/** The answer: what we take, on the offer's m-lines. */
export function answerTo(
  offer: SessionDescription,
  agreed: Agreement,
  local: LocalTransport,
): SessionDescription {
  const { video, audio } = agreed;
  const accepted = new Map<SdpMedia, AcceptedTrack>([[video.media, acceptedVideo(video)]]);
  if (audio !== null) accepted.set(audio.media, acceptedAudio(audio));
  return answerWith(offer, accepted, local);
}

function acceptedVideo({ codec, rtx }: AgreedTrack): AcceptedTrack {
  const taken = {
    ...codec,
    name: codec.name.toUpperCase(), // RFC 8866 §6.6 leaves the case open; Chromium 156 encodes nothing for "h264"
    parameters: raisedLevel(codec.parameters),
    feedback: codec.feedback.filter((kind) => VIDEO_FEEDBACK.includes(kind)),
  };
  const codecs = rtx === null ? [taken] : [taken, rtx];
  const formats = codecs.map(({ payloadType }) => String(payloadType));
  return { direction: "recvonly", formats, codecs, extensions: [] };
}

function acceptedAudio({ codec }: AgreedTrack): AcceptedTrack {
  return {
    direction: "recvonly",
    formats: [String(codec.payloadType)],
    codecs: [{ ...codec, parameters: OPUS_PARAMETERS, feedback: [] }],
    extensions: [],
  };
}

/** RFC 6184 §8.2.2: with level-asymmetry-allowed each side says by itself what it can take. */
function raisedLevel(parameters: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const level = parameters.get("profile-level-id");
  if (level?.length !== 6 || parameters.get("level-asymmetry-allowed") !== "1") return parameters;
  return new Map([...parameters, ["profile-level-id", level.slice(0, 4) + HIGHEST_LEVEL]]);
}
