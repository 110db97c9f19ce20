import { expect, test } from "vitest";
import { NOT_BEGUN, type TalkView } from "./talk-button.js";
import { faceOf } from "./talk-words.js";

const TALK = { roomName: "R", name: "C", isInCall: true, isLive: false, mayTalk: true, isHost: false };
const READY: TalkView = { ...NOT_BEGUN, is: "on", talk: TALK };
const LIVE = { ...TALK, isLive: true };

test.each<[string, Partial<TalkView>, string, string | null]>([
  ["before the first answer", { talk: null }, "Connecting…", null],
  ["ready", {}, "Hold to talk", "hold"],
  ["held, not open yet", { isHeld: true }, "Opening…", "hold"],
  ["held and open", { isHeld: true, isOurs: true, talk: LIVE }, "MIC LIVE", "hold"],
  ["let go, still open", { isOurs: true, talk: LIVE }, "MIC LIVE", "hold"],
  ["staying open", { staysOn: true, isOurs: true, talk: LIVE }, "MIC LIVE", "close"],
  ["opened elsewhere", { talk: LIVE }, "MIC LIVE", "close"],
  ["nobody in the call", { talk: { ...TALK, isInCall: false } }, "Not in the call", null],
  ["an observer", { talk: { ...TALK, mayTalk: false } }, "You listen", null],
  ["away", { isAway: true }, "No connection", null],
  ["away while it is held", { isAway: true, isHeld: true, talk: LIVE }, "No connection", "hold"],
])("%s: %o", (_name, change, word, does) => {
  const face = faceOf({ ...READY, ...change });
  expect(face).toMatchObject({ word, does });
  expect(face.isLive).toBe(word === "MIC LIVE");
});

test("without a connection a held microphone is said to close by itself, one opened elsewhere may stay open", () => {
  const away = { ...READY, isAway: true, talk: LIVE };
  expect(faceOf({ ...away, isHeld: true }).note).toContain("closes by itself");
  expect(faceOf(away).note).toContain("may still be open");
});
