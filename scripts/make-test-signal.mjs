#!/usr/bin/env node
// Makes packages/media/assets/test-signal.clip: the picture and sound that the engine sends as its own test signal.
// Needs ffmpeg with libx264 and libopus. The picture is drawn here, in exact BT.709 limited-range code values, so
// no font and no conversion stands between a colour bar and its value. The clip's format: src/test-signal/clip.ts.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";

const WIDTH = 1280;
const HEIGHT = 720;
const FPS = 24;
const SECONDS = 20;
const FRAMES = FPS * SECONDS;
const TICKS_PER_FRAME = 90_000 / FPS;

const SAMPLE_RATE = 48_000;
const OPUS_SAMPLES = 480;
const OPUS_LOOK_AHEAD = 120; // of the encoder's lowdelay application: 2.5 ms
const TONE_HZ = 1_000;
const TONE_LEVEL = 10 ** (-18 / 20);
const PAUSE_SECONDS = 0.25; // of the left channel, at the start of every second
const FADE_SECONDS = 0.005;

// --- picture -------------------------------------------------------------------------------------------------

/** BT.709 limited range, 8 bit, of R'G'B' from 0 to 1 (ITU-R BT.709-6, items 3.3 and 3.4). */
const colour = (r, g, b) => {
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return [16 + 219 * y, 128 + (224 * (b - y)) / 1.8556, 128 + (224 * (r - y)) / 1.5748].map(Math.round);
};
const grey = (level) => colour(level, level, level);

const SURROUND = grey(0.4);
const PANEL = grey(0.08);
const TEXT = grey(0.9)[0];
const FAINT_TEXT = grey(0.55)[0];

const COLOURS = [
  [1, 1, 1],
  [1, 1, 0],
  [0, 1, 1],
  [0, 1, 0],
  [1, 0, 1],
  [1, 0, 0],
  [0, 0, 1],
];

// Everything stands on the encoder's 16-pixel grid: no block of a bar holds an edge.
const LEFT = 80;
const INNER = 1120;
const BAR = INNER / COLOURS.length;

const planes = (buffer) => ({
  y: buffer.subarray(0, WIDTH * HEIGHT),
  u: buffer.subarray(WIDTH * HEIGHT, (WIDTH * HEIGHT * 5) / 4),
  v: buffer.subarray((WIDTH * HEIGHT * 5) / 4),
});

/** Fills a rectangle; all numbers even. */
const rectangle = (picture, x, y, width, height, [luma, cb, cr]) => {
  for (let row = y; row < y + height; row += 1)
    picture.y.fill(luma, row * WIDTH + x, row * WIDTH + x + width);
  for (let row = y / 2; row < (y + height) / 2; row += 1) {
    const at = (row * WIDTH) / 2 + x / 2;
    picture.u.fill(cb, at, at + width / 2);
    picture.v.fill(cr, at, at + width / 2);
  }
};

/** Fills a rectangle of grey levels: luma only, anywhere. */
const luma = (picture, x, y, width, height, value) => {
  for (let row = y; row < y + height; row += 1)
    picture.y.fill(value, row * WIDTH + x, row * WIDTH + x + width);
};

// --- letters: strokes on a grid where capitals are 1 high, drawn with soft edges ------------------------------

const line = (...points) => points.map(([x, y], at) => [x, y, ...(points[at + 1] ?? [])]).slice(0, -1);
const dot = (x, y) => [[x, y, x, y]];
const arc = (x, y, rx, ry, from, to) => {
  const steps = 24;
  const points = Array.from({ length: steps + 1 }, (_, at) => {
    const angle = ((from + ((to - from) * at) / steps) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
  return line(...points);
};
const ring = (x, y, rx, ry) => arc(x, y, rx, ry, 0, 360);
const bowl = ring(0.28, 0.34, 0.28, 0.34);

/** Width and strokes. */
const GLYPHS = {
  " ": [0.3],
  ":": [0.12, dot(0.06, 0.16), dot(0.06, 0.62)],
  ".": [0.1, dot(0.05, 0)],
  "·": [0.3, dot(0.15, 0.36)],
  0: [0.6, ring(0.3, 0.5, 0.3, 0.5)],
  1: [0.6, line([0.1, 0.8], [0.36, 1], [0.36, 0])],
  2: [0.6, arc(0.3, 0.7, 0.29, 0.3, 165, -38), line([0.53, 0.515], [0.01, 0], [0.6, 0])],
  3: [0.6, arc(0.28, 0.755, 0.26, 0.245, 150, -90), arc(0.28, 0.255, 0.31, 0.255, 90, -150)],
  4: [0.6, line([0.44, 0], [0.44, 1], [0, 0.28], [0.62, 0.28])],
  5: [0.6, line([0.54, 1], [0.1, 1], [0.06, 0.56]), arc(0.28, 0.33, 0.31, 0.33, 135, -150)],
  6: [0.6, ring(0.3, 0.32, 0.3, 0.32), arc(0.62, 0.34, 0.62, 0.66, 180, 108)],
  7: [0.6, line([0, 1], [0.6, 1], [0.2, 0])],
  8: [0.6, ring(0.3, 0.755, 0.25, 0.245), ring(0.3, 0.255, 0.3, 0.255)],
  9: [0.6, ring(0.3, 0.68, 0.3, 0.32), arc(-0.02, 0.66, 0.62, 0.66, 0, -72)],
  B: [
    0.58,
    line([0, 0], [0, 1], [0.3, 1]),
    arc(0.3, 0.76, 0.24, 0.24, 90, -90),
    line([0, 0.52], [0.3, 0.52]),
    arc(0.3, 0.26, 0.28, 0.26, 90, -90),
    line([0.3, 0], [0, 0]),
  ],
  C: [0.8, arc(0.44, 0.5, 0.44, 0.5, 46, 314)],
  S: [0.62, arc(0.31, 0.745, 0.27, 0.255, 28, 270), arc(0.31, 0.245, 0.31, 0.245, 90, -152)],
  T: [0.64, line([0, 1], [0.64, 1]), line([0.32, 1], [0.32, 0])],
  a: [0.56, bowl, line([0.56, 0.68], [0.56, 0])],
  d: [0.56, bowl, line([0.56, 1], [0.56, 0])],
  e: [0.6, line([0, 0.36], [0.6, 0.36]), arc(0.3, 0.34, 0.3, 0.34, 3, 312)],
  f: [0.36, arc(0.35, 0.8, 0.2, 0.2, 70, 180), line([0.15, 0.8], [0.15, 0]), line([0, 0.66], [0.36, 0.66])],
  g: [0.56, bowl, line([0.56, 0.68], [0.56, -0.06]), arc(0.28, -0.06, 0.28, 0.24, 0, -145)],
  i: [0.06, line([0.03, 0], [0.03, 0.68]), dot(0.03, 0.95)],
  l: [0.06, line([0.03, 0], [0.03, 1])],
  m: [
    0.88,
    line([0, 0], [0, 0.68]),
    arc(0.22, 0.46, 0.22, 0.22, 180, 0),
    line([0.44, 0.46], [0.44, 0]),
    arc(0.66, 0.46, 0.22, 0.22, 180, 0),
    line([0.88, 0.46], [0.88, 0]),
  ],
  n: [0.54, line([0, 0], [0, 0.68]), arc(0.27, 0.41, 0.27, 0.27, 180, 0), line([0.54, 0.41], [0.54, 0])],
  o: [0.62, ring(0.31, 0.34, 0.31, 0.34)],
  p: [0.56, line([0, -0.3], [0, 0.68]), bowl],
  r: [0.32, line([0, 0], [0, 0.68]), arc(0.27, 0.41, 0.27, 0.27, 180, 65)],
  s: [0.46, arc(0.23, 0.51, 0.21, 0.17, 30, 270), arc(0.23, 0.17, 0.24, 0.17, 90, -150)],
  t: [
    0.36,
    line([0.14, 0.92], [0.14, 0.2]),
    arc(0.34, 0.2, 0.2, 0.2, 180, 285),
    line([0, 0.66], [0.36, 0.66]),
  ],
  u: [0.54, line([0, 0.68], [0, 0.27]), arc(0.27, 0.27, 0.27, 0.27, 180, 360), line([0.54, 0.68], [0.54, 0])],
  x: [0.46, line([0, 0], [0.46, 0.66]), line([0, 0.66], [0.46, 0])],
};

const SPACING = 0.2;

const glyphOf = (character) => {
  const glyph = GLYPHS[character];
  if (glyph === undefined) throw new Error(`no letter drawn for ${JSON.stringify(character)}`);
  return { width: glyph[0], strokes: glyph.slice(1).flat() };
};

const widthOf = (text, size) =>
  size * ([...text].reduce((sum, each) => sum + glyphOf(each).width + SPACING, 0) - SPACING);

const distanceTo = (x, y, [x1, y1, x2, y2]) => {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
};

/** Writes `text` with its baseline at `y`; `size` is the height of a capital, `weight` half a stroke, in pixels. */
const write = (picture, text, x, y, size, weight, value) => {
  let left = x;
  for (const character of text) {
    const { width, strokes } = glyphOf(character);
    const margin = weight + 2;
    for (let row = Math.floor(y - size - margin); row <= y + 0.4 * size + margin; row += 1) {
      for (let column = Math.floor(left - margin); column <= left + width * size + margin; column += 1) {
        const gridX = (column + 0.5 - left) / size;
        const gridY = (y - row - 0.5) / size;
        const distance =
          strokes.reduce((least, each) => Math.min(least, distanceTo(gridX, gridY, each)), 9) * size;
        const cover = Math.max(0, Math.min(1, weight + 0.5 - distance));
        const at = row * WIDTH + column;
        picture.y[at] = Math.round(picture.y[at] + (value - picture.y[at]) * cover);
      }
    }
    left += (width + SPACING) * size;
  }
};

// --- the layout --------------------------------------------------------------------------------------------

const PANEL_TOP = 464;
const PANEL_HEIGHT = 112;
const TRACK_TOP = 592;
const COUNTER = { left: LEFT, top: 640, size: 32, pitch: 48, bits: 16 };

const TIMECODE_SIZE = 50;
const TIMECODE_LEFT = LEFT + INNER - 24 - widthOf("00:00:00:00", TIMECODE_SIZE);

/** All that does not move. */
const background = () => {
  const buffer = Buffer.alloc((WIDTH * HEIGHT * 3) / 2);
  const picture = planes(buffer);
  rectangle(picture, 0, 0, WIDTH, HEIGHT, SURROUND);
  COLOURS.forEach(([r, g, b], at) => {
    const x = LEFT + at * BAR;
    rectangle(picture, x, 32, BAR, 304, colour(0.75 * r, 0.75 * g, 0.75 * b));
    rectangle(picture, x, 336, BAR, 32, colour(r, g, b));
  });

  // A ramp through every code value from 16 to 235, five pixels each, between its ends.
  rectangle(picture, LEFT, 368, INNER, 32, grey(0));
  for (let value = 16; value <= 235; value += 1)
    luma(picture, LEFT + 10 + (value - 16) * 5, 368, 5, 32, value);
  luma(picture, LEFT + 10 + 220 * 5, 368, 10, 32, 235);

  // Near black: 0 %, −2 %, 0 %, +2 %, 0 %, +4 %, 0 %, and white for the eye's measure.
  rectangle(picture, LEFT, 400, INNER, 48, grey(0));
  [-0.02, 0.02, 0.04].forEach((level, at) => {
    rectangle(picture, LEFT + 64 + at * 128, 400, 64, 48, grey(level));
  });
  rectangle(picture, LEFT + 4 * BAR, 400, BAR, 48, grey(1));
  rectangle(picture, LEFT + 6 * BAR, 400, BAR, 48, grey(0.15));

  rectangle(picture, LEFT, PANEL_TOP, INNER, PANEL_HEIGHT, PANEL);
  write(picture, "ColourStream test signal", LEFT + 24, PANEL_TOP + 58, 34, 2, TEXT);
  write(
    picture,
    "1280 x 720 · 24 fps · BT.709 limited range",
    LEFT + 24,
    PANEL_TOP + 92,
    14,
    0.9,
    FAINT_TEXT,
  );

  rectangle(picture, LEFT, TRACK_TOP, INNER, 32, PANEL);
  for (let step = 0; step < 2 * FPS; step += 1) {
    const isSecond = step % FPS === 0;
    const height = isSecond ? 24 : 8;
    luma(picture, Math.round(trackX(step)) - 1, TRACK_TOP + 16 - height / 2, 2, height, FAINT_TEXT);
  }

  rectangle(picture, LEFT, COUNTER.top - 8, COUNTER.pitch * COUNTER.bits, COUNTER.size + 16, grey(0.2));
  return buffer;
};

/** Where the marker stands: two seconds from left to right, one tick a frame. */
const trackX = (frame) => LEFT + INNER / (4 * FPS) + ((frame % (2 * FPS)) * INNER) / (2 * FPS);

const timecodeOf = (frame) => {
  const two = (value) => String(value).padStart(2, "0");
  return `00:00:${two(Math.floor(frame / FPS))}:${two(frame % FPS)}`;
};

const drawFrame = (base, frame) => {
  const buffer = Buffer.from(base);
  const picture = planes(buffer);
  // Digits stand each in its own place, so that only those change that count.
  [...timecodeOf(frame)].forEach((character, at) => {
    const before = widthOf("00:00:00:00".slice(0, at), TIMECODE_SIZE) + SPACING * TIMECODE_SIZE;
    write(picture, character, TIMECODE_LEFT + before, PANEL_TOP + 81, TIMECODE_SIZE, 2.6, TEXT);
  });

  luma(picture, Math.round(trackX(frame)) - 6, TRACK_TOP + 2, 12, 28, 235);

  for (let bit = 0; bit < COUNTER.bits; bit += 1) {
    const isSet = (frame >> (COUNTER.bits - 1 - bit)) & 1;
    luma(
      picture,
      COUNTER.left + 8 + bit * COUNTER.pitch,
      COUNTER.top,
      COUNTER.size,
      COUNTER.size,
      isSet ? 235 : 16,
    );
  }
  // White for two frames at each second, when the left channel falls silent: picture and sound can be compared.
  const isFlash = frame % FPS < 2;
  rectangle(picture, LEFT + INNER - 64, COUNTER.top - 8, 64, 48, isFlash ? grey(1) : grey(0.2));
  return buffer;
};

// --- sound -------------------------------------------------------------------------------------------------

const leftLevel = (second) => {
  const since = ((second % 1) + 1) % 1;
  if (since < PAUSE_SECONDS) return Math.max(0, 1 - since / FADE_SECONDS);
  return Math.min(1, (since - PAUSE_SECONDS) / FADE_SECONDS);
};

/** Interleaved 32-bit samples, early by what the Opus decoder is late: a packet's sound begins at its time. */
const makeSound = (seconds) => {
  const samples = new Float32Array(seconds * SAMPLE_RATE * 2);
  for (let at = 0; at < samples.length / 2; at += 1) {
    const second = (at + OPUS_LOOK_AHEAD) / SAMPLE_RATE;
    const tone = TONE_LEVEL * Math.sin(2 * Math.PI * TONE_HZ * second);
    samples[2 * at] = tone * leftLevel(second);
    samples[2 * at + 1] = tone;
  }
  return Buffer.from(samples.buffer);
};

// --- coding ------------------------------------------------------------------------------------------------

const run = async (args, feed) => {
  const child = spawn("ffmpeg", ["-v", "error", ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const pieces = [];
  child.stdout.on("data", (piece) => pieces.push(piece));
  const exit = once(child, "exit");
  for (const piece of feed()) {
    if (!child.stdin.write(piece)) await once(child.stdin, "drain");
  }
  child.stdin.end();
  const [code] = await exit;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return Buffer.concat(pieces);
};

function* frames() {
  const base = background();
  for (let frame = 0; frame < FRAMES; frame += 1) yield drawFrame(base, frame);
}

const x264 = [
  `keyint=${FPS}`,
  `min-keyint=${FPS}`,
  "scenecut=0",
  "colorprim=bt709",
  "transfer=bt709",
  "colormatrix=bt709",
  "range=tv",
  "force-cfr=1",
  "deblock=-3,-3",
].join(":");

const encodeVideo = () =>
  run(
    [
      ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${WIDTH}x${HEIGHT}`, "-r", `${FPS}`, "-i", "-"],
      ...["-c:v", "libx264", "-preset", "slow", "-tune", "zerolatency", "-profile:v", "high", "-bf", "0"],
      ...["-crf", "16", "-threads", "1", "-bitexact", "-x264-params", x264, "-f", "h264", "-"],
    ],
    frames,
  );

const encodeSound = () =>
  run(
    [
      ...["-f", "f32le", "-ar", `${SAMPLE_RATE}`, "-ac", "2", "-i", "-"],
      ...[
        "-c:a",
        "libopus",
        "-b:a",
        "96k",
        "-vbr",
        "off",
        "-application",
        "lowdelay",
        "-frame_duration",
        "10",
      ],
      ...["-bitexact", "-page_duration", "10000", "-f", "ogg", "-"],
    ],
    () => [makeSound(SECONDS + 4)],
  );

/** NAL units of an Annex B stream. */
const splitNalUnits = (bytes) => {
  const starts = [];
  for (
    let at = bytes.indexOf("\0\0\x01", 0, "latin1");
    at >= 0;
    at = bytes.indexOf("\0\0\x01", at + 3, "latin1")
  ) {
    starts.push(at + 3);
  }
  return starts.map((start, at) => {
    let end = at + 1 < starts.length ? starts[at + 1] - 3 : bytes.length;
    while (end > start && bytes[end - 1] === 0) end -= 1;
    return bytes.subarray(start, end);
  });
};

const NAL = { slice: 1, idr: 5, sps: 7, pps: 8 };

/** One entry a frame; parameter sets once, apart; SEI (the encoder's name) left out. Each frame is one slice. */
const toPictures = (annexB) => {
  const parameterSets = [];
  const pictures = [];
  for (const unit of splitNalUnits(annexB)) {
    const type = unit[0] & 31;
    if (type === NAL.sps || type === NAL.pps) {
      if (!parameterSets.some((each) => each.equals(unit))) parameterSets.push(unit);
    } else if (type === NAL.idr || type === NAL.slice) {
      if ((unit[1] & 0x80) !== 0) pictures.push({ isKeyframe: type === NAL.idr, units: [unit] });
      else pictures.at(-1).units.push(unit); // first_mb_in_slice above 0: another slice of the same picture
    }
  }
  return { parameterSets, pictures };
};

/** Packets of an Ogg stream (RFC 3533 §6), without the two of the head. */
const toPackets = (ogg) => {
  const packets = [];
  let unfinished = Buffer.alloc(0);
  for (let at = 0; at < ogg.length; ) {
    const laces = ogg.subarray(at + 27, at + 27 + ogg[at + 26]);
    at += 27 + laces.length;
    for (const lace of laces) {
      unfinished = Buffer.concat([unfinished, ogg.subarray(at, at + lace)]);
      at += lace;
      if (lace < 255) {
        packets.push(unfinished);
        unfinished = Buffer.alloc(0);
      }
    }
  }
  return packets.slice(2);
};

// --- the clip ----------------------------------------------------------------------------------------------

const u16 = (value) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const withLength = (bytes) => [u32(bytes.length), bytes];

const [annexB, ogg] = [await encodeVideo(), await encodeSound()];
const { parameterSets, pictures } = toPictures(annexB);
if (pictures.length !== FRAMES) throw new Error(`expected ${FRAMES} pictures, got ${pictures.length}`);

// From the second second on: the codec has settled, so the end of the loop goes over into its beginning.
const perLoop = (SECONDS * SAMPLE_RATE) / OPUS_SAMPLES;
const first = SAMPLE_RATE / OPUS_SAMPLES;
const packets = toPackets(ogg).slice(first, first + perLoop);
if (packets.length !== perLoop) throw new Error(`expected ${perLoop} packets, got ${packets.length}`);

const units = [
  ...pictures.map(({ isKeyframe, units }, at) => ({
    pts: at * TICKS_PER_FRAME,
    kind: isKeyframe ? 2 : 1,
    body: units.flatMap(withLength),
  })),
  ...packets.map((packet, at) => ({
    pts: (at * OPUS_SAMPLES * 90_000) / SAMPLE_RATE,
    kind: 0,
    body: [packet],
  })),
].sort((a, b) => a.pts - b.pts || b.kind - a.kind);

const clip = Buffer.concat([
  Buffer.from("CSCLIP"),
  u16(1),
  u32(SECONDS * 90_000),
  u16(parameterSets.length),
  ...parameterSets.flatMap(withLength),
  u16(2),
  u32(units.length),
  ...units.flatMap(({ pts, kind, body }) => {
    const bytes = Buffer.concat(body);
    return [Buffer.from([kind]), u32(pts), ...withLength(bytes)];
  }),
]);
const target = new URL("../packages/media/assets/test-signal.clip", import.meta.url);
writeFileSync(target, clip);
const size = (parts) => parts.reduce((sum, part) => sum + part.length, 0);
console.log(`${clip.length} bytes: ${annexB.length} picture, ${size(packets)} sound`);
