import { expect, test } from "vitest";
import { figuresOf } from "./link-watch.js";

const pair = (local: string, remote: string) => [
  { type: "transport", id: "T", selectedCandidatePairId: "P" },
  {
    type: "candidate-pair",
    id: "P",
    localCandidateId: "L",
    remoteCandidateId: "R",
    currentRoundTripTime: 0.0124,
  },
  { type: "candidate-pair", id: "Q", localCandidateId: "M", remoteCandidateId: "R" },
  { type: "local-candidate", id: "L", candidateType: local },
  { type: "remote-candidate", id: "R", candidateType: remote },
];
const inbound = (kind: string, packetsReceived: number, packetsLost: number) => ({
  ...{ type: "inbound-rtp", id: kind, kind, packetsReceived, packetsLost },
});

test.each([
  ["host", "srflx", "direct"],
  ["relay", "host", "relay"],
  ["prflx", "relay", "relay"],
])("%s to %s is %s", (local, remote, way) => {
  expect(figuresOf(pair(local, remote), null).figures).toMatchObject({ way, rttMs: 12 });
});

test("Firefox marks the pair that is used", () => {
  const reports = pair("host", "relay").filter(({ type }) => type !== "transport");
  const marked = reports.map((report) => (report.id === "P" ? { ...report, selected: true } : report));
  expect(figuresOf(marked, null).figures.way).toBe("relay");
});

test("loss is told of what came since the last reading, of voice and picture together", () => {
  const first = figuresOf([inbound("audio", 100, 50), inbound("video", 100, 0)], null);
  expect(first.figures.lossPercent).toBeNull();
  const next = figuresOf([inbound("audio", 190, 60), inbound("video", 200, 10)], first.counts);
  expect(next.figures.lossPercent).toBe(9.5);
  expect(figuresOf([inbound("audio", 190, 60), inbound("video", 200, 10)], next.counts).figures).toEqual({
    ...{ way: null, lossPercent: null, rttMs: null },
  });
});
