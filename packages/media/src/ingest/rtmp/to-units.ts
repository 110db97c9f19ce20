import { type AudioFormat, TICKS_PER_MS } from "../../hub/access-unit.js";
import type { Publication } from "../../hub/ports.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { amfFields, parseAmf0 } from "../../wire/rtmp/amf0.js";
import { type AudioTag, parseAudioTag, parseMultichannelConfig } from "../../wire/rtmp/audio-tag.js";
import type { TrackPacket } from "../../wire/rtmp/enhanced.js";
import { parseMessage } from "../../wire/rtmp/message.js";
import { parseVideoTag, type VideoTag } from "../../wire/rtmp/video-tag.js";
import { type FormatTeller, startFormatTeller } from "../formats.js";
import { assumedAudioFormat, audioCodecOf, audioFormatOf } from "./audio-track.js";
import type { MediaMessage } from "./session.js";
import { startTimeline } from "./timeline.js";
import { sniffNalCodec, startVideoTrack, type VideoTrack, videoCodecOf } from "./video-track.js";

/** Turns a publisher's messages into the hub's formats and access units. */
export type UnitSource = {
  /** Throws `ProtocolError` only when nothing but nonsense comes. */
  take(message: MediaMessage, arrivedAtMs: number): void;
};

/** Tags that cannot be read, without so many good ones between them, until the publisher is closed (DJI sends some). */
const MAX_BAD_TAGS = 100;

/** A stream that says something new for ever must not fill the studio's list. */
const MAX_NOTICES = 16;

/** Starts a publisher's conversion. `warn` is told of each tag that was skipped, the first few times. */
export function toUnits(publication: Publication, warn: (reason: string) => void): UnitSource {
  const timeline = startTimeline();
  const formats = startFormatTeller(publication);
  const video = startVideo(publication, formats, notice);
  const audio = startAudio(publication, formats, notice);
  const noticed = new Set<string>();
  let bad = 0;
  let goodInARow = 0;

  function notice(text: string): void {
    if (noticed.has(text) || noticed.size >= MAX_NOTICES) return;
    noticed.add(text);
    publication.notice(text);
  }

  function skip(error: ProtocolError): void {
    goodInARow = 0;
    bad++;
    if (bad <= 3) warn(error.message);
    if (bad >= MAX_BAD_TAGS) {
      throw new ProtocolError("rtmp", `${bad} tags could not be read, the last one: ${error.message}`);
    }
  }

  function convert(message: MediaMessage, arrivedAtMs: number): void {
    if (message.kind === "metadata") {
      parseMessage(message.type, message.payload); // repeated by GStreamer, and nothing in it that the bitstream lacks
    } else if (message.kind === "video") {
      const tag = parseVideoTag(message.tag);
      if (tag.is === "unsupported") notice(`The encoder sends ${tag.what}, which is not supported.`);
      if (tag.is !== "packets") return;
      if (tag.holds !== "frame") {
        video.take(tag, 0, arrivedAtMs);
        return;
      }
      video.take(tag, timeline.place("video", message.timestamp, tag.nanoOffset, arrivedAtMs), arrivedAtMs);
    } else {
      const tag = parseAudioTag(message.tag);
      if (tag.is === "unsupported") notice(`The encoder sends ${tag.what}, which is not supported.`);
      if (tag.is !== "packets") return;
      if (tag.holds !== "frame") {
        audio.take(tag, 0, arrivedAtMs);
        return;
      }
      audio.take(tag, timeline.place("audio", message.timestamp, tag.nanoOffset, arrivedAtMs), arrivedAtMs);
    }
  }

  return {
    take(message, arrivedAtMs) {
      try {
        convert(message, arrivedAtMs);
        if (++goodInARow >= MAX_BAD_TAGS) bad = 0;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        skip(error);
      }
    },
  };
}

type PacketsOf<Tag> = Extract<Tag, { is: "packets" }>;

/** Gives the packet of the one track that is taken: the first that is seen. The others are named in a notice. */
function firstTrack(kind: "video" | "audio", notice: (text: string) => void) {
  let chosen: number | null = null;
  return (packets: readonly TrackPacket[]): TrackPacket | null => {
    let found: TrackPacket | null = null;
    for (const packet of packets) {
      chosen ??= packet.trackId;
      if (packet.trackId === chosen) found ??= packet;
      else
        notice(
          `Only the first ${kind} track is shown; track ${packet.trackId} (${printable(packet.codec)}) is left out.`,
        );
    }
    return found;
  };
}

function startVideo(publication: Publication, formats: FormatTeller, notice: (text: string) => void) {
  const choose = firstTrack("video", notice);
  let track: VideoTrack | null = null;

  function trackFor(packet: TrackPacket, isConfig: boolean): VideoTrack | null {
    const called = videoCodecOf(packet.codec);
    if (called === null) {
      notice(`The encoder sends video as ${printable(packet.codec)}, which is not supported.`);
      return null;
    }
    const codec = isConfig ? sniffNalCodec(called, packet.payload) : called;
    const fits =
      track !== null && (track.codec === codec || (!isConfig && called === "h264" && track.codec === "h265"));
    if (!fits) track = startVideoTrack(codec);
    return track;
  }

  return {
    take(tag: PacketsOf<VideoTag>, dts: number, arrivedAtMs: number): void {
      if (tag.holds === "end") return; // FFmpeg sends one per track: the connection tells when the stream ends
      const packet = choose(tag.packets);
      if (packet === null) return;
      if (tag.holds === "metadata") {
        checkColour(packet.payload);
        return;
      }
      const current = trackFor(packet, tag.holds === "config");
      if (current === null) return;
      if (tag.holds === "config") {
        current.config(packet.payload);
        return;
      }

      const picture = current.frame(packet.payload, tag.frameType === 1);
      if (picture === null) return;
      const format = current.format();
      if (format === null) {
        notice("The encoder sends pictures without parameter sets: nothing can be shown until they come.");
        return;
      }
      const pts = dts + packet.compositionMs * TICKS_PER_MS;
      formats.video(format, pts, picture.isKeyframe);
      publication.write({ kind: "video", pts, dts, ...picture, arrivedAtMs });
    },
  };

  function checkColour(body: Uint8Array): void {
    const [name, value] = parseAmf0(body);
    const config = name === "colorInfo" ? amfFields(amfFields(value)?.get("colorConfig")) : null;
    const colour = track?.format()?.colour ?? null;
    if (config === null || track?.format() == null) return;
    const said = ["colorPrimaries", "transferCharacteristics", "matrixCoefficients"].map((key) => {
      const code = config?.get(key);
      return typeof code === "number" ? code : undefined;
    });
    const stands = colour === null ? [2, 2, 2] : [colour.primaries, colour.transfer, colour.matrix];
    if (said.every((code, i) => code === undefined || code === stands[i])) return;
    notice(
      `The encoder's metadata calls the colour ${said.join("-")}, its bitstream says ${stands.join("-")}.`,
    );
  }
}

function startAudio(publication: Publication, formats: FormatTeller, notice: (text: string) => void) {
  const choose = firstTrack("audio", notice);
  let format: AudioFormat | null = null;
  let channels: number | null = null;
  return {
    take(tag: PacketsOf<AudioTag>, pts: number, arrivedAtMs: number): void {
      if (tag.holds === "end") return;
      const packet = choose(tag.packets);
      if (packet === null) return;
      const codec = audioCodecOf(packet.codec);
      if (codec === null) {
        notice(`The encoder sends audio as ${printable(packet.codec)}, which is not supported.`);
        return;
      }
      if (tag.holds === "channels") {
        channels = parseMultichannelConfig(packet.payload).channels;
        return;
      }
      if (tag.holds === "config") {
        format = audioFormatOf(codec, packet.payload);
        return;
      }
      if (packet.payload.length === 0) return;
      if (format?.codec !== codec) format = assumedAudioFormat(codec, channels);
      if (format === null) {
        notice("The encoder sends AAC without its configuration: nothing can be heard.");
        return;
      }
      formats.audio(format);
      publication.write({ kind: "audio", pts, payload: packet.payload, arrivedAtMs });
    },
  };
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
