import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isVideo } from "../../hub/frame.js";
import { makeSource, packetHashes, probe, readSource, type Source } from "./fixtures/source.js";
import { createMuxer } from "./muxer.js";

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "mp4-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes all of a source in fragments of five pictures. */
function muxed(source: Source, file: string): { codecs: readonly string[]; keyframes: number } {
  const muxer = createMuxer({ video: source.video, audio: source.audio, originTicks: 0 });
  const parts: Uint8Array[] = [muxer.init];
  let keyframes = 0;
  const cut = (nextDts: number | null) => {
    const fragment = muxer.cut(nextDts);
    if (fragment === null) return;
    parts.push(...fragment.bytes);
    if (fragment.startsWithKeyframe) keyframes += 1;
  };
  for (const frame of source.frames) {
    if (isVideo(frame) && muxer.pictures() === 5) cut(frame.unit.dts);
    muxer.add(frame);
  }
  cut(null);
  writeFileSync(file, Buffer.concat(parts));
  return { codecs: muxer.codecs, keyframes };
}

const BT709 = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];
const PQ = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
const AAC = ["-c:a", "aac", "-ac", "2"];
const OPUS = ["-c:a", "libopus", "-ac", "2"];
const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"];

const CASES: readonly {
  readonly name: string;
  readonly options: readonly string[];
  readonly codecs: readonly [RegExp, string];
  readonly says: Readonly<Record<string, string | number>>;
}[] = [
  {
    name: "H.264 8-bit without B-frames, AAC",
    options: [...X264, "-bf", "0", "-pix_fmt", "yuv420p", ...BT709, ...AAC],
    codecs: [/^avc1\.42C0[0-9A-F]{2}$/, "mp4a.40.2"],
    says: { color_range: "tv", color_primaries: "bt709", color_transfer: "bt709", color_space: "bt709" },
  },
  {
    name: "H.264 10-bit 4:2:2 with B-frames, anamorphic",
    options: [...X264, "-bf", "3", "-pix_fmt", "yuv422p10le", "-vf", "setsar=4/3", ...BT709, ...OPUS],
    codecs: [/^avc1\.7A10[0-9A-F]{2}$|^avc1\.7A00[0-9A-F]{2}$/, "opus"],
    says: { pix_fmt: "yuv422p10le", sample_aspect_ratio: "4:3", has_b_frames: 2, color_primaries: "bt709" },
  },
  {
    name: "H.264 full range",
    options: [...X264, "-bf", "0", "-pix_fmt", "yuv420p", "-color_range", "pc", ...BT709, "-an"],
    codecs: [/^avc1\./, ""],
    says: { color_range: "pc", color_space: "bt709" },
  },
  {
    name: "HEVC Main 10 PQ",
    options: [
      ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=2", "-tag:v"],
      ...["hvc1", "-pix_fmt", "yuv420p10le", ...PQ, ...AAC],
    ],
    codecs: [/^hvc1\.2\.4\.L\d+\.[0-9A-F]+$/, "mp4a.40.2"],
    says: {
      profile: "Main 10",
      codec_tag_string: "hvc1",
      color_transfer: "smpte2084",
      color_space: "bt2020nc",
    },
  },
  {
    name: "AV1 10-bit",
    options: ["-c:v", "libsvtav1", "-preset", "10", "-g", "25", "-pix_fmt", "yuv420p10le", ...BT709, ...OPUS],
    codecs: [/^av01\.0\.\d\dM\.10$/, "opus"],
    says: { codec_tag_string: "av01", pix_fmt: "yuv420p10le" },
  },
  {
    name: "VP9",
    options: [
      "-c:v",
      "libvpx-vp9",
      "-deadline",
      "realtime",
      "-cpu-used",
      "8",
      "-b:v",
      "500k",
      ...BT709,
      ...OPUS,
    ],
    codecs: [/^vp09\.00\.\d\d\.08$/, "opus"],
    says: { codec_tag_string: "vp09", color_space: "bt709" },
  },
];

test.skipIf(!hasFfmpeg).each(CASES)(
  "$name: packets come out bit for bit, with their colour and shape",
  { timeout: 60_000 },
  ({ name, options, codecs, says }) => {
    const from = join(folder, `${name.replace(/\W/g, "")}.mp4`);
    const to = from.replace(".mp4", ".out.mp4");
    makeSource(from, options);
    const source = readSource(from);
    const written = muxed(source, to);
    expect(written.keyframes).toBeGreaterThan(0);
    expect(written.codecs[0]).toMatch(codecs[0]);
    expect(written.codecs[1] ?? "").toBe(codecs[1]);

    expect(packetHashes(to, "v")).toHaveLength(25);
    expect(packetHashes(to, "v")).toEqual(packetHashes(from, "v"));
    if (source.audio !== null) expect(packetHashes(to, "a")).toEqual(packetHashes(from, "a"));

    const { streams = [], packets = [] } = probe(to, "-show_streams", "-show_packets");
    expect(streams[0]).toMatchObject({ width: 320, height: 180, ...says });
    const times = (list: typeof packets) =>
      list
        .filter((packet) => packet.codec_type === "video")
        .map(({ pts_time, dts_time }, _index, all) => [
          Math.round((Number(pts_time) - Number(all[0]?.dts_time)) * 1000),
          Math.round((Number(dts_time) - Number(all[0]?.dts_time)) * 1000),
        ]);
    expect(times(packets)).toEqual(times(probe(from, "-show_packets").packets ?? []));
  },
);
