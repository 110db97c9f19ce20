import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { SoundState } from "../control/protocol.js";
import type { AudioFormat, AudioUnit } from "../hub/access-unit.js";
import type { Clock } from "../hub/clock.js";
import { decodeOpus, decodeSound, levelOf } from "./fixtures/opus-sound.js";
import { createTranscoding, type Transcoding, type TranscodingSetup } from "./transcoding.js";

// The process under test is the built one: dist/ must be there (npm run build).
const program = fileURLToPath(new URL("../../dist/audio/transcoder-main.js", import.meta.url));
const quiet = { info: () => {}, warn: () => {} };
const AAC_TICKS = (1024 * 90_000) / 48_000;

const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const opened: Transcoding[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

type Aac = { format: AudioFormat; frames: Uint8Array[] };

/** AAC made by ffmpeg from a sound expression, cut at its ADTS headers. */
const makeAac = (expression: string, seconds: number, rate = 48_000): Aac => {
  const source = `aevalsrc=${expression.replaceAll(",", "\\,")}:s=${rate}:d=${seconds}`;
  const args = ["-v", "error", "-f", "lavfi", "-i", source, "-c:a", "aac", "-b:a", "256k", "-f", "adts", "-"];
  const adts = execFileSync("ffmpeg", args, { maxBuffer: 1 << 26 });
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 7 <= adts.length; ) {
    const length = (adts.readUInt32BE(at + 2) >> 5) & 0x1fff;
    frames.push(adts.subarray(at + 7, at + length));
    at += length;
  }
  const channels = (adts.readUInt16BE(2) >> 6) & 7;
  const rateIndex = (adts.readUInt8(2) >> 2) & 15;
  const config = new Uint8Array([(2 << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3)]);
  return { format: { codec: "aac", sampleRate: rate, channels, config }, frames };
};

/** What ffmpeg makes of the same AAC: the times that the Opus must have. */
const decodeAac = ({ format, frames }: Aac): Float32Array => {
  const adts = frames.map((frame) => {
    const length = frame.length + 7;
    const config = format.config[0] ?? 0;
    const rateIndex = ((config & 7) << 1) | ((format.config[1] ?? 0) >> 7);
    const header = Buffer.from([0xff, 0xf1, 0, 0, 0, 0, 0xfc]);
    header.writeUInt16BE((1 << 14) | (rateIndex << 10) | (format.channels << 6) | (length >> 11), 2);
    header.writeUInt16BE(((length & 0x7ff) << 5) | 0x1f, 4);
    return Buffer.concat([header, frame]);
  });
  return decodeSound(Buffer.concat(adts), ["-f", "aac"]);
};

/** `statesAt`: how many packets had come when the state became so. */
type Heard = { opus: AudioUnit[]; atMs: number[]; states: SoundState[]; statesAt: number[] };

const payloadsOf = (heard: Heard): Uint8Array[] => heard.opus.map((unit) => unit.payload);

const listen = (
  setup: Partial<TranscodingSetup> = {},
): Heard & { transcoder: ReturnType<Transcoding["makeTranscoder"]> & object } => {
  const transcoding = createTranscoding({ log: quiet, clock, program, ...setup });
  opened.push(transcoding);
  const heard: Heard = { opus: [], atMs: [], states: [], statesAt: [] };
  const transcoder = transcoding.makeTranscoder({
    opus: (unit) => {
      heard.opus.push(unit);
      heard.atMs.push(performance.now());
    },
    state: (state) => {
      heard.states.push(state);
      heard.statesAt.push(heard.opus.length);
    },
  });
  if (transcoder === null) throw new Error("expected a transcoder");
  return { ...heard, transcoder };
};

/** Waits until the process is up: frames that come earlier are left out as late. */
const warmUp = async (aac: Aac, heard: ReturnType<typeof listen>): Promise<void> => {
  heard.transcoder.format(aac.format);
  const frame = aac.frames[0];
  if (frame === undefined) throw new Error("expected AAC frames");
  for (let tries = 0; heard.opus.length === 0 && tries < 500; tries += 1) {
    heard.transcoder.write({ kind: "audio", pts: 0, payload: frame, arrivedAtMs: performance.now() });
    await sleep(20);
  }
  await sleep(100);
  heard.opus.length = 0;
  heard.atMs.length = 0;
};

/** A place on the timeline far from the warm-up's. */
const START = 10 * 90_000;

/** Sends all frames as quickly as they are taken. */
const sendAll = async (aac: Aac, heard: ReturnType<typeof listen>, ticks = AAC_TICKS): Promise<void> => {
  for (const [at, payload] of aac.frames.entries()) {
    heard.transcoder.write({
      kind: "audio",
      pts: START + at * ticks,
      payload,
      arrivedAtMs: performance.now(),
    });
    if (at % 4 === 3) await sleep(6);
  }
  await sleep(300);
};

let tones: Aac;
beforeAll(() => {
  tones = makeAac("0.25*sin(2*PI*440*t)|0.25*sin(2*PI*880*t)", 3);
});

test("AAC becomes stereo Opus with each tone on its own channel, whole, 10 ms a packet", async () => {
  const heard = listen();
  await warmUp(tones, heard);
  await sendAll(tones, heard);
  expect(heard.states).toEqual(["ok"]);

  const expectedPackets = Math.floor((tones.frames.length * 1024) / 480);
  expect(Math.abs(heard.opus.length - expectedPackets)).toBeLessThanOrEqual(1);
  const steps = heard.opus.slice(1).map((unit, at) => unit.pts - (heard.opus[at]?.pts ?? 0));
  expect(new Set(steps)).toEqual(new Set([900]));

  const bytes = heard.opus.reduce((sum, unit) => sum + unit.payload.length, 0);
  const kilobitsPerSecond = (bytes * 8) / heard.opus.length / 10;
  expect(kilobitsPerSecond).toBeGreaterThan(200);
  expect(kilobitsPerSecond).toBeLessThan(290);

  const samples = decodeOpus(payloadsOf(heard));
  expect(samples.length / 2).toBe(heard.opus.length * 480);
  const middle = samples.subarray(48_000, samples.length - 48_000);
  expect(levelOf(440, 0, middle)).toBeCloseTo(-12, 0);
  expect(levelOf(880, 1, middle)).toBeCloseTo(-12, 0);
  expect(levelOf(880, 0, middle)).toBeLessThan(-60);
  expect(levelOf(440, 1, middle)).toBeLessThan(-60);
});

/** Sample positions where a click begins. */
const clicksIn = (samples: Float32Array): number[] => {
  const found: number[] = [];
  // The first 0.1 s also holds what the codec had in hand from before.
  for (let at = 4_800; at < samples.length / 2; at += 1) {
    if (Math.abs(samples[2 * at] ?? 0) < 0.2) continue;
    let peak = at;
    for (let next = at; next < at + 480; next += 1) {
      if (Math.abs(samples[2 * next] ?? 0) > Math.abs(samples[2 * peak] ?? 0)) peak = next;
    }
    found.push(peak);
    at += 9_600;
  }
  return found;
};

test.each([
  ["48 kHz", 48_000],
  ["44.1 kHz", 44_100],
])("a click keeps its time within 5 ms and is held back by at most 25 ms (%s)", async (_name, rate) => {
  const click = "0.9*lt(mod(t,0.5),0.001)";
  const aac = makeAac(`${click}|${click}`, 3, rate);
  const ticks = (1024 * 90_000) / rate;
  const expected = clicksIn(decodeAac(aac)).map((at) => START + (at * 90) / 48);
  expect(expected.length).toBeGreaterThanOrEqual(5);

  const heard = listen();
  await warmUp(aac, heard);
  const sentAtMs: number[] = [];
  const startedAt = performance.now() + 50;
  for (const [at, payload] of aac.frames.entries()) {
    await sleep(Math.max(0, startedAt + (at * ticks) / 90 - performance.now()));
    sentAtMs.push(performance.now());
    heard.transcoder.write({
      kind: "audio",
      pts: START + at * ticks,
      payload,
      arrivedAtMs: performance.now(),
    });
  }
  await sleep(200);

  const found = clicksIn(decodeOpus(payloadsOf(heard)));
  const late: number[] = [];
  for (const position of found) {
    const packet = Math.floor(position / 480);
    const pts = (heard.opus[packet]?.pts ?? 0) + ((position % 480) * 90) / 48;
    const wanted = expected.reduce((best, each) =>
      Math.abs(each - pts) < Math.abs(best - pts) ? each : best,
    );
    expect(Math.abs(wanted - pts), "ticks between a click and its time").toBeLessThan(5 * 90);
    const sentWith = Math.floor((wanted - START) / ticks);
    late.push((heard.atMs[packet] ?? 0) - (sentAtMs[sentWith] ?? 0));
  }
  expect(found).toHaveLength(expected.length);
  late.sort((a, b) => a - b);
  expect(late[Math.floor(late.length / 2)], "median ms from AAC in to Opus out").toBeLessThan(100); // 4 on a quiet machine; a queue in it would be 170
});

test("six channels are mixed down to stereo, one stays mono", async () => {
  const tone = (frequency: number): string => `0.2*sin(2*PI*${frequency}*t)`;
  const six = makeAac(`${[440, 880, 1000, 50, 1500, 2000].map(tone).join("|")}:c=5.1`, 1);
  expect(six.format.channels).toBe(6);
  const heard = listen();
  await warmUp(six, heard);
  await sendAll(six, heard);
  const middle = decodeOpus(payloadsOf(heard)).subarray(24_000, 72_000);
  expect(levelOf(440, 0, middle)).toBeGreaterThan(-30);
  expect(levelOf(880, 1, middle)).toBeGreaterThan(-30);
  expect(levelOf(440, 1, middle)).toBeLessThan(-60);
  expect(levelOf(1000, 0, middle), "the centre is heard on both sides").toBeGreaterThan(-30);
  expect(levelOf(1000, 1, middle)).toBeGreaterThan(-30);

  const one = makeAac("0.25*sin(2*PI*440*t)", 1);
  const mono = listen();
  await warmUp(one, mono);
  await sendAll(one, mono);
  expect((mono.opus[0]?.payload[0] ?? 4) & 4, "the stereo bit of the TOC (RFC 6716 §3.1)").toBe(0);
  expect(levelOf(440, 0, decodeOpus(payloadsOf(mono), 1).subarray(24_000, 72_000))).toBeGreaterThan(-16);
});

/** Children of this process that run the transcoder. */
const codecProcesses = (): number[] => {
  const list = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)], { encoding: "utf8" });
  return list
    .split("\n")
    .filter((line) => line.includes("transcoder-main.js"))
    .map((line) => Number.parseInt(line, 10));
};

const sendInRealTime = async (
  aac: Aac,
  heard: ReturnType<typeof listen>,
  ms: number,
  atMs: number,
  then: () => void,
): Promise<void> => {
  const startedAt = performance.now();
  let isDone = false;
  for (let at = 0; performance.now() - startedAt < ms; at += 1) {
    const payload = aac.frames[at % aac.frames.length] ?? new Uint8Array();
    heard.transcoder.write({
      kind: "audio",
      pts: START + at * AAC_TICKS,
      payload,
      arrivedAtMs: performance.now(),
    });
    if (!isDone && performance.now() - startedAt > atMs) {
      isDone = true;
      then();
    }
    await sleep(Math.max(0, startedAt + ((at + 1) * AAC_TICKS) / 90 - performance.now()));
  }
};

test.each([
  ["killed", "SIGKILL", 1_000],
  ["stopped", "SIGSTOP", 3_000],
] as const)("sound is back soon after the process was %s", async (_name, signal, withinMs) => {
  const heard = listen();
  await warmUp(tones, heard);
  let killedAt = 0;
  await sendInRealTime(tones, heard, withinMs + 1_500, 500, () => {
    killedAt = performance.now();
    for (const pid of codecProcesses()) process.kill(pid, signal);
  });
  expect(heard.states).toEqual(["ok", "restarting", "ok"]);
  const back = heard.statesAt[2] ?? 0;
  expect((heard.atMs[back] ?? 0) - killedAt).toBeLessThan(withinMs);
  expect(heard.opus[back]?.pts).toBeGreaterThan(heard.opus[back - 1]?.pts ?? 0);
  const late = heard.opus.slice(back).map((unit, at) => (heard.atMs[back + at] ?? 0) - unit.arrivedAtMs);
  expect(Math.max(...late), "no old sound is sent after the break").toBeLessThan(200);
});

test("bytes that are no AAC end in `unsupported`, and a new format is tried again", async () => {
  const heard = listen();
  await warmUp(tones, heard);
  for (let at = 0; at < 80; at += 1) {
    const payload = new Uint8Array(200).fill(0xff);
    heard.transcoder.write({
      kind: "audio",
      pts: START + at * AAC_TICKS,
      payload,
      arrivedAtMs: performance.now(),
    });
    if (at % 4 === 3) await sleep(5);
  }
  await expect.poll(() => heard.states.at(-1), { timeout: 5_000 }).toBe("unsupported");
  await warmUp(tones, heard);
  expect(heard.states.at(-1)).toBe("ok");
});

test("without the codec library the sound is `codec-missing` and nothing is started again", async () => {
  const heard = listen({ codecModule: "a-module-that-is-not-installed" });
  heard.transcoder.format(tones.format);
  await expect.poll(() => heard.states, { timeout: 5_000 }).toEqual(["codec-missing"]);
  heard.transcoder.format(tones.format);
  await sleep(300);
  expect(heard.states).toEqual(["codec-missing"]);
  expect(codecProcesses()).toEqual([]);
});

test("a process that ends again and again is started ever more slowly", async () => {
  const directory = mkdtempSync(join(tmpdir(), "transcoder-"));
  const failing = join(directory, "fails.js");
  writeFileSync(failing, "process.exit(1)");
  const waits: number[] = [];
  let calls = 0;
  const impatient: Clock = {
    ...clock,
    after: (ms, then) => {
      calls += 1;
      if (calls % 2 === 1) return () => {}; // the deadline of a start
      waits.push(ms);
      const timer = setTimeout(then, 0);
      return () => clearTimeout(timer);
    },
  };
  const heard = listen({ program: failing, clock: impatient });
  heard.transcoder.format(tones.format);
  await expect.poll(() => waits.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(8);
  expect(waits.slice(0, 8)).toEqual([0, 250, 500, 1_000, 2_000, 5_000, 10_000, 10_000]);
  expect(heard.states).toEqual(["restarting"]);
  heard.transcoder.close();
  rmSync(directory, { recursive: true });
});

test("a closed transcoder leaves no process and says nothing more", async () => {
  const heard = listen();
  await warmUp(tones, heard);
  expect(codecProcesses()).toHaveLength(1);
  heard.transcoder.close();
  await expect.poll(codecProcesses).toEqual([]);
  await sleep(100);
  expect(heard.opus).toEqual([]);
});
