import { type Encoder, startEncoder } from "../tests/tools/encoder.js";
import type { TestRoom } from "../tests/tools/product.js";
import { startWhipEncoder } from "./whip-encoder.js";

/** How the bench's picture is made: what issue and reference measure with. */
export const PICTURE = {
  width: 1920,
  height: 1080,
  framesPerSecond: 24,
  kilobitsPerSecond: 12_000,
  grain: 14,
  gopFrames: 24,
} as const;

/** A way in, as the room's addresses name it. */
export type WayIn = "rtmp" | "rtmps" | "srt" | "whip";

/** An encoder at work. */
export type BenchEncoder = Pick<Encoder, "firstFrameAt" | "kill">;

/** Starts the bench's encoder, by this way into this room, with the address that the room's page shows. */
export async function startBenchEncoder(room: TestRoom, way: WayIn): Promise<BenchEncoder> {
  const place = room.urls.find(({ protocol }) => protocol === way);
  if (place === undefined) throw new Error(`the room cannot be reached by ${way}`);
  if (way !== "whip") return startEncoder({ url: place.url, ...PICTURE });
  const { url, key } = place;
  const whip = await startWhipEncoder({ url, key, framesPerSecond: PICTURE.framesPerSecond });
  const encoder = startEncoder({ url: whip.url, sound: false, ...PICTURE });
  return {
    firstFrameAt: encoder.firstFrameAt,
    async kill() {
      await encoder.kill();
      whip.close();
    },
  };
}
