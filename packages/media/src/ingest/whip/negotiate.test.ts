import { expect, test } from "vitest";
import { OFFER } from "../../wire/rtp/rtp.cases.js";
import { parseSdp, type SessionDescription } from "../../wire/rtp/sdp.js";
import { writeSdp } from "../../wire/rtp/sdp-write.js";
import { encoderName } from "./encoder-name.js";
import { answerTo, negotiate } from "./negotiate.js";

const SENT = OFFER.replaceAll("a=recvonly", "a=sendonly");
const LOCAL = {
  iceUfrag: "ours",
  icePwd: "0123456789abcdefghijkl",
  fingerprint: { algorithm: "sha-256", value: Array(32).fill("CD").join(":") },
  setup: "active",
  candidates: ["1 1 UDP 2130706431 192.0.2.1 10000 typ host"],
} as const;

const agreedOn = (offer: string | SessionDescription) => {
  const agreed = negotiate(typeof offer === "string" ? parseSdp(offer) : offer);
  if ("code" in agreed) throw new Error(agreed.message);
  return agreed;
};

test("the first codec that we know is taken, with its repairs, in the publisher's own order", () => {
  const { video, audio } = agreedOn(SENT);
  expect([video.name, video.codec.payloadType, video.rtx?.payloadType]).toEqual(["h264", 103, 104]);
  expect(audio?.codec.payloadType).toBe(111);
  expect(agreedOn(SENT.replaceAll("VP8/90000", "AV1/90000")).video.name).toBe("av1");
  const vp9 = SENT.replaceAll("VP8/90000", "VP9/90000").replace(
    "a=fmtp:97",
    "a=fmtp:96 profile-id=1\r\na=fmtp:97",
  );
  expect(agreedOn(vp9).video.name).toBe("h264");
  expect(agreedOn(vp9.replace("profile-id=1", "profile-id=2")).video.name).toBe("vp9");
});

test("the answer receives, names no level below 5.2, and asks for repairs, keyframes and room to be told", () => {
  const offer = parseSdp(SENT);
  const written = writeSdp(answerTo(offer, agreedOn(offer), LOCAL), 7);
  const answer = parseSdp(written);
  expect(answer.bundle).toEqual(["0", "1"]);
  expect(answer.media.map(({ direction }) => direction)).toEqual(["recvonly", "recvonly"]);
  expect(answer.media[1]?.formats).toEqual(["103", "104"]);
  expect(answer.media[1]?.codecs[0]?.feedback).toEqual(["goog-remb", "ccm fir", "nack", "nack pli"]);
  expect(answer.media[1]?.codecs[0]?.parameters.get("profile-level-id")).toBe("420034");
  expect(written).toContain("a=rtpmap:103 H264/90000");
  expect(written).not.toContain("a=ssrc");
  expect(answer.media.map(({ candidates }) => candidates.length)).toEqual([1, 0]);
});

test("a transport that waits to be told its role is refused, each real one is taken", () => {
  expect(agreedOn(SENT.replaceAll("setup:actpass", "setup:passive")).transport.setup).toBe("passive");
  expect(agreedOn(SENT.replaceAll("setup:actpass", "setup:active")).transport.setup).toBe("active");
  expect(negotiate(parseSdp(SENT.replaceAll("setup:actpass", "setup:holdconn")))).toMatchObject({
    code: "bad-offer",
  });
});

const AGENTS: [string, string | null][] = [
  ["Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", "Chrome 156"],
  ["Mozilla/5.0 AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0.1", "Edge 150"],
  ["Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.1 Safari/605.1.15", "Safari 26"],
  ["Mozilla/5.0 (X11; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox 153"],
  ["OBS/32.0.1 (Linux)\u0000", "OBS/32.0.1 (Linux)"],
  ["", null],
];
test.each(AGENTS)("%j is called %j", (agent, name) => {
  expect(encoderName(agent)).toBe(name);
});
