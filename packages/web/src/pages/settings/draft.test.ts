import type { Settings } from "@colourstream/contract";
import { expect, test } from "vitest";
import { changedNames, readDraft, shortenedBy } from "./draft.js";

const SAVED: Settings = {
  rtmpOn: true,
  rtmpPort: 1935,
  rtmpsOn: true,
  rtmpsPort: 1936,
  srtOn: true,
  srtPort: 9999,
  whipOn: true,
  webrtcFirstPort: 10_000,
  webrtcLastPort: 10_009,
  publicAddress: null,
  relayOn: true,
  relayPort: 3478,
  relay: "on",
  newRoomWaitingRoom: false,
  newRoomWatermark: false,
  newRoomAutoRecord: false,
  newRoomDays: null,
  newInvitationDays: 14,
  auditDays: 365,
  takesDays: null,
  archivedRoomsDays: null,
  recordingsDays: null,
  recordingsDiskPercent: 80,
  iceUrls: [],
  turnAuth: "none",
  turnUsername: "",
  hasTurnSecret: false,
  rtmpsCertificate: null,
  rtmpsProblem: null,
  fixed: [],
  publicUrl: null,
  httpPort: 3000,
  engine: "ok",
};

test("what was typed and put back is no change", () => {
  expect(changedNames(SAVED, { rtmpPort: "1935", rtmpOn: true, publicAddress: " " })).toEqual([]);
});

test("only what differs is sent, in its own type", () => {
  const draft = { rtmpPort: "1936 ", rtmpOn: false, publicAddress: "review.example", newInvitationDays: "" };
  expect(readDraft(SAVED, draft)).toEqual({
    change: { rtmpOn: false, rtmpPort: 1936, publicAddress: "review.example", newInvitationDays: null },
    errors: [],
  });
});

test.each(["0", "65536", "19.35", "-1", "1e3", "rtmp", ""])("%j is no port", (rtmpPort) => {
  const { change, errors } = readDraft(SAVED, { rtmpPort });
  expect(change).toEqual({});
  expect(errors).toEqual([{ field: "rtmpPort", message: "RTMP port: enter a whole number from 1 to 65535" }]);
});

test("a number that may be left out says so when it is wrong", () => {
  const { errors } = readDraft(SAVED, { takesDays: "4000" });
  expect(errors[0]?.message).toContain("or leave the field empty");
});

test("the last WebRTC port is not below the first, whichever of them was changed", () => {
  expect(readDraft(SAVED, { webrtcLastPort: "9999" }).errors[0]?.field).toBe("webrtcLastPort");
  expect(readDraft(SAVED, { webrtcFirstPort: "10010" }).errors[0]?.field).toBe("webrtcLastPort");
  expect(readDraft(SAVED, { webrtcFirstPort: "10009" }).errors).toEqual([]);
});

test("keeping less is told from keeping more", () => {
  expect(shortenedBy(SAVED, { auditDays: 364, takesDays: 3650, archivedRoomsDays: null })).toEqual([
    "auditDays",
    "takesDays",
  ]);
  expect(shortenedBy(SAVED, { auditDays: 366, newRoomDays: 1 })).toEqual([]);
});
