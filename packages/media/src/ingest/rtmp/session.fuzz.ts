import type { FuzzTarget } from "../../wire/fuzz.js";
import { FIXTURE_NAMES, feedInPieces, readFixture, startReplay } from "./replay.js";

/** Recorded sessions, mutated and split at random: reliability.md test 3. */
export const target: FuzzTarget = {
  name: "rtmp session",
  seeds: FIXTURE_NAMES.map(readFixture),
  run(input) {
    const replay = startReplay();
    let piece = 1 + (input.length % 1999);
    feedInPieces(replay, input, () => {
      replay.nowMs += 40;
      piece = 1 + ((piece * 31 + 17) % 1999);
      return piece;
    });
    for (const publisher of replay.publishers) {
      let last = Number.NEGATIVE_INFINITY;
      for (const unit of publisher.video) {
        if (unit.units.length === 0 || unit.units.some((part) => part.length === 0))
          throw new Error("an empty unit");
        if (unit.dts < last) throw new Error(`dts went back from ${last} to ${unit.dts}`);
        if (!Number.isSafeInteger(unit.pts)) throw new Error(`pts is ${unit.pts}`);
        last = unit.dts - 90; // nanosecond offsets may differ by less than a millisecond
      }
      if (publisher.notices.length > 16) throw new Error(`${publisher.notices.length} notices`);
    }
  },
};
