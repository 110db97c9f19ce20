import { expect, test } from "vitest";
import { packetiseAv1 } from "./av1.js";
import { h264WithParameterSets, packetiseH264 } from "./h264.js";
import { h265WithParameterSets, packetiseH265 } from "./h265.js";
import { opusSamples, packetiseOpus } from "./opus.js";
import { parseRtpPacket, writeRtpPacket } from "./packet.js";
import { HEADROOM_BYTES, MAX_PAYLOAD_BYTES, PayloadWriter } from "./payload-writer.js";
import { parseRtcp } from "./rtcp.js";
import { writeRtcp } from "./rtcp-write.js";
import { OFFER, RTCP_CASES, RTP_CASES } from "./rtp.cases.js";
import { targets } from "./rtp.fuzz.js";
import { MAX_SDP_BYTES, parseSdp } from "./sdp.js";
import { writeSdp } from "./sdp-write.js";
import { packetiseVp9 } from "./vp9.js";

test.each(RTP_CASES)("an RTP packet with %s is read and written", (_name, bytes, packet) => {
  expect(parseRtpPacket(bytes)).toEqual(packet);
  expect(Buffer.from(writeRtpPacket(packet)).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
});

test.each(RTCP_CASES)("RTCP with %s is read and written", (_name, bytes, packets) => {
  expect(parseRtcp(bytes)).toEqual(packets);
  expect(writeRtcp(packets).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
});

const random = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

test.each(targets.map((target) => [target.name, target] as const))(
  "%s survives 3,000 mutations",
  (_name, target) => {
    const next = random(7);
    for (let count = 0; count < 3000; count += 1) {
      const seed = target.seeds[count % target.seeds.length] ?? new Uint8Array(0);
      const input = Uint8Array.from(seed).subarray(
        0,
        next() < 0.3 ? Math.floor(next() * seed.length) : seed.length,
      );
      for (let flips = 1 + Math.floor(next() * 4); flips > 0; flips -= 1) {
        if (input.length > 0) input[Math.floor(next() * input.length)] = Math.floor(next() * 256);
      }
      try {
        target.run(input);
      } catch (error) {
        expect(error).toMatchObject({ name: "ProtocolError" });
      }
    }
  },
);

test("an offer is read and what is written of it reads the same", () => {
  const offer = parseSdp(OFFER);
  expect(offer.bundle).toEqual(["0", "1"]);
  const [audio, video] = offer.media;
  expect(audio).toMatchObject({
    kind: "audio",
    mid: "0",
    direction: "recvonly",
    iceUfrag: "abcd",
    setup: "actpass",
  });
  expect(audio?.codecs[0]).toMatchObject({ payloadType: 111, name: "opus", channels: 2 });
  expect(audio?.codecs[0]?.parameters.get("stereo")).toBe("1");
  expect(video?.codecs.map(({ payloadType }) => payloadType)).toEqual([96, 97, 103, 104, 109, 114]);
  expect(video?.codecs[2]?.feedback).toEqual(["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]);
  expect(video?.extensions.map(({ id }) => id)).toEqual([5, 13]);
  expect(parseSdp(writeSdp(offer, 1))).toEqual(offer);
});

const WRONG: [string, string, RegExp][] = [
  ["nothing", "", /expected "v=0"/],
  ["no media", "v=0\r\ns=-\r\n", /no m= line/],
  ["a line without a letter", "v=0\r\nhello\r\n", /"hello".*at byte 5/],
  ["a short password", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-pwd:short\r\n", /22 to 256/],
  ["a payload type of 200", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:200 H264/90000\r\n", /200/],
  ["seventeen m-lines", `v=0\r\n${"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(17)}`, /more than 16/],
  ["too much", "v=0\r\n".padEnd(MAX_SDP_BYTES + 1, "x"), /65536/],
];
test.each(WRONG)("an SDP with %s is refused with what was wrong", (_name, text, reason) => {
  expect(() => parseSdp(text)).toThrow(reason);
});

/** Numbered bytes behind a header, so that a byte in the wrong place shows. */
const piece = (header: readonly number[], length: number) =>
  Uint8Array.from({ length }, (_, at) => header[at] ?? (at * 7 + length) & 0xff);

const payloadsOf = (bytes: number, write: (out: PayloadWriter) => void) => {
  const out = new PayloadWriter(bytes);
  write(out);
  for (const { buffer, start, end } of out.payloads) {
    expect(end - start).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    expect(end - start).toBeGreaterThan(0);
    expect(start).toBeGreaterThanOrEqual(HEADROOM_BYTES);
    expect(end).toBeLessThanOrEqual(buffer.length);
  }
  return out.payloads.map(({ buffer, start, end }) => Uint8Array.from(buffer.subarray(start, end)));
};

const SIZES = [3, 1199, 1200, 1201, 1202, 2398, 2399, 5000, 60_000];

function unpack(
  payloads: readonly Uint8Array[],
  kind: {
    header: number;
    together: number;
    fragment: number;
    type: (byte: number) => number;
    whole: (payload: Uint8Array) => number[];
  },
): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  for (const payload of payloads) {
    const type = kind.type(payload[0] ?? 0);
    if (type === kind.together) {
      for (let at = kind.header; at < payload.length; ) {
        const length = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
        nals.push(payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    } else if (type === kind.fragment) {
      const flags = payload[kind.header] ?? 0;
      if (flags & 0x80) parts = [Uint8Array.from(kind.whole(payload))];
      parts.push(payload.subarray(kind.header + 1));
      if (flags & 0x40) nals.push(Uint8Array.from(Buffer.concat(parts)));
    } else {
      nals.push(payload);
    }
  }
  return nals.map((nal) => Uint8Array.from(nal));
}

test("H.264 NAL units of every size come out as they went in, parameter sets together", () => {
  const nals = [
    piece([0x09, 0xf0], 2),
    piece([0x67], 30),
    piece([0x68], 5),
    ...SIZES.map((size) => piece([0x65], size)),
  ];
  const payloads = payloadsOf(100_000, (out) => packetiseH264(nals, out));
  expect((payloads[0]?.[0] ?? 0) & 0x1f).toBe(24);
  const kind = {
    header: 1,
    together: 24,
    fragment: 28,
    type: (byte: number) => byte & 0x1f,
    whole: (payload: Uint8Array) => [((payload[0] ?? 0) & 0xe0) | ((payload[1] ?? 0) & 0x1f)],
  };
  expect(unpack(payloads, kind)).toEqual(nals);
});

test("H.265 NAL units of every size come out as they went in", () => {
  const nals = [
    piece([0x40, 1], 24),
    piece([0x42, 1], 60),
    piece([0x44, 1], 9),
    ...SIZES.map((size) => piece([0x26, 1], size)),
  ];
  const payloads = payloadsOf(100_000, (out) => packetiseH265(nals, out));
  const kind = {
    header: 2,
    together: 48,
    fragment: 49,
    type: (byte: number) => (byte >> 1) & 0x3f,
    whole: (payload: Uint8Array) => [
      ((payload[0] ?? 0) & 0x81) | (((payload[2] ?? 0) & 0x3f) << 1),
      payload[1] ?? 0,
    ],
  };
  expect(unpack(payloads, kind)).toEqual(nals);
});

test("AV1: one chain of packets, none but the first beginning anew, temporal delimiters left out", () => {
  for (let first = 1190; first < 1204; first += 1) {
    const obus = [piece([0x08], 12), piece([0x30], first), piece([0x30], 3000), piece([0x30], 40)];
    const payloads = payloadsOf(5000, (out) => packetiseAv1([Uint8Array.of(0x10), ...obus], true, out));
    const read: Uint8Array[] = [];
    let open: Uint8Array[] = [];
    payloads.forEach((payload, index) => {
      const flags = payload[0] ?? 0;
      expect((flags & 0x80) !== 0).toBe(index > 0);
      expect((flags & 0x08) !== 0).toBe(index === 0);
      for (let at = 1; at < payload.length; ) {
        let length = (payload[at] ?? 0) & 0x7f;
        if ((payload[at] ?? 0) & 0x80) {
          at += 1;
          length |= (payload[at] ?? 0) << 7;
        }
        open.push(payload.subarray(at + 1, at + 1 + length));
        at += 1 + length;
        if (at < payload.length || (flags & 0x40) === 0) {
          read.push(Uint8Array.from(Buffer.concat(open)));
          open = [];
        }
      }
    });
    expect(read).toEqual(obus);
  }
});

test("VP9 says where a frame begins and ends and whether it is predicted", () => {
  const payloads = payloadsOf(3000, (out) => packetiseVp9([piece([0x82], 3000)], false, out));
  expect(payloads.map((payload) => payload[0])).toEqual([0x48, 0x40, 0x44]);
  expect(payloadsOf(10, (out) => packetiseVp9([piece([0x82], 10)], true, out))[0]?.[0]).toBe(0x0c);
});

const DURATIONS: [number[], number][] = [
  [[0xfc], 960],
  [[0xf4], 480],
  [[0xfd], 1920],
  [[0xff, 3], 2880],
  [[0x18], 2880],
  [[0xff, 63], 0],
  [[], 0],
];
test("an Opus packet tells its length, and none that RTP cannot carry is written", () => {
  for (const [bytes, samples] of DURATIONS) expect(opusSamples(Uint8Array.from(bytes))).toBe(samples);
  expect(packetiseOpus(new Uint8Array(0), new PayloadWriter(0))).toBe(false);
  expect(packetiseOpus(new Uint8Array(1201), new PayloadWriter(1201))).toBe(false);
});

test("parameter sets stand behind the delimiter when they were not sent, and only then", () => {
  const [delimiter, sps, pps, idr] = [
    [0x09, 1],
    [0x67, 1],
    [0x68, 1],
    [0x65, 1],
  ].map((bytes) => Uint8Array.from(bytes));
  if (!delimiter || !sps || !pps || !idr) throw new Error("four NAL units");
  expect(h264WithParameterSets([delimiter, idr], [sps, pps])).toEqual([delimiter, sps, pps, idr]);
  expect(h264WithParameterSets([sps, pps, idr], [sps, pps])).toEqual([sps, pps, idr]);
  expect(h264WithParameterSets([sps, idr], [sps, pps])).toEqual([pps, sps, idr]);
  const vps = Uint8Array.of(0x40, 1, 1);
  const irap = Uint8Array.of(0x26, 1, 1);
  expect(h265WithParameterSets([irap], [vps])).toEqual([vps, irap]);
});
