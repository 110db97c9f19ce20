import { ByteReader } from "../byte-reader.js";
import { headerExtensionsLength, parseHeaderExtensions, writeHeaderExtensions } from "./header-extension.js";
import { parseRtpPacket, writeRtpPacket } from "./packet.js";
import { parseRtcp } from "./rtcp.js";
import { writeRtcp } from "./rtcp-write.js";
import { OFFER, RTCP_CASES, RTP_CASES } from "./rtp.cases.js";
import { parseSdp } from "./sdp.js";
import { writeSdp } from "./sdp-write.js";

const same = (first: unknown, second: unknown) => {
  const text = (value: unknown) =>
    JSON.stringify(value, (_key, of) =>
      of instanceof Map ? [...of] : of instanceof Uint8Array ? [...of] : of,
    );
  if (text(first) !== text(second))
    throw new Error(`written and read again: ${text(first)} became ${text(second)}`);
};

const rtp = {
  name: "rtp",
  seeds: RTP_CASES.map(([, bytes]) => bytes),
  run(input: Uint8Array) {
    const packet = parseRtpPacket(input);
    same(packet, parseRtpPacket(writeRtpPacket(packet)));
  },
};

const headerExtension = {
  name: "rtp header extension",
  seeds: RTP_CASES.slice(1).map(([, bytes]) => bytes.subarray(12)),
  run(input: Uint8Array) {
    const extensions = parseHeaderExtensions(new ByteReader("rtp", input));
    const bytes = new Uint8Array(headerExtensionsLength(extensions));
    if (bytes.length === 0) return;
    writeHeaderExtensions(bytes, 0, extensions);
    same(extensions, parseHeaderExtensions(new ByteReader("rtp", bytes)));
  },
};

const rtcp = {
  name: "rtcp",
  seeds: RTCP_CASES.map(([, bytes]) => bytes),
  run(input: Uint8Array) {
    const packets = parseRtcp(input);
    const written = writeRtcp(packets);
    // What we write of it is never more than a datagram, unless it was close to one.
    if (written.length <= 1500) same(packets, parseRtcp(written));
  },
};

const sdp = {
  name: "sdp",
  seeds: [Buffer.from(OFFER)],
  run(input: Uint8Array) {
    const description = parseSdp(Buffer.from(input).toString("utf8"));
    const written = writeSdp(description, 1);
    if (written.length <= 64 * 1024) same(description, parseSdp(written));
  },
};

export const targets = [rtp, headerExtension, rtcp, sdp];
