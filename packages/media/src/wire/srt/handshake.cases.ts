import { fromHex } from "../hex.js";
import { type Capabilities, EXTENSION, writeText } from "./extensions.js";
import { HANDSHAKE_TYPE, type Handshake, SRT_MAGIC } from "./handshake.js";
import type { KeyMaterial } from "./key-material.js";

const LOOPBACK = fromHex("0100007f 00000000 00000000 00000000");

/** Key material as ffmpeg 5.1 with libsrt 1.5.1 sent it: one key of 16 bytes. */
const KEY_MATERIAL = fromHex(
  "12202901 00000000 02000200 00000404 5a82a6c6d97162a25056fee882f23e2d 8817720d71a3d1c79dd27580ded7ed8db5ac0dd6d7016dfb",
);

/** Key material messages, both ways. */
export const KEY_MATERIAL_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: KeyMaterial])[] =
  [
    [
      "one key of 128 bits",
      KEY_MATERIAL,
      {
        ...{ keys: "even", cipher: "ctr", keyLength: 16 },
        salt: fromHex("5a82a6c6d97162a25056fee882f23e2d"),
        wrapped: fromHex("8817720d71a3d1c79dd27580ded7ed8db5ac0dd6d7016dfb"),
      },
    ],
    [
      "both keys of 256 bits",
      fromHex(`12202903 00000000 02000200 00000408 ${"a5".repeat(16)} ${"c3".repeat(72)}`),
      {
        ...{ keys: "both", cipher: "ctr", keyLength: 32 },
        ...{ salt: fromHex("a5".repeat(16)), wrapped: fromHex("c3".repeat(72)) },
      },
    ],
    [
      "an odd key of 192 bits for GCM",
      fromHex(`12202902 00000000 04010200 00000406 ${"a5".repeat(16)} ${"c3".repeat(32)}`),
      {
        ...{ keys: "odd", cipher: "gcm", keyLength: 24 },
        ...{ salt: fromHex("a5".repeat(16)), wrapped: fromHex("c3".repeat(32)) },
      },
    ],
  ];

/** Key material that is refused, with the reason. */
export const WRONG_KEY_MATERIAL: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ["starts with 0x22, expected 0x12", fromHex("22202901")],
  ["sign 0x2030, expected 0x2029", fromHex("12203001")],
  ["it holds neither key", fromHex("12202900")],
  ["cipher 1, expected AES-CTR (2)", fromHex("12202901 00000000 01000200 00000404")],
  ["a salt of 8 bytes, expected 16", fromHex("12202901 00000000 02000200 00000204")],
  ["keys of 20 bytes, expected 16, 24 or 32", fromHex("12202901 00000000 02000200 00000405")],
  ["wanted 24 bytes, 4 left", fromHex(`12202901 00000000 02000200 00000404 ${"00".repeat(20)}`)],
];

const CALLER = {
  initialSequence: 0x4ac253e1,
  mtu: 1500,
  flowWindow: 8192,
  socketId: 0x3eafb51c,
  peerIp: LOOPBACK,
};

/** Handshakes as ffmpeg 5.1 with libsrt 1.5.1 sent them, and answers to them; both ways. */
export const HANDSHAKE_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: Handshake])[] = [
  [
    "induction",
    fromHex(
      "00000004 0000 0002 4ac253e1 000005dc 00002000 00000001 3eafb51c 00000000 0100007f 00000000 00000000 00000000",
    ),
    {
      ...{ version: 4, encryption: 0, extension: 2, type: HANDSHAKE_TYPE.induction, cookie: 0 },
      ...{ ...CALLER, extensions: [] },
    },
  ],
  [
    "answer to an induction",
    fromHex(
      "00000005 0000 4a17 4ac253e1 000005dc 00002000 00000001 3eafb51c 1360cd84 0100007f 00000000 00000000 00000000",
    ),
    {
      ...{ version: 5, encryption: 0, extension: SRT_MAGIC, type: HANDSHAKE_TYPE.induction },
      ...{ cookie: 0x1360cd84, ...CALLER, extensions: [] },
    },
  ],
  [
    "conclusion with a streamid and key material",
    fromHex(
      `00000005 0002 0007 4ac253e1 000005dc 00002000 ffffffff 3eafb51c 1360cd84 0100007f 00000000 00000000 00000000
       0001 0003 00010501 000000bf 0078 0078 0005 0003 6c627570 3a687369 0079656b
       0003 000e ${Buffer.from(KEY_MATERIAL).toString("hex")}`,
    ),
    {
      ...{ version: 5, encryption: 2, extension: 7, type: HANDSHAKE_TYPE.conclusion },
      ...{ cookie: 0x1360cd84, ...CALLER },
      extensions: [
        { type: EXTENSION.request, content: fromHex("00010501 000000bf 0078 0078") },
        { type: EXTENSION.streamId, content: writeText("publish:key") },
        { type: EXTENSION.keyRequest, content: KEY_MATERIAL },
      ],
    },
  ],
  [
    "version 4 conclusion: no extensions",
    fromHex(
      "00000004 0000 0001 4ac253e1 000005dc 00002000 ffffffff 3eafb51c 1360cd84 0100007f 00000000 00000000 00000000",
    ),
    {
      ...{ version: 4, encryption: 0, extension: 1, type: HANDSHAKE_TYPE.conclusion },
      ...{ cookie: 0x1360cd84, ...CALLER, extensions: [] },
    },
  ],
];

/** A handshake request's content, both ways. */
export const CAPABILITIES_CASE: readonly [bytes: Uint8Array, value: Capabilities] = [
  fromHex("00010501 000000bf 0078 00c8"),
  { srtVersion: 0x010501, flags: 0xbf, receiverLatencyMs: 120, senderLatencyMs: 200 },
];

/** Texts as they stand in an extension: each word turned round, both ways. */
export const TEXT_CASES: readonly (readonly [bytes: Uint8Array, value: string])[] = [
  [fromHex(""), ""],
  [fromHex("6c627570 3a687369 0079656b"), "publish:key"],
  [fromHex("6576696c"), "live"],
  [fromHex("0000bcc3"), "ü"],
];
