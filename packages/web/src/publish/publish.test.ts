import { expect, test } from "vitest";
import { defaultChoice } from "./choice.js";
import { limitWords, stateWords } from "./publish-words.js";
import { type PublishState, startPublisher } from "./publisher.js";
import { readSent, type Sent, sentBetween } from "./sent.js";
import { type WhipPorts, WhipRefused, type WhipSession, withStartRate } from "./whip.js";

const refusedBy = (status: number) => () => Promise.reject(new WhipRefused(status));

/** A publisher whose sessions and time are the test's. */
function scene() {
  const picture = new EventTarget();
  const media = { getVideoTracks: () => [picture] } as unknown as MediaStream;
  const states: PublishState[] = [];
  const waits: { ms: number; then: () => void }[] = [];
  const opened: WhipPorts[] = [];
  let closed = 0;
  const close = () => {
    closed += 1;
  };
  let answer = (): Promise<WhipSession> => Promise.resolve({ peer: {} as RTCPeerConnection, close });
  const publisher = startPublisher(media, defaultChoice("camera"), {
    makeTicket: () => Promise.reject(new Error("asked for by the session only")),
    open: (ports) => {
      opened.push(ports);
      return answer();
    },
    after(ms, then) {
      const wait = { ms, then };
      waits.push(wait);
      return () => void waits.splice(waits.indexOf(wait), 1);
    },
    onState: (state) => states.push(state),
  });
  return {
    publisher,
    picture,
    states,
    waits,
    opened,
    closed: () => closed,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    async settle() {
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    },
    async wait() {
      const next = waits.shift();
      next?.then();
      await this.settle();
      return next?.ms;
    },
    is: () => states.at(-1)?.is,
  };
}

test("a lost connection is opened anew, later each time, and is live again", async () => {
  const it = scene();
  await it.settle();
  it.opened[0]?.connected();
  expect(it.is()).toBe("live");
  it.answerWith(refusedBy(503));
  it.opened[0]?.dead();
  expect([it.is(), it.closed()]).toEqual(["reconnecting", 1]);
  expect([await it.wait(), await it.wait(), await it.wait()]).toEqual([300, 1_000, 2_000]);
  it.answerWith(() => Promise.resolve({ peer: {} as RTCPeerConnection, close: () => undefined }));
  await it.wait();
  it.opened.at(-1)?.connected();
  expect(it.is()).toBe("live");
});

test("another encoder at the first try is a refusal; after a loss it may be the own place, for a while", async () => {
  const it = scene();
  it.answerWith(refusedBy(409));
  await it.settle();
  it.opened[0]?.dead();
  await it.wait();
  expect(it.states.at(-1)).toEqual({ is: "refused", why: "already-live" });

  const other = scene();
  await other.settle();
  other.opened[0]?.connected();
  other.answerWith(refusedBy(409));
  other.opened[0]?.dead();
  for (let tries = 0; tries < 4; tries += 1) {
    await other.wait();
    expect(other.is()).toBe("reconnecting");
  }
  await other.wait();
  expect(other.states.at(-1)).toEqual({ is: "refused", why: "already-live" });
});

test("the browser's own stop ends it once, and a session that opens after that is closed", async () => {
  const it = scene();
  it.picture.dispatchEvent(new Event("ended"));
  await it.settle();
  it.publisher.stop();
  it.opened[0]?.connected();
  expect(it.states.at(-1)).toEqual({ is: "ended", by: "source" });
  expect(it.closed()).toBe(1);
  expect(it.opened[0]?.signal.aborted).toBe(true);
});

test.each([
  [401, "not-allowed"],
  [404, "off"],
  [406, "no-codec"],
])("an answer of %i ends it with its reason in words", async (status, why) => {
  const it = scene();
  it.answerWith(refusedBy(status));
  await it.settle();
  it.opened[0]?.dead();
  await it.wait();
  const last = it.states.at(-1);
  expect(last).toEqual({ is: "refused", why });
  expect(last === undefined ? "" : stateWords(last)).toMatch(/\.$/);
});

const REPORT = [
  {
    type: "outbound-rtp",
    kind: "video",
    timestamp: 2_000,
    bytesSent: 1_500_000,
    frameWidth: 1920,
    frameHeight: 1080,
    framesPerSecond: 24,
    codecId: "c",
    qualityLimitationReason: "bandwidth",
    targetBitrate: 3_000_000,
  },
  { type: "codec", id: "c", mimeType: "video/VP9" },
  { type: "remote-inbound-rtp", kind: "video", roundTripTime: 0.04, fractionLost: 0.01 },
];

test("what is sent is read from two reports of the browser", () => {
  const before = readSent(REPORT.map((one) => ({ ...one, timestamp: 1_000, bytesSent: 1_000_000 })));
  const after = readSent(REPORT);
  if (after === null) throw new Error("nothing sent");
  expect(sentBetween(before, after)).toEqual({
    width: 1920,
    height: 1080,
    framesPerSecond: 24,
    codec: "VP9",
    limitedBy: "bandwidth",
    targetBitsPerSecond: 3_000_000,
    roundTripMs: 40,
    lostPart: 0.01,
    bitsPerSecond: 4_000_000,
  } satisfies Sent);
  expect(sentBetween(null, after).bitsPerSecond).toBeNull();
  expect(readSent([])).toBeNull();
  expect(limitWords(sentBetween(null, after), 8_000_000)).toMatch(/connection/);
  expect(limitWords(sentBetween(null, after), 3_500_000)).toBeNull();
});

test("Chromium is told a rate to begin with, of the codec that was agreed on", () => {
  const sdp =
    "v=0\r\nm=audio 9 A 111\r\nm=video 9 UDP/TLS/RTP/SAVPF 102 103\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 a=1\r\n";
  expect(withStartRate(sdp, 4_000_000)).toContain("a=fmtp:102 a=1;x-google-start-bitrate=4000\r\n");
  const plain = sdp.replace("a=fmtp:102 a=1\r\n", "");
  expect(withStartRate(plain, 4_000_000)).toContain(
    "H264/90000\r\na=fmtp:102 x-google-start-bitrate=4000\r\n",
  );
  expect(withStartRate("v=0\r\n", 1)).toBe("v=0\r\n");
});
