import { isDeepStrictEqual } from "node:util";
import type { FuzzTarget } from "../fuzz.js";
import { parseChannelData, writeChannelData } from "./channel-data.js";
import { createStunFramer, MAX_STUN_BYTES } from "./framing.js";
import { isSignedBy, parseStun, writeStun } from "./message.js";
import { CHANNEL_CASES, RFC5769, STUN_CASES } from "./stun.cases.js";

const KEY = Uint8Array.of(1, 2, 3);

const stunSeeds = [...STUN_CASES.map(([, bytes]) => bytes), ...RFC5769.map(([, , bytes]) => bytes)];
const channelSeeds = CHANNEL_CASES.map(([, bytes]) => bytes);

/** All parsers of STUN and TURN: what is accepted is written and read again as the same (reliability.md test 2). */
export const targets: readonly FuzzTarget[] = [
  {
    name: "stun message",
    seeds: stunSeeds,
    run(input) {
      const { message, integrityAt } = parseStun(input);
      if (integrityAt !== null && isSignedBy(KEY, input, integrityAt)) throw new Error("a forged signature");
      const written = writeStun(message, { key: KEY, fingerprint: true });
      const again = parseStun(written);
      if (!isDeepStrictEqual(again.message, message)) throw new Error("written differently");
      if (!again.hasFingerprint || !isSignedBy(KEY, written, again.integrityAt ?? 0))
        throw new Error("not signed");
    },
  },
  {
    name: "turn channel data",
    seeds: channelSeeds,
    run(input) {
      const value = parseChannelData(input);
      for (const isPadded of [true, false]) {
        if (!isDeepStrictEqual(parseChannelData(writeChannelData(value, isPadded)), value))
          throw new Error("written differently");
      }
    },
  },
  {
    name: "stun over tcp",
    seeds: [new Uint8Array(Buffer.concat([...stunSeeds, ...channelSeeds.slice(1)]))],
    run(input) {
      const whole = createStunFramer().take(input);
      const framer = createStunFramer();
      const half = input.length >> 1;
      const halves = [...framer.take(input.slice(0, half)), ...framer.take(input.slice(half))];
      if (!isDeepStrictEqual(halves, whole)) throw new Error("cut differently");
      if (whole.some(({ length }) => length > MAX_STUN_BYTES)) throw new Error("too long a message");
    },
  },
];
