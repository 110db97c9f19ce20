import { spawn } from "node:child_process";
import { withDeadline } from "./wait.js";

/** An encoder that needs nothing from this process: it must not stutter while a test is busy attacking. */
export type Publisher = {
  readonly ended: Promise<number | null>;
  kill(): Promise<void>;
};

/** Publishes a moving test picture and a tone at 25 frames a second until killed; tries again when it is cut off. */
export function startPublisher(url: string): Publisher {
  let child = launch();
  let isStopping = false;
  const ended = (async () => {
    for (;;) {
      const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
      if (isStopping) return code;
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (isStopping) return code;
      child = launch();
    }
  })();
  function launch() {
    return spawn(
      "ffmpeg",
      [
        ...["-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"],
        ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "aac", "-ac", "2"],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "1500k", "-g", "25"],
        ...["-f", "flv", url],
      ],
      { stdio: "ignore" },
    );
  }
  return {
    ended,
    async kill() {
      isStopping = true;
      child.kill("SIGKILL");
      await withDeadline("the publisher to die", 5000, ended);
    },
  };
}
