import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { makeSource, packetHashes, probe, readSource, type Source } from "../mp4/fixtures/source.js";
import { machineDisk } from "./disk.js";
import { finalise, makeRecorderScene, type RecorderScene } from "./fixtures/recorder-scene.js";

const folder = mkdtempSync(join(tmpdir(), "finalise-"));
afterAll(() => rmSync(folder, { recursive: true }));
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});

const AAC = ["-c:a", "aac", "-ac", "2"];
const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "12"];
const SOURCES: readonly (readonly [
  name: string,
  options: readonly string[],
  says: Record<string, string>,
])[] = [
  [
    "H.264 10-bit 4:2:2, B-frames, anamorphic",
    [
      ...X264,
      "-bf",
      "2",
      "-pix_fmt",
      "yuv422p10le",
      "-vf",
      "setsar=4/3",
      "-color_primaries",
      "bt709",
      ...AAC,
    ],
    { pix_fmt: "yuv422p10le", sample_aspect_ratio: "4:3", color_primaries: "bt709" },
  ],
  ["H.264 without sound", [...X264, "-bf", "0", "-pix_fmt", "yuv444p", "-an"], { pix_fmt: "yuv444p" }],
  [
    "HEVC Main 10 PQ, B-frames",
    [
      ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=2:keyint=12"],
      ...[
        "-pix_fmt",
        "yuv420p10le",
        "-tag:v",
        "hvc1",
        "-color_primaries",
        "bt2020",
        "-color_trc",
        "smpte2084",
      ],
      ...["-colorspace", "bt2020nc", ...AAC],
    ],
    { codec_tag_string: "hvc1", color_transfer: "smpte2084", color_space: "bt2020nc" },
  ],
  [
    "VP9 with Opus",
    ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-ac", "2"],
    { codec_name: "vp9" },
  ],
];

describe.skipIf(!hasFfmpeg)("finalised", () => {
  /** Through the hub into the recorder, as an encoder would send it. */
  const record = async (source: Source): Promise<RecorderScene> => {
    const scene = makeRecorderScene(folder, machineDisk);
    cleanUp.push(scene.close);
    const publication = scene.publish();
    publication.videoFormat(source.video);
    if (source.audio !== null) publication.audioFormat(source.audio);
    await scene.recorder.start("s", scene.id);
    for (const { unit } of source.frames) publication.write({ ...unit, arrivedAtMs: scene.clock.now() });
    await scene.recorder.stop(scene.id);
    return scene;
  };

  test.each(SOURCES)(
    "%s: fragmented and plain hold the encoder's packets, colours and shape",
    async (name, options, says) => {
      const file = join(folder, `source-${name.replace(/\W/g, "")}.mp4`);
      makeSource(file, options);
      const source = readSource(file);
      const { id, path } = await record(source);
      // Sound from before the first picture is not of the recording.
      const heard = source.audio === null ? [] : packetHashes(path, "a");
      expect(packetHashes(path, "v")).toEqual(packetHashes(file, "v"));
      const fragmented = readFileSync(path);
      const answer = finalise(folder, id);
      const plain = join(folder, `${id}.mp4`);
      expect(answer).toMatchObject({ is: "finalised", bytes: statSync(plain).size, video: { width: 320 } });
      expect(packetHashes(plain, "v")).toEqual(packetHashes(file, "v"));
      if (source.audio !== null) {
        expect(heard.length).toBeGreaterThan(40);
        expect(packetHashes(plain, "a")).toEqual(heard);
      }
      const [video] = probe(plain, "-show_streams", "-select_streams", "v").streams ?? [];
      expect(video).toMatchObject(says);
      expect(Number(video?.start_time)).toBe(0); // the first picture is at 0, reordered or not
      expect(() => statSync(path)).toThrow("ENOENT");

      // Cut off in its last fragment, as by a power failure, it gives up only that one.
      const cut = `${id}-cut`;
      writeFileSync(join(folder, `${cut}.part.mp4`), fragmented);
      truncateSync(join(folder, `${cut}.part.mp4`), fragmented.length - 10);
      expect(finalise(folder, cut)).toMatchObject({ is: "finalised" });
      const kept = packetHashes(join(folder, `${cut}.mp4`), "v");
      expect(kept.length).toBeGreaterThan(10);
      expect(packetHashes(file, "v").slice(0, kept.length)).toEqual(kept);
    },
  );

  test("a second run on the same name finds it done; nothing whole is nothing; killed half way it begins anew", async () => {
    const file = join(folder, "again.mp4");
    makeSource(file, [...X264, "-pix_fmt", "yuv420p", ...AAC]);
    const { id } = await record(readSource(file));
    writeFileSync(join(folder, `${id}.tmp.mp4`), "what a killed one left behind");
    const first = finalise(folder, id);
    expect(first).toMatchObject({ is: "finalised" });
    expect(finalise(folder, id)).toMatchObject({ ...first, video: { codec: "H.264" } });

    writeFileSync(join(folder, "empty-recording.part.mp4"), "");
    expect(finalise(folder, "empty-recording")).toEqual({ is: "nothing" });
    writeFileSync(join(folder, "noise-recording.part.mp4"), Buffer.alloc(100_000, 7));
    expect(finalise(folder, "noise-recording")).toEqual({ is: "nothing" });
    expect(finalise(folder, "no-such-recording")).toEqual({ is: "nothing" });
  });
});
