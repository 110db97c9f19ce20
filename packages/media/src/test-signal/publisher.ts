import { type AccessUnit, TICKS_PER_MS } from "../hub/access-unit.js";
import type { Clock } from "../hub/clock.js";
import type { PublisherEnd, PublishPoint, PublishRefusal } from "../hub/ports.js";
import type { Clip, ClipUnit } from "./clip.js";

/** After a longer halt of the machine the clip goes on at the next keyframe, rather than in a burst. */
const MAX_BEHIND_MS = 250;

/**
 * Publishes the clip in a loop, in real time: every unit is due at a time counted from the start, so that neither a late
 * timer nor the end of a loop adds up. Ends when the hub ends it, which then calls `ended`.
 */
export function publishTestSignal(
  stream: string,
  clip: Clip,
  hub: PublishPoint,
  clock: Clock,
  ended: (reason: PublisherEnd) => void,
): "publishing" | PublishRefusal {
  let isOver = false;
  let cancelTimer = (): void => {};
  const publication = hub.publish(stream, {
    source: { protocol: "test-signal", address: null, encoder: null },
    end: (reason) => {
      isOver = true;
      cancelTimer();
      ended(reason);
    },
    isDead: () => false,
    requestKeyframe: null,
    link: () => null,
  });
  if (publication === "already-live") return publication;
  publication.videoFormat(clip.video);
  publication.audioFormat(clip.audio);

  const startedAtMs = clock.now();
  let loopStart = 0; // ticks
  let next = 0;

  const unitAt = (index: number): ClipUnit => {
    const unit = clip.units[index];
    if (unit === undefined) throw new Error(`expected unit ${index} of ${clip.units.length}`);
    return unit;
  };
  const dueMs = (): number => startedAtMs + (loopStart + unitAt(next).pts) / TICKS_PER_MS;
  const advance = (): void => {
    next += 1;
    if (next < clip.units.length) return;
    next = 0;
    loopStart += clip.loopTicks;
  };

  const skipToKeyframe = (nowMs: number): void => {
    const loopMs = clip.loopTicks / TICKS_PER_MS;
    const wholeLoops = Math.floor((nowMs - dueMs()) / loopMs);
    if (wholeLoops > 0) loopStart += wholeLoops * clip.loopTicks;
    for (let skipped = 0; skipped <= 2 * clip.units.length; skipped += 1) {
      const unit = unitAt(next);
      if (unit.kind === "video" && unit.isKeyframe && dueMs() >= nowMs) return;
      advance();
    }
    throw new Error("expected a keyframe in the clip");
  };

  const placed = (unit: ClipUnit, nowMs: number): AccessUnit => {
    const pts = loopStart + unit.pts;
    if (unit.kind === "audio") return { kind: "audio", pts, payload: unit.payload, arrivedAtMs: nowMs };
    return {
      kind: "video",
      pts,
      dts: pts,
      isKeyframe: unit.isKeyframe,
      units: unit.units,
      arrivedAtMs: nowMs,
    };
  };

  const sendDue = (): void => {
    const nowMs = clock.now();
    if (nowMs - dueMs() > MAX_BEHIND_MS) skipToKeyframe(nowMs);
    while (!isOver && dueMs() <= nowMs) {
      const unit = placed(unitAt(next), nowMs);
      advance();
      publication.write(unit);
    }
    if (!isOver) cancelTimer = clock.after(Math.max(1, dueMs() - nowMs), sendDue);
  };
  sendDue();
  return "publishing";
}
