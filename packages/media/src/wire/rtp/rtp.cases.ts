import type { RtpPacket } from "./packet.js";
import type { RtcpPacket } from "./rtcp.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const plain = {
  payloadType: 102,
  marker: true,
  sequenceNumber: 0xfffe,
  timestamp: 0xfffffffe,
  ssrc: 0x01020304,
};

/** RTP packets and their bytes. */
export const RTP_CASES: readonly (readonly [string, Uint8Array, RtpPacket])[] = [
  [
    "no extension",
    bytes("80 e6 fffe fffffffe 01020304 aabbcc"),
    { ...plain, extensions: [], payload: bytes("aabbcc") },
  ],
  [
    "playout delay 0 and an arrival time",
    bytes("90 e6 fffe fffffffe 01020304 bede0004 32000000 77e97f1e0280000000 000000 65"),
    {
      ...plain,
      extensions: [
        { id: 3, data: bytes("000000") },
        { id: 7, data: bytes("e97f1e0280000000") },
      ],
      payload: bytes("65"),
    },
  ],
];

/** RTCP compounds and their bytes. */
export const RTCP_CASES: readonly (readonly [string, Uint8Array, readonly RtcpPacket[]])[] = [
  [
    "a sender report with its name",
    bytes("80c80006 00000001 e97f1e02 80000000 00000384 00000005 000017c0 81ca0002 00000001 01016100"),
    [
      {
        is: "sender-report",
        ssrc: 1,
        ntp: { seconds: 0xe97f1e02, fraction: 0x80000000 },
        rtpTimestamp: 900,
        packets: 5,
        octets: 6080,
        reports: [],
      },
      { is: "source-description", ssrc: 1, cname: "a" },
    ],
  ],
  [
    "a receiver report with duplicates instead of loss",
    bytes("81c90007 00000001 00000002 0affffff 00010002 00000003 00000004 00000005"),
    [
      {
        is: "receiver-report",
        ssrc: 1,
        reports: [
          {
            ssrc: 2,
            fractionLost: 10,
            lost: -1,
            highestSequence: 65_538,
            jitter: 3,
            lastReport: 4,
            delay: 5,
          },
        ],
      },
    ],
  ],
  [
    "lost packets over the wrap, in two words",
    bytes("81cd0004 00000001 00000002 fffe0005 00200000"),
    [{ is: "nack", sender: 1, media: 2, lost: [0xfffe, 0xffff, 1, 0x20] }],
  ],
  ["a picture loss", bytes("81ce0002 00000001 00000002"), [{ is: "pli", sender: 1, media: 2 }]],
  [
    "a full intra request",
    bytes("84ce0004 00000001 00000000 00000002 07000000"),
    [{ is: "fir", sender: 1, requests: [{ ssrc: 2, sequence: 7 }] }],
  ],
  [
    "a bandwidth estimate of 60 Mb/s",
    bytes("8fce0005 00000001 00000000 52454d42 0123938700000002"),
    [{ is: "remb", sender: 1, bitsPerSecond: 60_000_000, ssrcs: [2] }],
  ],
  [
    "a receiver's time",
    bytes("80cf0004 00000001 04000002 e97f1e02 80000000"),
    [{ is: "reference-time", ssrc: 1, ntp: { seconds: 0xe97f1e02, fraction: 0x80000000 } }],
  ],
  [
    "the sender's word on when it came",
    bytes("80cf0005 00000002 05000003 00000001 1e028000 00000666"),
    [{ is: "reference-delay", ssrc: 2, reports: [{ ssrc: 1, lastTime: 0x1e028000, delay: 0x666 }] }],
  ],
  ["a goodbye", bytes("82cb0002 00000001 00000002"), [{ is: "bye", ssrcs: [1, 2] }]],
];

/** An offer with what browsers put into one. */
export const OFFER = [
  "v=0",
  "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0 1",
  "a=extmap-allow-mixed",
  "a=msid-semantic: WMS",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "c=IN IP4 0.0.0.0",
  "a=rtcp:9 IN IP4 0.0.0.0",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:0123456789abcdefghijkl",
  "a=ice-options:trickle",
  `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=recvonly",
  "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2",
  "a=rtcp-fb:111 transport-cc",
  "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1",
  "a=rtpmap:63 red/48000/2",
  "a=fmtp:63 111/111",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 109 114",
  "c=IN IP4 0.0.0.0",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:0123456789abcdefghijkl",
  `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
  "a=setup:actpass",
  "a=mid:1",
  "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  "a=extmap:13 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
  "a=recvonly",
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=rtpmap:96 VP8/90000",
  "a=rtcp-fb:96 nack",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:103 H264/90000",
  "a=rtcp-fb:103 goog-remb",
  "a=rtcp-fb:103 transport-cc",
  "a=rtcp-fb:103 ccm fir",
  "a=rtcp-fb:103 nack",
  "a=rtcp-fb:103 nack pli",
  "a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
  "a=rtpmap:104 rtx/90000",
  "a=fmtp:104 apt=103",
  "a=rtpmap:109 H264/90000",
  "a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
  "a=rtpmap:114 H264/90000",
  "a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f",
  "a=candidate:1 1 udp 2113937151 3f1c.local 51234 typ host generation 0",
  "",
].join("\r\n");
