import { open, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { endWithParent } from "./end-with-parent.js";
import {
  hashPlain,
  openIfThere,
  plainDurationMs,
  readFragmented,
  readPlain,
  writePlain,
} from "./finalise.js";
import type { FinaliserAnswer } from "./finaliser-answer.js";

// Makes `<folder>/<id>.part.mp4` the plain MP4 `<id>.mp4`. Started by the product, with a low priority; killed at any
// time it leaves the fragmented file as it was, and the next one begins anew.

const CODECS: Readonly<Record<string, string>> = {
  avc1: "H.264",
  hvc1: "H.265",
  av01: "AV1",
  vp09: "VP9",
};
const SPARE_BYTES = 256 * 1024 * 1024; // what the database and the log may need meanwhile

type Facts = Extract<FinaliserAnswer, { is: "finalised" }>;
type Shown = {
  readonly kind: string;
  readonly entry: string;
  readonly width: number;
  readonly height: number;
};

const videoOf = (tracks: readonly Shown[]): Facts["video"] => {
  const video = tracks.find(({ kind }) => kind === "video");
  if (video === undefined) return null;
  const { entry, width, height } = video;
  return { codec: CODECS[entry] ?? entry, width, height };
};

/** The plain file is there already: a crash came between its name and the end of the fragmented one. */
const readFinalised = async (whole: string): Promise<FinaliserAnswer> => {
  const file = await openIfThere(whole);
  if (file === null) return { is: "nothing" };
  const { size } = await file.stat();
  const durationMs = await plainDurationMs(file);
  const video = videoOf(await readPlain(file));
  await file.close();
  return { is: "finalised", durationMs, bytes: size, video };
};

const finalise = async (folder: string, id: string): Promise<FinaliserAnswer> => {
  const [part, whole, unfinished] = [".part.mp4", ".mp4", ".tmp.mp4"].map((ending) =>
    join(folder, id + ending),
  );
  if (part === undefined || whole === undefined || unfinished === undefined) throw new Error("no name");
  const from = await openIfThere(part);
  if (from === null) return readFinalised(whole);
  const what = await readFragmented(from);
  if (what === null) return { is: "nothing" };
  const { bsize, bavail } = await statfs(folder);
  if (bavail * bsize < what.dataBytes + SPARE_BYTES) return { is: "no-space" };

  await rm(unfinished, { force: true });
  const to = await open(unfinished, "wx+", 0o600);
  const written = await writePlain(from, to, what);
  const read = await hashPlain(to);
  if (read.join() !== written.join())
    throw new Error("the plain file does not hold what the fragmented one does");
  const { size } = await to.stat();
  await to.close();
  await rename(unfinished, whole);
  await syncFolder(folder); // the name is safe before the fragmented file goes
  await rm(part, { force: true });
  const { durationMs, tracks } = what;
  return { is: "finalised", durationMs, bytes: size, video: videoOf(tracks.map(({ track }) => track)) };
};

const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
};

endWithParent();
const [folder, id] = process.argv.slice(2);
if (folder === undefined || id === undefined) throw new Error("give the folder and the recording's id");
process.stdout.write(`${JSON.stringify(await finalise(folder, id))}\n`);
