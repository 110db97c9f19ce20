import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A coded clip that is sent again and again without coding it anew: the encoder must not take the CPU from what is measured. */
export type Clip = { readonly path: string; remove(): void };

/** Codes 10 s of 1080p24 with grain at a constant bit rate, keyframe every second, without B-frames, and a stereo tone. */
export function makeClip(megabitsPerSecond: number): Clip {
  const folder = mkdtempSync(join(tmpdir(), "colourstream-bench-"));
  const path = join(folder, "clip.flv");
  const rate = `${megabitsPerSecond}M`;
  const run = spawnSync(
    "ffmpeg",
    [
      ...["-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=24,noise=alls=24:allf=t"],
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "10"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
      ...["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", `${megabitsPerSecond / 10}M`],
      ...["-g", "24", "-sc_threshold", "0", "-c:a", "aac", "-ac", "2", "-b:a", "192k", "-f", "flv", path],
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  if (run.status !== 0) throw new Error(`ffmpeg could not make the clip (exit code ${run.status})`);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Publishes the clip in real time for ever. */
export function publishClip(clip: Clip, url: string): ChildProcess {
  return spawn(
    "ffmpeg",
    ["-loglevel", "error", "-re", "-stream_loop", "-1", "-i", clip.path, "-c", "copy", "-f", "flv", url],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
}
