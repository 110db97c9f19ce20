import type { IngestUrl } from "@colourstream/contract";

/** What a protocol is called, and what is to be known before it is chosen. */
export type WayIn = { readonly name: string; readonly about: string };

const WAYS: Readonly<Record<IngestUrl["protocol"], WayIn>> = {
  rtmp: {
    name: "RTMP",
    about:
      "Every encoder has it. It is not encrypted: whoever is on the way can watch, and read the stream key. Good inside your own network.",
  },
  rtmps: {
    name: "RTMPS",
    about:
      "RTMP, encrypted. OBS refuses a self-signed certificate, and an address in place of a host name: use SRT with its passphrase then, or a certificate from a known authority.",
  },
  srt: {
    name: "SRT",
    about:
      "The best choice over the internet: what gets lost on the way is sent again, and it adds no delay here.",
  },
  whip: {
    name: "WHIP",
    about:
      "The way that browsers send by, with the least delay. In OBS from version 30; it takes H.264, AV1 or VP9 with Opus.",
  },
};

/** The words for a protocol. */
export function wayIn(protocol: IngestUrl["protocol"]): WayIn {
  return WAYS[protocol];
}

/** What is to be known before it is chosen. An engine with the stream ID in the address takes SRT as it comes. */
export function aboutWay({ protocol, key }: Pick<IngestUrl, "protocol" | "key">): string {
  return protocol === "srt" && key === ""
    ? "What gets lost on the way is sent again. The picture is held for as long as the latency says. It is not encrypted: over the internet, use RTMPS or WHIP."
    : wayIn(protocol).about;
}

/** An encoder that has a field for each part of an SRT address. */
export type SrtFields = {
  readonly host: string;
  readonly port: string;
  readonly latencyMs: number;
  /** Null: it is not in the address. */
  readonly streamId: string | null;
};

/** The parts of an SRT address; its latency is in microseconds, as FFmpeg and OBS count it. */
export function srtFields(server: string): SrtFields {
  const url = new URL(server.replace(/^srt:/, "http:")); // browsers take a host and a port out of schemes they know
  return {
    host: url.hostname,
    port: url.port,
    latencyMs: Number(url.searchParams.get("latency") ?? 0) / 1000,
    streamId: url.searchParams.get("streamid"),
  };
}

/** Low delay, no B-frames, a keyframe a second; colour tagged as Rec. 709. */
const PICTURE =
  "-c:v libx264 -preset veryfast -tune zerolatency -bf 0 -g 25 -b:v 12M -pix_fmt yuv420p " +
  "-colorspace bt709 -color_primaries bt709 -color_trc bt709";

/** A line for a terminal that sends a file as if it were live. It holds the room's secrets. */
export function ffmpegLine({ protocol, url, key }: Pick<IngestUrl, "protocol" | "url" | "key">): string {
  const from = "ffmpeg -re -i input.mov";
  if (protocol === "whip") {
    const bearer = key === "" ? "" : `-authorization ${key} `;
    return `${from} ${PICTURE} -c:a libopus -b:a 192k -f whip ${bearer}"${url}"`;
  }
  const sound = "-c:a aac -b:a 192k";
  // FFmpeg packs up to eight AAC frames into one PES packet, which puts the sound 100 ms behind; 0 sends each by itself.
  if (protocol === "srt") return `${from} ${PICTURE} ${sound} -f mpegts -pes_payload_size 0 "${url}"`;
  return `${from} ${PICTURE} ${sound} -f flv "${url}"`;
}
