import type { FuzzTarget } from "../../wire/fuzz.js";
import { FIXTURE_NAMES, readFixture, startReplay } from "./replay.js";

/** Real streams, mutated, split at random and with losses told: reliability.md tests 1 and 3. */
export const target: FuzzTarget = {
  name: "ts to units",
  seeds: FIXTURE_NAMES.map(readFixture),
  run(input) {
    const { source, publisher, skipped } = startReplay();
    let piece = 1 + (input.length % 1999); // in the input itself, so that a finding can be repeated
    for (let at = 0, n = 0; at < input.length; n++) {
      source.take(input.subarray(at, at + piece), n, n % 3 === 0);
      if (n % 50 === 49) source.lost();
      at += piece;
      piece = 1 + ((piece * 31 + 17) % 1999);
    }
    source.end(0);
    for (const { units, pts, dts } of publisher.video) {
      if (units.length === 0 || units.some((unit) => unit.length === 0)) throw new Error("an empty unit");
      if (!Number.isSafeInteger(pts) || !Number.isSafeInteger(dts)) throw new Error(`pts ${pts}, dts ${dts}`);
    }
    for (const { payload, pts } of publisher.audio) {
      if (payload.length === 0) throw new Error("an empty frame");
      if (!Number.isSafeInteger(pts)) throw new Error(`pts ${pts}`);
    }
    if (publisher.notices.length > 16) throw new Error(`${publisher.notices.length} notices`);
    if (skipped.length > 8) throw new Error(`${skipped.length} skips told`);
  },
};
