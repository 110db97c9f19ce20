import { expect, test } from "vitest";
import { fromHex } from "../hex.js";
import { parseAacConfig } from "./aac.js";
import { aacConfigOfAdts, parseAdtsHeader, writeAdtsHeader } from "./adts.js";
import { parseLatmElement, parseLoasHeader } from "./latm.js";
import { opusTsChannels, parseOpusTs, writeOpusTs } from "./opus-ts.js";
import { ADTS_CASES, LATM_CASES, OPUS_TS_CASES } from "./sound.cases.js";

test.each(ADTS_CASES)("an ADTS header: %s", (_name, bytes, value) => {
  expect(parseAdtsHeader(bytes)).toEqual(value);
  expect(writeAdtsHeader(value)).toEqual(bytes);
});

test("an ADTS header says what an AudioSpecificConfig says, unless its channels stand in the frame", () => {
  const [first, second, third] = ADTS_CASES.map(([, , header]) => aacConfigOfAdts(header));
  expect(first).toEqual(fromHex("1190"));
  expect(parseAacConfig(second ?? new Uint8Array(0))).toMatchObject({ sampleRate: 44100, channels: 6 });
  expect(third).toBeNull();
});

test("what is no ADTS header is refused", () => {
  expect(() => parseAdtsHeader(fromHex("fff54c800bbffc"))).toThrow("begins with fff5"); // a layer: MPEG audio
  expect(() => parseAdtsHeader(fromHex("fff174800bbffc"))).toThrow("reserved");
  expect(() => parseAdtsHeader(fromHex("fff14c8000fffc"))).toThrow("a frame of 7 bytes");
  expect(() => parseAdtsHeader(fromHex("fff14c80"))).toThrow("wanted 3 bytes");
});

test.each(LATM_CASES)("a LATM element: %s", (_name, bytes, value) => {
  expect(parseLatmElement(bytes, null)).toEqual(value);
});

test("a LATM element without a configuration is read with the one before", () => {
  const known = LATM_CASES[0]?.[2].config ?? null;
  const element = fromHex("81657f00");
  expect(parseLatmElement(element, known)).toEqual({ config: known, frames: [fromHex("cafe")] });
  expect(parseLatmElement(element, null)).toBeNull();
  expect(() => parseLatmElement(fromHex("ffffff80"), known)).toThrow("wanted");
});

test("a LOAS header gives the element's length, and is refused without its sync word", () => {
  expect(parseLoasHeader(fromHex("56e05d"))).toBe(93);
  expect(() => parseLoasHeader(fromHex("56c05d"))).toThrow("expected 2b7");
});

test.each(OPUS_TS_CASES)("Opus in a PES: %s", (_name, bytes, value) => {
  expect(parseOpusTs(bytes)).toEqual(value);
  expect(writeOpusTs(value)).toEqual(bytes);
});

test("Opus in a PES that is cut off, empty or without its prefix is refused", () => {
  expect(() => parseOpusTs(fromHex("7fe005fc"))).toThrow("wanted 5 bytes");
  expect(() => parseOpusTs(fromHex("7fe000"))).toThrow("an empty packet");
  expect(() => parseOpusTs(fromHex("8fe001fc"))).toThrow("0x3ff");
  expect(parseOpusTs(fromHex("7fe4 01 02abcd fc"))[0]?.packet).toEqual(fromHex("fc")); // a control extension
  expect([0, 1, 2, 6, 8, 9, 0x82].map(opusTsChannels)).toEqual([2, 1, 2, 6, 8, null, null]);
});
