import { fromHex } from "../hex.js";
import { POSITION, type SrtPacket } from "./packet.js";

const peer = { timestamp: 0x000186a0, destination: 0x3eafb51c };

/** Packets of every kind, both ways. */
export const PACKET_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: SrtPacket])[] = [
  [
    "data in the clear",
    fromHex("4ac253e1 e0000001 000186a0 3eafb51c 474000"),
    {
      is: "data",
      ...{ sequence: 0x4ac253e1, position: POSITION.only, inOrder: true, key: "clear" },
      ...{ isRetransmitted: false, message: 1, ...peer, payload: fromHex("474000") },
    },
  ],
  [
    "data with the odd key, sent again, last sequence number",
    fromHex("7fffffff d7ffffff ffffffff 3eafb51c 01"),
    {
      is: "data",
      ...{ sequence: 0x7fffffff, position: POSITION.only, inOrder: false, key: "odd" },
      ...{ isRetransmitted: true, message: 0x3ffffff, timestamp: 0xffffffff, destination: 0x3eafb51c },
      payload: fromHex("01"),
    },
  ],
  [
    "data with the even key in the middle of a message, empty",
    fromHex("00000000 08000000 000186a0 3eafb51c"),
    {
      is: "data",
      ...{ sequence: 0, position: POSITION.middle, inOrder: false, key: "even" },
      ...{ isRetransmitted: false, message: 0, ...peer, payload: new Uint8Array(0) },
    },
  ],
  [
    "handshake",
    fromHex("80000000 00000000 000186a0 3eafb51c 00000005"),
    { is: "handshake", body: fromHex("00000005"), ...peer },
  ],
  ["keepalive", fromHex("80010000 00000000 000186a0 3eafb51c 00000000"), { is: "keepalive", ...peer }],
  [
    "full acknowledgement",
    fromHex(
      "80020000 00000007 000186a0 3eafb51c 00000064 00004e20 00001388 00001fff 000004b0 000004b0 0016e360",
    ),
    {
      is: "ack",
      number: 7,
      acknowledged: {
        next: 100,
        full: {
          ...{ rttUs: 20_000, rttVarianceUs: 5_000, free: 8191 },
          ...{ packetsPerSecond: 1200, capacity: 1200, bytesPerSecond: 1_500_000 },
        },
      },
      ...peer,
    },
  ],
  [
    "light acknowledgement",
    fromHex("80020000 00000000 000186a0 3eafb51c 00000064"),
    { is: "ack", number: 0, acknowledged: { next: 100, full: null }, ...peer },
  ],
  [
    "loss report: one packet, a range over the wrap, one packet",
    fromHex("80030000 00000000 000186a0 3eafb51c 00000005 fffffffe 00000001 00000009"),
    {
      is: "nak",
      losses: [
        [5, 5],
        [0x7ffffffe, 1],
        [9, 9],
      ],
      ...peer,
    },
  ],
  [
    "congestion warning",
    fromHex("80040000 00000000 000186a0 3eafb51c 00000000"),
    { is: "congestion-warning", ...peer },
  ],
  ["shutdown", fromHex("80050000 00000000 000186a0 3eafb51c 00000000"), { is: "shutdown", ...peer }],
  [
    "acknowledgement of an acknowledgement",
    fromHex("80060000 00000007 000186a0 3eafb51c 00000000"),
    { is: "ackack", number: 7, ...peer },
  ],
  [
    "drop request",
    fromHex("80070000 00000003 000186a0 3eafb51c 00000010 00000014"),
    { is: "drop-request", message: 3, first: 16, last: 20, ...peer },
  ],
  [
    "peer error",
    fromHex("80080000 00000fa0 000186a0 3eafb51c 00000000"),
    { is: "peer-error", code: 4000, ...peer },
  ],
  [
    "new key material",
    fromHex("ffff0003 00000000 000186a0 3eafb51c 12202901"),
    { is: "extension", type: 3, body: fromHex("12202901"), ...peer },
  ],
  [
    "a kind that nobody knows",
    fromHex("80550000 00000000 000186a0 3eafb51c 00000000"),
    { is: "unknown", type: 0x55, ...peer },
  ],
];

/** Packets that are refused, with the reason. */
export const WRONG_PACKETS: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ["wanted 4 bytes, 3 left", fromHex("80010000 00000000 000186a0 3eafb5")],
  ["a sequence number of more than 31 bits", fromHex("80020000 00000007 000186a0 3eafb51c 80000064")],
  ["a range that goes back, from 9 to 5", fromHex("80030000 00000000 000186a0 3eafb51c 80000009 00000005")],
  [
    "a range whose end is the start of another one",
    fromHex("80030000 00000000 00000000 00000000 80000009 80000010"),
  ],
  ["wanted 4 bytes, 0 left", fromHex("80070000 00000003 000186a0 3eafb51c 00000010")],
];
