import { fromHex } from "../hex.js";
import { amfObject } from "./amf0.js";
import { MESSAGE_TYPE, type Message } from "./message.js";

/** Messages by type id and payload, both ways. */
export const MESSAGE_CASES: readonly (readonly [
  name: string,
  type: number,
  bytes: Uint8Array,
  value: Message,
])[] = [
  ["Set Chunk Size", MESSAGE_TYPE.setChunkSize, fromHex("00001000"), { is: "set-chunk-size", bytes: 4096 }],
  [
    "Set Chunk Size of 128 MB",
    MESSAGE_TYPE.setChunkSize,
    fromHex("08000000"),
    { is: "set-chunk-size", bytes: 2 ** 27 },
  ],
  ["Abort", MESSAGE_TYPE.abort, fromHex("00000006"), { is: "abort", chunkStream: 6 }],
  [
    "Acknowledgement",
    MESSAGE_TYPE.acknowledgement,
    fromHex("f0000000"),
    { is: "acknowledgement", received: 0xf0000000 },
  ],
  [
    "Stream Begin",
    MESSAGE_TYPE.userControl,
    fromHex("0000 00000001"),
    { is: "user-control", event: 0, values: [1] },
  ],
  [
    "Set Buffer Length",
    MESSAGE_TYPE.userControl,
    fromHex("0003 00000001 00000bb8"),
    { is: "user-control", event: 3, values: [1, 3000] },
  ],
  [
    "Window Acknowledgement Size",
    MESSAGE_TYPE.windowAcknowledgementSize,
    fromHex("002625a0"),
    { is: "window-acknowledgement-size", bytes: 2_500_000 },
  ],
  [
    "Set Peer Bandwidth",
    MESSAGE_TYPE.setPeerBandwidth,
    fromHex("002625a0 02"),
    { is: "set-peer-bandwidth", bytes: 2_500_000, limit: 2 },
  ],
  ["audio", MESSAGE_TYPE.audio, fromHex("af01 21"), { is: "audio", tag: fromHex("af01 21") }],
  ["video", MESSAGE_TYPE.video, fromHex("1701 000000"), { is: "video", tag: fromHex("1701 000000") }],
  [
    "createStream",
    MESSAGE_TYPE.commandAmf0,
    fromHex("02 000c 63726561746553747265616d 00 4000000000000000 05"),
    { is: "command", name: "createStream", transaction: 2, values: [null] },
  ],
  [
    "onMetaData",
    MESSAGE_TYPE.metadataAmf0,
    fromHex("02 000a 6f6e4d65746144617461 03 0005 7769647468 00 4094000000000000 0000 09"),
    { is: "metadata", values: ["onMetaData", amfObject({ width: 1280 })] },
  ],
  ["a shared object", 19, fromHex("00 01 02"), { is: "unknown", type: 19, payload: fromHex("00 01 02") }],
];

/** An aggregate of one audio and one video message, 23 ms apart. */
export const AGGREGATE = fromHex(
  "08 000003 0003e8 00 000000 af0121 0000000e 09 000005 0003ff 00 000000 2701000000 00000010",
);
