import { type AacToOpus, type CodecLibrary, openAacToOpus, UnsupportedSound } from "./aac-to-opus.js";
import { CODECS_QUIET, importCodecs } from "./codec-library.js";
import type { FromTranscoder, ToTranscoder } from "./messages.js";

// The transcoding process of one stream. The codec library is native code that meets bytes from outside: when it
// crashes, it takes this process with it and nothing else.

const say = (message: FromTranscoder): void => {
  if (process.connected) process.send?.(message);
};

const loadCodecs = async (specifier: string): Promise<CodecLibrary | null> => {
  try {
    return (await importCodecs(specifier)) as CodecLibrary;
  } catch (error) {
    // Not installed, or no build for this platform: both are for the owner of the machine to mend.
    say({ is: "codec-missing", why: error instanceof Error ? error.message : String(error) });
    return null;
  }
};

const run = async (): Promise<void> => {
  const library = await loadCodecs(process.argv[2] ?? "node-av/lib");
  if (library === null) {
    process.disconnect();
    return;
  }
  library.Log.setLevel(CODECS_QUIET as never);
  let transcoder: AacToOpus | null = null;

  const open = (message: Extract<ToTranscoder, { is: "format" }>): void => {
    transcoder = openAacToOpus(library, message.format);
  };

  process.on("message", (message: ToTranscoder) => {
    let opus: FromTranscoder = { is: "done", opus: [] };
    try {
      if (message.is === "format") {
        open(message);
        return;
      }
      if (transcoder !== null) opus = { is: "done", opus: transcoder.write(message.frame) };
    } catch (error) {
      if (!(error instanceof UnsupportedSound)) throw error;
      transcoder = null;
      say({ is: "unsupported", why: error.message });
    }
    if (message.is === "frame") say(opus);
  });
  say({ is: "ready" });
};

process.on("disconnect", () => process.exit(0)); // the engine has gone
process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group: the engine decides
await run();
