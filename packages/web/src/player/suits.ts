import type { StreamStatus } from "@colourstream/contract";
import { codecString, vp9Profile } from "./codec-string.js";
import { hasMediaSource, playsHlsItself } from "./media-source.js";
import type { Suits } from "./ways.js";

type Video = NonNullable<StreamStatus["video"]>;
type Coded = Pick<Video, "codec" | "bitDepth" | "chroma">;

/** A codec that the browser would take over WebRTC (W3C WebRTC §5.2). */
export type Received = { readonly mimeType: string; readonly sdpFmtpLine?: string };

/** What a browser says it can do, asked without trying. */
export type Abilities = {
  /** Null: it has WebRTC and does not tell; empty: it has none. */
  readonly receives: readonly Received[] | null;
  /** Whether it plays this codec (RFC 6381) out of an MP4. */
  readonly plays: (codec: string) => boolean;
};

/** Asks this browser. */
export function readAbilities(): Abilities {
  return { receives: readReceived(), plays: readPlays() };
}

function readReceived(): readonly Received[] | null {
  if (!("RTCPeerConnection" in window)) return [];
  if (!("RTCRtpReceiver" in window) || !("getCapabilities" in RTCRtpReceiver)) return null;
  return RTCRtpReceiver.getCapabilities("video")?.codecs ?? null;
}

function readPlays(): Abilities["plays"] {
  const typeOf = (codec: string) => `video/mp4; codecs="${codec}"`;
  if (hasMediaSource()) {
    const sources = window as { ManagedMediaSource?: typeof MediaSource; MediaSource?: typeof MediaSource };
    const Source = sources.ManagedMediaSource ?? sources.MediaSource;
    return (codec) => Source?.isTypeSupported(typeOf(codec)) === true;
  }
  if (!playsHlsItself()) return () => false;
  const video = document.createElement("video");
  return (codec) => video.canPlayType(typeOf(codec)) !== "";
}

/** What the rendition for every browser is. */
const UNIVERSAL: Coded = { codec: "h264", bitDepth: 8, chroma: "4:2:0" };

/** What the browser can do with this stream, and with the room's rendition for every browser. A stream that is not described yet is not judged. */
export function suitsOf(
  stream: Pick<StreamStatus, "video" | "warnings"> | null,
  abilities: Abilities,
  hasUniversal: boolean,
): Suits | null {
  const video = stream?.video ?? null;
  if (stream === null || video === null) return null;
  const hasBFrames = video.reorderFrames > 0 || stream.warnings.includes("b-frames");
  const judged = asUsual(video);
  const isReceived = abilities.receives === null || receives(abilities.receives, judged);
  const { codec, profile, bitDepth, chroma, width, height } = video;
  return {
    webrtc: !isReceived ? "no" : hasBFrames ? "poorly" : "well",
    hls: abilities.plays(codecString(judged)),
    universal: hasUniversal && (abilities.receives === null || receives(abilities.receives, UNIVERSAL)),
    format: [codec, profile, bitDepth, chroma, `${width}x${height}`, hasBFrames].join(" "),
  };
}

/** What the engine does not tell (OvenMediaEngine) is taken for what most encoders send. */
function asUsual(video: Video): Video {
  return { ...video, bitDepth: video.bitDepth || 8, chroma: video.chroma || "4:2:0" };
}

function receives(codecs: readonly Received[], video: Coded): boolean {
  const names = { h264: "video/h264", h265: "video/h265", av1: "video/av1", vp9: "video/vp9" } as const;
  return codecs.some(({ mimeType, sdpFmtpLine = "" }) => {
    if (mimeType.toLowerCase() !== names[video.codec]) return false;
    return takes(new Map(sdpFmtpLine.split(";").map((pair) => pairOf(pair))), video);
  });
}

function pairOf(text: string): readonly [string, string] {
  const [name = "", value = ""] = text.trim().split("=");
  return [name.toLowerCase(), value.toLowerCase()];
}

function takes(parameters: ReadonlyMap<string, string>, video: Coded): boolean {
  const isDeep = video.bitDepth > 8 || video.chroma !== "4:2:0";
  switch (video.codec) {
    case "h264":
      if (parameters.get("packetization-mode") !== "1") return false;
      // High 4:4:4 Predictive stands for the software decoder that takes them all; others take 8-bit 4:2:0.
      return !isDeep || (parameters.get("profile-level-id") ?? "").startsWith("f4");
    case "h265":
      if (video.chroma !== "4:2:0") return false;
      return video.bitDepth === 8 || parameters.get("profile-id") === "2";
    case "av1":
      // Chromium 156 takes 10-bit AV1 into its offer and shows nothing of it.
      return (
        video.bitDepth === 8 && (parameters.get("profile") ?? "0") === (video.chroma === "4:4:4" ? "1" : "0")
      );
    case "vp9":
      return Number(parameters.get("profile-id") ?? "0") === vp9Profile(video);
  }
}
