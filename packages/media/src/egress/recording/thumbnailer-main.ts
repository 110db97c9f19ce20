import { rename, writeFile } from "node:fs/promises";
import { CODECS_QUIET, importCodecs } from "../../audio/codec-library.js";
import { endWithParent } from "./end-with-parent.js";
import { type CodecLibrary, jpegOfFirstPicture, PictureError } from "./first-picture.js";

// Makes a JPEG of an MP4's first picture. A process of its own: the codecs are native code that meets bytes from
// outside, and a crash of theirs costs a small picture.

const EXIT = { noPicture: 2, noCodecs: 3 } as const;
const loadCodecs = async (): Promise<CodecLibrary | null> => {
  try {
    return (await importCodecs("node-av/lib")) as CodecLibrary;
  } catch {
    return null; // not installed, or no build for this platform: there are no thumbnails then
  }
};

endWithParent();
const [from, unfinished, to] = process.argv.slice(2);
if (from === undefined || unfinished === undefined || to === undefined) throw new Error("give three paths");
const codecs = await loadCodecs();
if (codecs === null) process.exit(EXIT.noCodecs);
codecs.Log.setLevel(CODECS_QUIET as never);
try {
  await writeFile(unfinished, jpegOfFirstPicture(codecs, from), { mode: 0o600 });
  await rename(unfinished, to);
} catch (error) {
  if (!(error instanceof PictureError)) throw error;
  process.stderr.write(`no thumbnail: ${error.message}\n`);
  process.exit(EXIT.noPicture);
}
process.exit(0); // the codecs' own threads do not hold us up
