import { expect, test } from "vitest";
import { createSpeaking, createVoiceLevel } from "./speaking.js";

test("speech holds over the gaps between words, and ends after them", () => {
  const speaking = createSpeaking();
  speaking.hear("ana", 0.1, 1_000);
  speaking.hear("ana", 0.001, 1_100);
  expect(speaking.isSpeaking("ana", 1_399)).toBe(true);
  expect(speaking.isSpeaking("ana", 1_400)).toBe(false);
  expect(speaking.isSpeaking("ben", 1_100)).toBe(false);
});

test("a fan is no speech", () => {
  const speaking = createSpeaking();
  speaking.hear("ana", 0.01, 1_000);
  expect(speaking.isSpeaking("ana", 1_000)).toBe(false);
});

test("who closed the microphone is silent at once", () => {
  const speaking = createSpeaking();
  speaking.hear("ana", 0.1, 1_000);
  speaking.forget("ana");
  expect(speaking.isSpeaking("ana", 1_001)).toBe(false);
});

test("the loudness of a packet that is past counts once", () => {
  const source = { source: 1, timestamp: 0, rtpTimestamp: 100, audioLevel: 0.2 };
  const receiver = { getSynchronizationSources: () => [source] } as unknown as RTCRtpReceiver;
  const level = createVoiceLevel();
  expect(level(receiver)).toBe(0.2);
  expect(level(receiver)).toBe(0);
  source.rtpTimestamp = 200;
  expect(level(receiver)).toBe(0.2);
});
