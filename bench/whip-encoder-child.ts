import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { makeFlvReader } from "../tests/tools/flv-file.js";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import type { WhipEncoderAnswer, WhipEncoderOrder } from "./whip-encoder.js";

/** Takes an encoder's FLV by TCP and publishes its pictures by WHIP as they come, beside silence, in a process of its own. */

type Client = typeof import("../packages/media/src/ingest/whip/fixtures/whip-client.js");
type WhipClient = Awaited<ReturnType<Client["publish"]>>;

const FRAME_MS = 20; // of Opus (RFC 6716 §2.1.4)
const TICKS_PER_SOUND_FRAME = 48 * FRAME_MS;
const SILENCE = Buffer.of(0xf8, 0xff, 0xfe); // CELT, full band, 20 ms: a frame without a sound
const HOST = "127.0.0.1";

async function publish({ url, key, framesPerSecond }: WhipEncoderOrder): Promise<number> {
  const file = join(PROJECT_ROOT, "packages/media/dist/ingest/whip/fixtures/whip-client.js");
  const module = (await import(file)) as Client;
  const client = await module.publish(new URL(url), key);
  const server = createServer((encoder) => passOn(encoder, client, 90_000 / framesPerSecond));
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to take FLV at");
  return address.port;
}

function passOn(encoder: Socket, client: WhipClient, ticksPerPicture: number): void {
  let parameterSets: readonly Buffer[] = [];
  let pictures = 0;
  let sound: NodeJS.Timeout | undefined;
  const read = makeFlvReader({
    parameterSets(sets) {
      parameterSets = sets;
    },
    picture({ isKeyframe, nalUnits }) {
      client.picture(isKeyframe ? [...parameterSets, ...nalUnits] : nalUnits, pictures * ticksPerPicture);
      pictures += 1;
      sound ??= playSilence(client);
    },
  });
  encoder.setNoDelay(true);
  encoder.on("data", read);
  encoder.on("error", () => encoder.destroy()); // the encoder was killed, as every measuring ends
  encoder.on("close", () => clearInterval(sound));
}

/** As many frames as are due by now. */
function playSilence(client: WhipClient): NodeJS.Timeout {
  const startedMs = performance.now();
  let frames = 0;
  return setInterval(() => {
    for (; frames * FRAME_MS <= performance.now() - startedMs; frames += 1)
      client.sound(SILENCE, frames * TICKS_PER_SOUND_FRAME);
  }, FRAME_MS);
}

const say = (answer: WhipEncoderAnswer) => process.send?.(answer);

process.once("message", (order: WhipEncoderOrder) => {
  publish(order).then(
    (port) => say({ port }),
    (error: unknown) => say({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
