import { expect, test } from "vitest";
import type { VideoFormat } from "../../hub/access-unit.js";
import { FORMAT } from "../../hub/fixtures/publisher.js";
import { OFFER } from "../../wire/rtp/rtp.cases.js";
import { parseSdp, type SessionDescription } from "../../wire/rtp/sdp.js";
import { writeSdp } from "../../wire/rtp/sdp-write.js";
import { answerTo, negotiate } from "./negotiate.js";

const SSRCS = { video: 1, rtx: 2, audio: 3 };

const agreedOn = (offer: string | SessionDescription, format: VideoFormat) => {
  const agreed = negotiate(typeof offer === "string" ? parseSdp(offer) : offer, format, SSRCS);
  if ("code" in agreed) throw new Error(agreed.message);
  return agreed;
};

const CHOICES: [string, Partial<VideoFormat>, number][] = [
  ["8-bit 4:2:0 the plain profile, never packetization-mode 0", {}, 103],
  ["10-bit 4:2:2 High 4:4:4, which no hardware decoder tries", { bitDepth: 10, chroma: "4:2:2" }, 114],
];
test.each(CHOICES)("of an offer H.264 takes for %s", (_name, change, payloadType) => {
  expect(agreedOn(OFFER, { ...FORMAT, ...change }).video.track.payloadType).toBe(payloadType);
});

test("repairs go by RTX where it is offered for the chosen payload type, sound is stereo", () => {
  const agreed = agreedOn(OFFER, FORMAT);
  expect(agreed.video.track.rtx).toEqual({ payloadType: 104, ssrc: 2 });
  expect(agreedOn(OFFER, { ...FORMAT, bitDepth: 10 }).video.track.rtx).toBeNull();
  expect(agreed.audio?.track.payloadType).toBe(111);
});

test("the answer has the offer's m-lines in order, one transport, and only what was offered", () => {
  const offer = parseSdp(OFFER);
  const local = {
    iceUfrag: "ours",
    icePwd: "0123456789abcdefghijkl",
    fingerprint: { algorithm: "sha-256", value: Array(32).fill("CD").join(":") },
    setup: "active",
    candidates: ["1 1 UDP 2130706431 192.0.2.1 10000 typ host"],
  } as const;
  const written = writeSdp(answerTo(offer, agreedOn(offer, FORMAT), local, "name"), 7);
  const answer = parseSdp(written);
  expect(answer.bundle).toEqual(["0", "1"]);
  expect(answer.media.map(({ mid, direction }) => [mid, direction])).toEqual([
    ["0", "sendonly"],
    ["1", "sendonly"],
  ]);
  expect(answer.media.map(({ candidates }) => candidates.length)).toEqual([1, 0]);
  expect(answer.media[0]?.codecs[0]?.parameters.get("maxaveragebitrate")).toBe("256000");
  expect(answer.media[0]?.extensions).toEqual([]);
  expect(answer.media[1]?.formats).toEqual(["103", "104"]);
  expect(answer.media[1]?.codecs[0]?.feedback).toEqual(["ccm fir", "nack", "nack pli"]);
  expect(answer.media[1]?.extensions.map(({ id }) => id)).toEqual([5, 13]);
  expect(answer.media[1]?.ssrcGroups).toEqual([{ semantics: "FID", ssrcs: [1, 2] }]);
  expect(written).not.toContain("transport-cc");
});

test("sound outside the bundle is refused, the picture is not", () => {
  const offer = OFFER.replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 1");
  expect(agreedOn(offer, FORMAT).audio).toBeNull();
});

const REFUSED: [string, string, Partial<VideoFormat>, RegExp][] = [
  ["no video m-line", OFFER.slice(0, OFFER.indexOf("m=video")), {}, /no m=video line/],
  [
    "another codec",
    OFFER,
    { codec: "h265", profile: "Main 10", bitDepth: 10 },
    /h265 Main 10 10-bit 4:2:0; .*vp8, h264/,
  ],
  ["MD5 as the fingerprint", OFFER.replaceAll(/sha-256 (?:AB:){16}/g, "md5 "), {}, /md5/],
  ["no ICE", OFFER.replaceAll(/a=ice-.*\r\n/g, ""), {}, /no ice-ufrag/],
];
test.each(REFUSED)("%s is refused with what was wrong", (_name, offer, change, message) => {
  const agreed = negotiate(parseSdp(offer), { ...FORMAT, ...change }, SSRCS);
  expect(agreed).toMatchObject({ message: expect.stringMatching(message) });
});
