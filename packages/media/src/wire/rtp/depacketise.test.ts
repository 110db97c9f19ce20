import { expect, test } from "vitest";
import { BROKEN_CASES, DEPACKETISE_CASES, FOREIGN_CASES } from "./depacketise.cases.js";
import { PayloadWriter } from "./payload-writer.js";

const hex = (units: readonly Uint8Array[]) => units.map((unit) => Buffer.from(unit).toString("hex"));

test.each(DEPACKETISE_CASES)("$codec: what was packetised comes out byte for byte", (one) => {
  for (const units of one.pictures) {
    const out = new PayloadWriter(units.reduce((sum, unit) => sum + unit.length, 0));
    one.packetise(units, out);
    const payloads = out.payloads.map(({ buffer, start, end }) => buffer.subarray(start, end));
    expect(hex(one.depacketise(payloads))).toEqual(hex(units));
  }
});

test.each(DEPACKETISE_CASES)(
  "$codec: a picture without one of its packets never comes out as it was",
  (one) => {
    for (const units of one.pictures) {
      const out = new PayloadWriter(units.reduce((sum, unit) => sum + unit.length, 0));
      one.packetise(units, out);
      const payloads = out.payloads.map(({ buffer, start, end }) => buffer.subarray(start, end));
      for (let lost = 0; lost < payloads.length; lost += 1) {
        const rest = payloads.filter((_, at) => at !== lost);
        const read = () => hex(one.depacketise(rest));
        let units_: string[] = [];
        try {
          units_ = read();
        } catch (error) {
          expect(error).toMatchObject({ name: "ProtocolError" });
        }
        expect(units_).not.toEqual(hex(units));
      }
    }
  },
);

test.each(FOREIGN_CASES)("%s is read", (_name, depacketise, payloads, units) => {
  expect(hex(depacketise(payloads))).toEqual(hex(units));
});

test.each(BROKEN_CASES)("%s is refused with what was wrong", (_name, depacketise, payloads, reason) => {
  expect(() => depacketise(payloads)).toThrow(reason);
});
