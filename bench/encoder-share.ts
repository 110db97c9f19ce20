import { startEncoder } from "../tests/tools/encoder.js";
import type { Product } from "../tests/tools/product.js";
import { startRtmpTap } from "../tests/tools/rtmp-tap.js";
import { startUdpRelay } from "../tests/tools/udp-relay.js";
import { pause } from "../tests/tools/wait.js";
import { firstSrtPayload, watchTsFrames } from "./ts-frames.js";
import { PICTURE } from "./ways-in.js";

/** Ages of frames, in ms, when their last byte had left the encoder program. */
export type EncoderShare = { readonly rtmp: readonly number[]; readonly srt: readonly number[] };

const WARM_UP_FRAMES = 48; // the first was drawn before there was a connection, and ffmpeg catches up

/** What of the glass to glass age is the encoder's own: a tap and a relay stand before the engine, and no browser runs. */
export async function measureEncoderShare(product: Product, seconds: number): Promise<EncoderShare> {
  return { rtmp: await overRtmp(product, seconds), srt: await overSrt(product, seconds) };
}

async function overRtmp(product: Product, seconds: number): Promise<readonly number[]> {
  const room = await product.createRoom("The encoder's share, RTMP");
  const tap = await startRtmpTap(product.rtmpPort);
  try {
    const drawnMs = await encodeTo(`rtmp://127.0.0.1:${tap.port}/live/${room.ingest.key}`, seconds);
    return ages(
      drawnMs,
      tap.pictures.map(({ atMs }) => atMs),
    );
  } finally {
    await tap.close();
  }
}

/** In the clear, as the relay looks for the pictures' borders in the datagrams. */
async function overSrt(product: Product, seconds: number): Promise<readonly number[]> {
  const room = await product.createRoom("The encoder's share, SRT");
  const owner = await product.owner();
  await owner.ask("PATCH", `/rooms/${room.id}`, { srtEncrypted: false });
  const place = room.urls.find(({ protocol }) => protocol === "srt");
  if (place === undefined) throw new Error("the room cannot be reached by SRT");
  const frames = watchTsFrames();
  const relay = await startUdpRelay({
    targetPort: product.srtPort,
    seed: 1,
    toTarget: {},
    seen(packet) {
      const payload = firstSrtPayload(packet);
      if (payload !== null) frames.take(payload);
    },
  });
  try {
    const url = `srt://127.0.0.1:${relay.port}?latency=200000&streamid=${place.key}`;
    const drawnMs = await encodeTo(url, seconds);
    return ages(drawnMs, [...frames.lastPacketMs.values()]);
  } finally {
    await relay.close();
  }
}

/** Publishes for some seconds; gives when each frame was drawn. */
async function encodeTo(url: string, seconds: number): Promise<readonly number[]> {
  const drawnMs: number[] = [];
  const encoder = startEncoder({ url, ...PICTURE, drawn: (_frame, timeMs) => drawnMs.push(timeMs) });
  try {
    await encoder.firstFrameAt;
    await pause((seconds + WARM_UP_FRAMES / PICTURE.framesPerSecond) * 1000);
  } finally {
    await encoder.kill();
  }
  return drawnMs;
}

/** Pictures leave in the order in which they are drawn: without B-frames, and none is left out. */
function ages(drawnMs: readonly number[], leftMs: readonly number[]): readonly number[] {
  const found = leftMs.slice(WARM_UP_FRAMES, -1).map((atMs, index) => {
    const drawn = drawnMs[WARM_UP_FRAMES + index];
    if (drawn === undefined) throw new Error("more pictures left the encoder than were drawn");
    return atMs - drawn;
  });
  if (found.length < PICTURE.framesPerSecond)
    throw new Error(`only ${found.length} pictures left the encoder`);
  return found;
}
