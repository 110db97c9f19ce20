import { expect, test } from "vitest";
import { askForSpeech } from "./opus.js";

const sdp = (...lines: string[]) => `v=0\r\n${lines.join("\r\n")}\r\n`;

test.each([
  [
    "added to what is asked for",
    sdp("a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:8 PCMA/8000"),
    sdp(
      "a=rtpmap:111 opus/48000/2",
      "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000",
      "a=rtpmap:8 PCMA/8000",
    ),
  ],
  [
    "in place of what is asked for otherwise",
    sdp("a=rtpmap:109 opus/48000/2", "a=fmtp:109 maxplaybackrate=48000;stereo=1;usedtx=0"),
    sdp(
      "a=rtpmap:109 opus/48000/2",
      "a=fmtp:109 maxplaybackrate=48000;usedtx=1;stereo=0;maxaveragebitrate=32000",
    ),
  ],
  [
    "where nothing was asked for",
    sdp("a=rtpmap:96 opus/48000/2", "a=mid:0"),
    sdp("a=rtpmap:96 opus/48000/2", "a=fmtp:96 usedtx=1;stereo=0;maxaveragebitrate=32000", "a=mid:0"),
  ],
  ["nowhere without Opus", sdp("a=rtpmap:8 PCMA/8000"), sdp("a=rtpmap:8 PCMA/8000")],
])("one channel, 32 kb/s and silence that costs nothing: %s", (_name, before, after) => {
  expect(askForSpeech(before)).toBe(after);
});
