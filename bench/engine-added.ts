import { makeTicket, type Product } from "../tests/tools/product.js";
import { startRtmpTap } from "../tests/tools/rtmp-tap.js";
import { startViewers, type ViewerReport } from "../tests/tools/viewers.js";
import { pause } from "../tests/tools/wait.js";
import { type Clip, publishClip } from "./clip.js";

/** What the engine adds to frames, in ms, and whether the viewer it serves last got everything. */
export type EngineAdded = {
  /** One value for each frame that came whole: its last packet at the last viewer, minus its last byte into the engine. */
  readonly framesMs: readonly number[];
  readonly keyframesMs: readonly number[];
  readonly lost: number;
  /** Frames sent in the measured time that did not reach that viewer whole. */
  readonly incomplete: number;
};

/** Measures from outside: an RTMP tap before the engine and WHEP viewers behind it, on one clock. */
export async function measureEngineAdded(
  product: Product,
  clip: Clip,
  viewerCount: number,
  seconds: number,
): Promise<EngineAdded> {
  const room = await product.createRoom(`Engine added ${Date.now()}`);
  const tap = await startRtmpTap(product.rtmpPort);
  const crowd = startViewers(1);
  const last = startViewers(1);
  const encoder = publishClip(clip, `rtmp://127.0.0.1:${tap.port}/live/${room.ingest.key}`);
  try {
    await product.waitForStream(room, "live", 15_000);
    for (let number = 0; number < viewerCount; number += 1) {
      const reviewer = await product.join(room, `Viewer ${number}`);
      const ticket = await makeTicket(reviewer, room);
      const url = new URL(ticket.url, product.url).href;
      // The engine serves viewers in the order they came.
      if (number < viewerCount - 1) await crowd.connect(url, ticket.ticket, { isCrowd: true });
      else await last.connect(url, ticket.ticket);
    }
    await pause(3000); // the joins' bursts are over
    await last.report(true);
    const from = tap.pictures.length;
    await pause(seconds * 1000);
    const until = tap.pictures.length;
    await pause(1000); // the last frames arrive
    return compare(tap.pictures.slice(from, until), await last.report(true));
  } finally {
    encoder.kill("SIGKILL");
    await crowd.close();
    await last.close();
    await tap.close();
  }
}

type Sent = { readonly fingerprint: string; readonly atMs: number; readonly isKeyframe: boolean };

/** The clip repeats, so a fingerprint counts together with its round: the arrival that follows the sending most closely. */
function compare(sent: readonly Sent[], reports: readonly ViewerReport[]): EngineAdded {
  const arrivals = reports.map((report) => {
    const byName = new Map<string, number[]>();
    for (const record of report.records) {
      if (!record.isWhole) continue;
      const times = byName.get(record.fingerprint) ?? [];
      times.push(record.atMs);
      byName.set(record.fingerprint, times);
    }
    return byName;
  });
  const framesMs: number[] = [];
  const keyframesMs: number[] = [];
  let incomplete = 0;
  for (const picture of sent) {
    const times = arrivals.map((byName) =>
      byName.get(picture.fingerprint)?.find((atMs) => atMs >= picture.atMs),
    );
    if (times.some((atMs) => atMs === undefined || atMs - picture.atMs > 5000)) {
      incomplete += 1;
      continue;
    }
    const addedMs = Math.max(...(times as number[])) - picture.atMs;
    (picture.isKeyframe ? keyframesMs : framesMs).push(addedMs);
  }
  return { framesMs, keyframesMs, incomplete, lost: reports.reduce((sum, report) => sum + report.lost, 0) };
}
