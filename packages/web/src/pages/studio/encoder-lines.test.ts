import { expect, test } from "vitest";
import { aboutWay, ffmpegLine, srtFields } from "./encoder-lines.js";

test("an SRT address falls apart into an encoder's fields, its latency in milliseconds", () => {
  const server = "srt://edit.example.org:9999?latency=200000&passphrase=abcdefghij&pbkeylen=16";
  expect(srtFields(server)).toEqual({
    host: "edit.example.org",
    port: "9999",
    latencyMs: 200,
    streamId: null,
  });
  expect(srtFields("srt://a.test:9999?streamid=default%2Fapp%2Fsomething&latency=20000")).toMatchObject({
    latencyMs: 20,
    streamId: "default/app/something",
  });
  expect(srtFields("srt://[2001:db8::1]:9999?latency=120000").host).toBe("[2001:db8::1]");
});

test.each([
  ["rtmp", "-f flv", "-c:a aac"],
  ["rtmps", "-f flv", "-c:a aac"],
  ["srt", "-f mpegts -pes_payload_size 0", "-c:a aac"],
  ["whip", "-f whip -authorization the-key", "-c:a libopus"],
] as const)("ffmpeg's line for %s says the form and the sound it takes", (protocol, form, sound) => {
  const line = ffmpegLine({ protocol, url: "https://x.test/a?b=1&c=2", key: "the-key" });
  expect(line).toContain(form);
  expect(line).toContain(sound);
  expect(line).toContain("-bf 0 ");
  expect(line.endsWith('"https://x.test/a?b=1&c=2"')).toBe(true); // quoted: a shell takes & for its own
});

test("an address that has the key in it needs no bearer token", () => {
  const line = ffmpegLine({ protocol: "whip", url: "https://x.test/app/the-key?direction=whip", key: "" });
  expect(line).not.toContain("-authorization");
  expect(line.endsWith('-f whip "https://x.test/app/the-key?direction=whip"')).toBe(true);
});

test("SRT without a passphrase of the room's is not called the best choice over the internet", () => {
  expect(aboutWay({ protocol: "srt", key: "id" })).toContain("best choice over the internet");
  expect(aboutWay({ protocol: "srt", key: "" })).toContain("not encrypted");
  expect(aboutWay({ protocol: "whip", key: "" })).toBe(aboutWay({ protocol: "whip", key: "k" }));
});
