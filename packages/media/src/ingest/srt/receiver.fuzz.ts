import type { FuzzTarget } from "../../wire/fuzz.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { PACKET_CASES } from "../../wire/srt/packet.cases.js";
import { parseSrtPacket, SRT_HEADER_BYTES } from "../../wire/srt/packet.js";
import { startReceiver } from "./receiver.js";

const FIRST = 2 ** 31 - 40;
const CAPACITY = 64;

/** Packets of an input: a byte of time, a byte of length, the packet. */
function* packetsOf(input: Uint8Array): Generator<[afterMs: number, bytes: Uint8Array]> {
  for (let at = 0; at + 2 <= input.length; ) {
    const length = input[at + 1] ?? 0;
    yield [input[at] ?? 0, input.subarray(at + 2, at + 2 + length)];
    at += 2 + length;
  }
}

const data = (sequence: number) => {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, sequence % 2 ** 31);
  view.setUint32(4, 0xe0000001);
  return bytes;
};

const joined = (packets: readonly Uint8Array[]) =>
  new Uint8Array(Buffer.concat(packets.flatMap((bytes) => [Uint8Array.of(5, bytes.length), bytes])));

/** Any packets in any order against a receiver in any state: reliability.md test 1. */
export const target: FuzzTarget = {
  name: "srt receiver",
  seeds: [
    joined(Array.from({ length: 22 }, (_, i) => data(FIRST + i))),
    joined([0, 1, 5, 3, 3, 9, 2, 70, 60].map((i) => data(FIRST + i))),
    joined(PACKET_CASES.map(([, bytes]) => bytes)),
    joined([data(FIRST), data(FIRST + CAPACITY + 3), data(FIRST + 4)]),
  ],
  run(input) {
    let now = 0;
    let deliveredPackets = 0;
    let taken = 0;
    const receiver = startReceiver(
      {
        ...{
          initialSequence: FIRST,
          latencyMs: 120,
          capacity: CAPACITY,
          peerSocketId: 1,
          marksRetransmissions: true,
        },
        open: ({ payload }) => payload,
        events: {
          send(bytes) {
            if (bytes.length > 1280) throw new Error(`a packet of ${bytes.length} bytes`);
            parseSrtPacket(bytes);
          },
          deliver: () => deliveredPackets++,
          lost(packets) {
            if (packets <= 0) throw new Error(`${packets} packets are missing`);
          },
        },
      },
      now,
    );
    for (const [afterMs, bytes] of packetsOf(input.subarray(0, 512))) {
      now += afterMs;
      if (bytes.length < SRT_HEADER_BYTES) continue; // the listener does not look at it
      try {
        receiver.take(parseSrtPacket(bytes), now);
        taken++;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error; // the listener passes over such a packet
      }
      receiver.tick(now);
    }
    receiver.tick(now + 121);
    if (deliveredPackets > taken) throw new Error(`${taken} packets went in, ${deliveredPackets} came out`);
    const { lost, missing } = receiver.meter.percent(now);
    if (!(lost >= missing && lost <= 100 && missing >= 0))
      throw new Error(`${lost} % lost, ${missing} % missing`);
  },
};
