import { ByteReader } from "../byte-reader.js";
import { startUnits } from "./unit-collector.js";

/** RFC 6184 §5.2, table 1: what a payload's first NAL unit type says of its form. */
const LAST_SINGLE = 23;
const STAP_A = 24;
const FU_A = 28;

/**
 * The NAL units of one access unit from all its payloads, in order (RFC 6184 with packetization-mode 1). Units that came
 * in one packet are views of it.
 */
export function depacketiseH264(payloads: readonly Uint8Array[]): Uint8Array[] {
  const units = startUnits("h264 rtp");
  for (const payload of payloads) {
    const reader = new ByteReader("h264 rtp", payload);
    const indicator = reader.u8();
    const type = indicator & 0x1f;
    if (type >= 1 && type <= LAST_SINGLE) {
      units.whole(payload);
    } else if (type === STAP_A) {
      while (reader.left > 0) units.whole(reader.slice(reader.u16()));
    } else if (type === FU_A) {
      const header = reader.u8();
      const first = (indicator & 0xe0) | (header & 0x1f);
      units.fragment({
        isFirst: (header & 0x80) !== 0,
        isLast: (header & 0x40) !== 0,
        header: [first],
        bytes: reader.rest(),
      });
    } else {
      reader.fail(
        `payload of type ${type}: packetization-mode 1 has 1 to ${LAST_SINGLE}, ${STAP_A}, ${FU_A}`,
      );
    }
  }
  return units.end();
}
