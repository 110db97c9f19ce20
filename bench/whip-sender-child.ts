import { join } from "node:path";
import { fingerprint } from "../tests/tools/fingerprint.js";
import { readFlvVideo } from "../tests/tools/flv-file.js";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import { wallMs } from "../tests/tools/wait.js";
import type { SentPicture, WhipSenderOrder } from "./whip-sender.js";

/** Publishes a clip by WHIP in real time, again and again, in a process of its own. */

type Client = typeof import("../packages/media/src/ingest/whip/fixtures/whip-client.js");

const FRAMES_PER_SECOND = 24;
const TICKS_PER_FRAME = 90_000 / FRAMES_PER_SECOND;
const MAX_SENT = 100_000; // more than an hour

async function publishClip({ clip, httpPath, key }: WhipSenderOrder): Promise<void> {
  const file = join(PROJECT_ROOT, "packages/media/dist/ingest/whip/fixtures/whip-client.js");
  const { publish } = (await import(file)) as Client;
  const { parameterSets, pictures } = readFlvVideo(clip);
  const named = pictures.map(({ isKeyframe, nalUnits }) => ({
    units: isKeyframe ? [...parameterSets, ...nalUnits] : nalUnits,
    fingerprint: fingerprint(nalUnits),
  }));
  const client = await publish(httpPath, key);
  const sent: SentPicture[] = [];
  process.on("message", () => process.send?.({ sent: sent.splice(0) }));
  process.send?.({ publishing: true });

  const startedMs = performance.now();
  const next = (number: number): void => {
    const picture = named[number % named.length];
    if (picture === undefined) throw new Error(`${clip} has no pictures`);
    client.picture(picture.units, number * TICKS_PER_FRAME);
    if (sent.length < MAX_SENT) sent.push({ fingerprint: picture.fingerprint, atMs: wallMs() });
    setTimeout(next, startedMs + ((number + 1) * 1000) / FRAMES_PER_SECOND - performance.now(), number + 1);
  };
  next(0);
}

process.once("message", (order: WhipSenderOrder) => void publishClip(order));
process.on("disconnect", () => process.exit(0));
