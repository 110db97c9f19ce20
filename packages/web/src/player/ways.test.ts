import { expect, test } from "vitest";
import { createWays, type Suits, type WayChoice } from "./ways.js";

const BOTH: Suits = { webrtc: "well", hls: true, universal: true, format: "h264" };

function waysOf(suits: Suits, choice: WayChoice = "auto") {
  const ways = createWays(choice);
  ways.suit(suits);
  return ways;
}

test("the re-encoded picture is for browsers that cannot show the sent one, before HLS", () => {
  expect(waysOf(BOTH).next()).toBe("webrtc");
  for (const webrtc of ["poorly", "no"] as const) {
    const ways = waysOf({ ...BOTH, webrtc });
    expect(ways.next()).toBe("universal");
    ways.failed("universal", "codec"); // the engine does not have it, say
    expect(ways.next()).toBe("hls");
    expect(waysOf({ ...BOTH, webrtc, universal: false }).next()).toBe("hls");
  }
});

test("a decoder that fails at the sent picture is given the re-encoded one", () => {
  const ways = waysOf(BOTH);
  ways.failed("webrtc", "codec");
  expect([ways.next(), ways.best()]).toEqual(["universal", "universal"]);
});

test("a network that blocks WebRTC leads to HLS at once, not to the re-encoded picture by WebRTC", () => {
  const ways = waysOf(BOTH);
  ways.failed("webrtc", "unreachable");
  expect([ways.next(), ways.best()]).toEqual(["hls", "webrtc"]);
  const poor = waysOf({ ...BOTH, webrtc: "poorly" });
  poor.failed("universal", "unreachable");
  expect([poor.next(), poor.best()]).toEqual(["hls", "universal"]);
});

test("chosen by hand, the re-encoded picture is kept to where the room has it, and is automatic's choice where not", () => {
  expect(waysOf(BOTH, "universal").next()).toBe("universal");
  expect(waysOf({ ...BOTH, universal: false }, "universal").next()).toBe("webrtc");
  expect(waysOf(BOTH, "hls").next()).toBe("hls");
  expect(waysOf({ ...BOTH, webrtc: "no" }, "webrtc").next()).toBe("universal");
});

test("a room that begins to make the re-encoded picture is news", () => {
  const ways = waysOf({ ...BOTH, webrtc: "no", universal: false });
  expect(ways.suit({ ...BOTH, webrtc: "no" })).toBe(true);
  expect(ways.suit({ ...BOTH, webrtc: "no" })).toBe(false);
});
