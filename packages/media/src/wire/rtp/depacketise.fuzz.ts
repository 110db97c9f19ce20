import { ProtocolError } from "../protocol-error.js";
import { DEPACKETISE_CASES, FOREIGN_CASES } from "./depacketise.cases.js";
import { PayloadWriter } from "./payload-writer.js";

const payloadsOf = (
  units: readonly Uint8Array[],
  packetise: (typeof DEPACKETISE_CASES)[number]["packetise"],
) => {
  const out = new PayloadWriter(units.reduce((sum, unit) => sum + unit.length, 0));
  packetise(units, out);
  return out.payloads.map(({ buffer, start, end }) => Uint8Array.from(buffer.subarray(start, end)));
};

/** Payloads one behind the other with their lengths, so that mutations reach all of them. */
const framed = (payloads: readonly Uint8Array[]) =>
  new Uint8Array(
    Buffer.concat(
      payloads.flatMap((payload) => [Buffer.of(payload.length >> 8, payload.length & 0xff), payload]),
    ),
  );

const unframed = (input: Uint8Array): Uint8Array[] => {
  const payloads: Uint8Array[] = [];
  for (let at = 0; at + 2 <= input.length; ) {
    const length = ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0);
    payloads.push(input.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return payloads;
};

/** What comes out of any payloads is whole units, no longer together than what went in. */
export const targets = DEPACKETISE_CASES.map(({ codec, packetise, depacketise, pictures }) => ({
  name: `${codec} depacketiser`,
  seeds: [
    ...pictures
      .map((units) => units.filter((unit) => unit.length < 3000))
      .filter((units) => units.length > 0)
      .map((units) => framed(payloadsOf(units.slice(0, 4), packetise))),
    ...FOREIGN_CASES.filter(([, by]) => by === depacketise).map(([, , payloads]) => framed(payloads)),
  ],
  run(input: Uint8Array) {
    const payloads = unframed(input);
    const units = depacketise(payloads);
    if (units.some((unit) => unit.length === 0)) throw new Error("an empty unit");
    const given = payloads.reduce((sum, payload) => sum + payload.length, 0);
    if (units.reduce((sum, unit) => sum + unit.length, 0) > given)
      throw new Error("more came out than went in");
    if (units.length === 0) throw new ProtocolError(codec, "nothing in it");
  },
}));
