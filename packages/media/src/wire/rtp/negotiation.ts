import { OPUS_CLOCK_RATE } from "./opus.js";
import type { SdpCodec, SdpMedia, SdpSetup, SessionDescription } from "./sdp.js";

// What an answer needs whichever way the media flows.

/** Why an offer cannot be answered. `code` tells HTTP's status from it. */
export type Disagreement = { readonly code: "bad-offer" | "no-common-codec"; readonly message: string };

/** The other side's ICE and DTLS as an offer has them. */
export type OfferedTransport = {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly setup: Exclude<SdpSetup, "holdconn">;
  /** `a=candidate` values. */
  readonly candidates: readonly string[];
};

/** Our part of an m-line that is answered. */
export type AcceptedTrack = Pick<SdpMedia, "direction" | "formats" | "codecs" | "extensions"> &
  Partial<Pick<SdpMedia, "ssrcs" | "ssrcGroups" | "msid">>;

/** RFC 8122 §5; older algorithms can be forged. */
const FINGERPRINTS = ["sha-256", "sha-384", "sha-512"];

/** A word that the offer is not one. */
export function badOffer(message: string): Disagreement {
  return { code: "bad-offer", message };
}

/** True for an m-line that we can answer: SRTP keyed by DTLS, with RTCP on the same port. */
export function isWebRtc(media: SdpMedia): boolean {
  const isSecure = media.protocol === "UDP/TLS/RTP/SAVPF" || media.protocol === "UDP/TLS/RTP/SAVP";
  return isSecure && media.hasRtcpMux;
}

/** True when both lie in the offer's bundle: only then one transport carries both. */
export function isBundled(offer: SessionDescription, a: SdpMedia, b: SdpMedia): boolean {
  return offer.bundle.includes(a.mid) && offer.bundle.includes(b.mid);
}

/** The ICE and DTLS that `media` and its bundle use (RFC 9143 §7.1.3). */
export function transportOf(offer: SessionDescription, media: SdpMedia): OfferedTransport | Disagreement {
  const bundled = offer.media.filter((other) => isBundled(offer, media, other));
  for (const { iceUfrag, icePwd, fingerprint, setup, candidates } of [media, ...bundled]) {
    if (iceUfrag === null || icePwd === null || fingerprint === null) continue;
    if (!FINGERPRINTS.includes(fingerprint.algorithm)) {
      return badOffer(`fingerprint by ${fingerprint.algorithm}: expected sha-256, sha-384 or sha-512`);
    }
    if (setup === "holdconn") return badOffer("setup:holdconn cannot be answered");
    return { iceUfrag, icePwd, fingerprint, setup: setup ?? "actpass", candidates };
  }
  return badOffer("the offer has no ice-ufrag, ice-pwd and fingerprint");
}

/** True for Opus as WebRTC names it (RFC 7587 §7). */
export function isOpus(codec: SdpCodec): boolean {
  return codec.name === "opus" && codec.clockRate === OPUS_CLOCK_RATE && codec.channels === 2;
}

/** RFC 4588 §8.6: the payload type that repeats another one's packets. */
export function rtxOf(media: SdpMedia, codec: SdpCodec): SdpCodec | undefined {
  const isMeant = ({ name, parameters }: SdpCodec) =>
    name === "rtx" && parameters.get("apt") === String(codec.payloadType);
  return media.codecs.find(isMeant);
}

/** The names of an m-line's codecs, for a message; those that only repair are left out. */
export function codecNames(media: SdpMedia): string {
  const repairs = ["rtx", "red", "ulpfec", "flexfec-03"];
  const names = [...new Set(media.codecs.map((codec) => codec.name))].filter(
    (name) => !repairs.includes(name),
  );
  return names.join(", ") || "no codec";
}

/** The answer: the offer's m-lines in their order, those that are not accepted refused (RFC 9429 §5.3.1). */
export function answerWith(
  offer: SessionDescription,
  accepted: ReadonlyMap<SdpMedia, AcceptedTrack>,
  local: Pick<SdpMedia, "iceUfrag" | "icePwd" | "fingerprint" | "setup" | "candidates">,
): SessionDescription {
  const first = offer.media.find((media) => accepted.has(media));
  const { candidates, ...transport } = local;
  const media = offer.media.map((offered): SdpMedia => {
    const { kind, protocol, mid, hasReducedRtcp } = offered;
    const track = accepted.get(offered);
    if (track === undefined) {
      const formats = offered.formats.slice(0, 1);
      return { ...NOTHING, kind, protocol, mid, formats, port: 0, direction: "inactive" };
    }
    return {
      ...NOTHING,
      ...track,
      ...transport,
      kind,
      protocol,
      mid,
      hasReducedRtcp,
      hasRtcpMux: true,
      port: 9,
      candidates: offered === first ? candidates : [],
    };
  });
  const mids = media.filter(({ port }) => port > 0).map(({ mid }) => mid);
  return { bundle: mids.every((mid) => offer.bundle.includes(mid)) ? mids : [], media };
}

const NOTHING = {
  codecs: [],
  extensions: [],
  iceUfrag: null,
  icePwd: null,
  fingerprint: null,
  setup: null,
  candidates: [],
  hasRtcpMux: false,
  hasReducedRtcp: false,
  ssrcs: [],
  ssrcGroups: [],
  msid: null,
} as const;
