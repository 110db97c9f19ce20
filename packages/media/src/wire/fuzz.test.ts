import { expect, test } from "vitest";
import { FUZZ_BAR, findFuzzTargets, fuzz, mulberry32 } from "./fuzz.js";
import { ProtocolError } from "./protocol-error.js";

const SEED = 20261122;
/** Per target, in inputs and in time: whichever is less. The full run is `fuzz-main`. */
const INPUTS = 20_000;

for (const target of await findFuzzTargets()) {
  test(`${target.name}: ${INPUTS} mutated inputs end in a value or a ProtocolError (seed ${SEED})`, () => {
    const report = fuzz(target, target.seeds.some((seed) => seed.length > 8192) ? INPUTS / 40 : INPUTS, SEED);
    expect(report.failures).toEqual([]);
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.heapGrowth).toBeLessThan(4 * FUZZ_BAR.heapGrowth); // without --expose-gc some garbage is in it
  });
}

test("the runner finds a parser that throws another error, and gives the input", () => {
  const run = (input: Uint8Array) => {
    if (input[0] === 7) throw new TypeError("seven");
    throw new ProtocolError("test", "not seven");
  };
  const report = fuzz({ name: "seven", seeds: [Uint8Array.of(6)], run }, 5_000, 1);
  expect(report.failures[0]?.reason).toBe("TypeError: seven");
  expect(report.failures[0]?.input.startsWith("07")).toBe(true);
});

test("the same seed gives the same inputs", () => {
  const [a, b] = [mulberry32(5), mulberry32(5)];
  expect(Array.from({ length: 9 }, a)).toEqual(Array.from({ length: 9 }, b));
});
