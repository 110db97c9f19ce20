import { expect, test } from "vitest";
import { askForStereo, withoutPlayoutDelay } from "./offer.js";

const OFFER = [
  "v=0",
  "a=group:BUNDLE 0 1",
  "m=video 9 UDP/TLS/RTP/SAVPF 103",
  "a=mid:0",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset",
  "a=extmap:3 urn:3gpp:video-orientation",
  "a=rtpmap:103 H264/90000",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "a=mid:1",
  "a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "a=fmtp:63 111/111",
  "",
].join("\r\n");

test("the opus line asks for stereo, and no other line changes", () => {
  const asked = askForStereo(OFFER);
  expect(asked).toContain("a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n");
  expect(asked.replace(";stereo=1", "")).toBe(OFFER);
});

test("an offer that asks for stereo already stays as it is", () => {
  const asked = askForStereo(OFFER);
  expect(askForStereo(asked)).toBe(asked);
});

test("an offer without opus stays as it is", () => {
  expect(askForStereo("m=video 9\r\na=rtpmap:96 VP8/90000\r\n")).toBe(
    "m=video 9\r\na=rtpmap:96 VP8/90000\r\n",
  );
});

test("without the playout delay every other line stays", () => {
  const line = "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n";
  const known = OFFER.replace("a=rtpmap:103", `${line}a=rtpmap:103`);
  expect(withoutPlayoutDelay(known)).toBe(OFFER);
  expect(withoutPlayoutDelay(OFFER)).toBe(OFFER);
});
