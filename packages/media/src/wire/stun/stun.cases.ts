import { fromHex } from "../hex.js";
import type { ChannelData } from "./channel-data.js";
import { STUN_METHOD, type StunMessage } from "./message.js";

const transaction = fromHex("b7e7a701 bc34d686 fa87dfae");
const COOKIE = "2112a442 b7e7a701 bc34d686 fa87dfae";

/** Messages of every kind, both ways, unsigned. */
export const STUN_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: StunMessage])[] = [
  [
    "binding request",
    fromHex(`0001 0000 ${COOKIE}`),
    { method: STUN_METHOD.binding, class: "request", transaction, attributes: [] },
  ],
  [
    "binding success, IPv4",
    fromHex(`0101 000c ${COOKIE} 0020 0008 0001a147 e112a643`),
    {
      method: STUN_METHOD.binding,
      class: "success",
      transaction,
      attributes: [{ is: "xor-mapped-address", ip: Uint8Array.of(192, 0, 2, 1), port: 32853 }],
    },
  ],
  [
    "binding success, IPv6",
    fromHex(`0101 0018 ${COOKIE} 0020 0014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9`),
    {
      method: STUN_METHOD.binding,
      class: "success",
      transaction,
      attributes: [
        { is: "xor-mapped-address", ip: fromHex("20010db8 12345678 00112233 44556677"), port: 32853 },
      ],
    },
  ],
  [
    "allocate request, with an attribute that may be ignored and one that may not",
    fromHex(
      `0003 0030 ${COOKIE} 0019 0004 11000000 0017 0004 02000000 000d 0004 00000258
       0006 0003 613a62 00 8022 0004 74657374 0018 0001 80 000000`,
    ),
    {
      method: STUN_METHOD.allocate,
      class: "request",
      transaction,
      attributes: [
        { is: "requested-transport", protocol: 17 },
        { is: "requested-address-family", family: 2 },
        { is: "lifetime", seconds: 600 },
        { is: "username", text: "a:b" },
        { is: "unknown", type: 0x8022, value: fromHex("74657374") },
        { is: "unknown", type: 0x0018, value: Uint8Array.of(0x80) },
      ],
    },
  ],
  [
    "allocate refused, with a nonce",
    fromHex(`0113 001c ${COOKIE} 0009 0006 00000401 6e6f 0000 0014 0002 6373 0000 0015 0004 6e6f6e63`),
    {
      method: STUN_METHOD.allocate,
      class: "error",
      transaction,
      attributes: [
        { is: "error-code", code: 401, reason: "no" },
        { is: "realm", text: "cs" },
        { is: "nonce", text: "nonc" },
      ],
    },
  ],
  [
    "refused for attributes that are not known",
    fromHex(`0113 0010 ${COOKIE} 0009 0004 00000414 000a 0004 00180022`),
    {
      method: STUN_METHOD.allocate,
      class: "error",
      transaction,
      attributes: [
        { is: "error-code", code: 420, reason: "" },
        { is: "unknown-attributes", types: [0x18, 0x22] },
      ],
    },
  ],
  [
    "allocate success",
    fromHex(`0103 000c ${COOKIE} 0016 0008 0001e112 e112a643`),
    {
      method: STUN_METHOD.allocate,
      class: "success",
      transaction,
      attributes: [{ is: "xor-relayed-address", ip: Uint8Array.of(192, 0, 2, 1), port: 0xc000 }],
    },
  ],
  [
    "channel bind request",
    fromHex(`0009 0014 ${COOKIE} 000c 0004 40010000 0012 0008 0001e112 e112a643`),
    {
      method: STUN_METHOD.channelBind,
      class: "request",
      transaction,
      attributes: [
        { is: "channel-number", channel: 0x4001 },
        { is: "xor-peer-address", ip: Uint8Array.of(192, 0, 2, 1), port: 0xc000 },
      ],
    },
  ],
  [
    "send indication",
    fromHex(`0016 0014 ${COOKIE} 0012 0008 0001e112 e112a643 0013 0003 010203 00`),
    {
      method: STUN_METHOD.send,
      class: "indication",
      transaction,
      attributes: [
        { is: "xor-peer-address", ip: Uint8Array.of(192, 0, 2, 1), port: 0xc000 },
        { is: "data", data: Uint8Array.of(1, 2, 3) },
      ],
    },
  ],
  [
    "a method with all its bits",
    fromHex(`3fff 0000 ${COOKIE}`),
    { method: 0xfff, class: "error", transaction, attributes: [] },
  ],
];

/** What is refused, and why. */
export const WRONG_STUN: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ["wanted 2 bytes", fromHex("00")],
  ["first two bits", fromHex(`4001 0000 ${COOKIE}`)],
  ["another cookie", fromHex("0001 0000 2112a443 b7e7a701 bc34d686 fa87dfae")],
  ["wanted 12 bytes", fromHex("0001 0000 2112a442 b7e7a701")],
  ["a length of 4 bytes, 0 are there", fromHex(`0001 0004 ${COOKIE}`)],
  ["a length of 0 bytes, 4 are there", fromHex(`0001 0000 ${COOKIE} 80220000`)],
  ["a length of 3 bytes", fromHex(`0001 0003 ${COOKIE} 802200`)],
  ["wanted 5 bytes", fromHex(`0001 0008 ${COOKIE} 8022 0005 00000000`)],
  ["family 3", fromHex(`0001 000c ${COOKIE} 0012 0008 0003a147 e112a643`)],
  ["too many in an attribute", fromHex(`0001 0010 ${COOKIE} 0012 000c 0001a147 e112a643 00000000`)],
  ["an integrity of 4 bytes", fromHex(`0001 0008 ${COOKIE} 0008 0004 00000000`)],
  ["a wrong fingerprint", fromHex(`0001 0008 ${COOKIE} 8028 0004 00000000`)],
  ["not UTF-8", fromHex(`0001 0008 ${COOKIE} 0006 0001 ff000000`)],
  ["an error of class 7", fromHex(`0111 0008 ${COOKIE} 0009 0004 00000701`)],
  ["more than 32 attributes", fromHex(`0001 0084 ${COOKIE} ${"80220000".repeat(33)}`)],
];

/** ChannelData as over UDP (no padding) and as over TCP (padded). */
export const CHANNEL_CASES: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  value: ChannelData,
  isPadded: boolean,
])[] = [
  ["unpadded", fromHex("4000 0003 010203"), { channel: 0x4000, data: Uint8Array.of(1, 2, 3) }, false],
  ["padded", fromHex("4fff 0003 010203 00"), { channel: 0x4fff, data: Uint8Array.of(1, 2, 3) }, true],
  ["empty", fromHex("4001 0000"), { channel: 0x4001, data: new Uint8Array(0) }, true],
];

/** What is no ChannelData, and why. */
export const WRONG_CHANNEL: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ["no channel's number", fromHex("5000 0000")],
  ["wanted 4 bytes", fromHex("4000 0004 010203")],
  ["4 bytes after", fromHex("4000 0000 00000000")],
];

/** RFC 5769: messages whose signature and fingerprint are known. Its padding is not zeros, so they are only read. */
export const RFC5769: readonly (readonly [
  name: string,
  key: string | readonly string[],
  bytes: Uint8Array,
])[] = [
  [
    "§2.1 request",
    "VOkJxbRl1RmTxUk/WvJxBt",
    fromHex(`0001 0058 ${COOKIE} 8022 0010 5354554e 20746573 7420636c 69656e74 0024 0004 6e0001ff
        8029 0008 932ff9b1 51263b36 0006 0009 6576746a 3a683676 59202020
        0008 0014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 8028 0004 e57a3bcf`),
  ],
  [
    "§2.2 answer, IPv4",
    "VOkJxbRl1RmTxUk/WvJxBt",
    fromHex(`0101 003c ${COOKIE} 8022 000b 74657374 20766563 746f7220 0020 0008 0001a147 e112a643
        0008 0014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 8028 0004 c07d4c96`),
  ],
  [
    "§2.3 answer, IPv6",
    "VOkJxbRl1RmTxUk/WvJxBt",
    fromHex(`0101 0048 ${COOKIE} 8022 000b 74657374 20766563 746f7220
        0020 0014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
        0008 0014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 8028 0004 c8fb0b4c`),
  ],
  [
    "§2.4 request with long-term credentials",
    ["マトリックス", "example.org", "TheMatrIX"],
    fromHex(`0001 0060 2112a442 78ad3433 c6ad72c0 29da412e
        0006 0012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
        0015 001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
        0014 000b 6578616d 706c652e 6f726700
        0008 0014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666`),
  ],
];
