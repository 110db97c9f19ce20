import { ByteReader } from "../byte-reader.js";
import { startUnits } from "./unit-collector.js";

/** RFC 7798 §4.4: types above 47 are payload structures; 50 (PACI) nobody sends. */
const AGGREGATION = 48;
const FRAGMENTATION = 49;

/**
 * The NAL units of one access unit from all its payloads, in order (RFC 7798 without decoding order numbers). Units that
 * came in one packet are views of it.
 */
export function depacketiseH265(payloads: readonly Uint8Array[]): Uint8Array[] {
  const units = startUnits("h265 rtp");
  for (const payload of payloads) {
    const reader = new ByteReader("h265 rtp", payload);
    const [first, second] = [reader.u8(), reader.u8()];
    const type = (first >> 1) & 0x3f;
    if (type < AGGREGATION) {
      units.whole(payload);
    } else if (type === AGGREGATION) {
      while (reader.left > 0) units.whole(reader.slice(reader.u16()));
    } else if (type === FRAGMENTATION) {
      const header = reader.u8();
      units.fragment({
        isFirst: (header & 0x80) !== 0,
        isLast: (header & 0x40) !== 0,
        header: [(first & 0x81) | ((header & 0x3f) << 1), second],
        bytes: reader.rest(),
      });
    } else {
      reader.fail(`payload of type ${type}, expected at most ${FRAGMENTATION}`);
    }
  }
  return units.end();
}
