import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { Publication, PublisherPort } from "../../packages/media/src/hub/ports.js";
import { startSrtListener } from "../../packages/media/src/ingest/srt/listener.js";
import { attemptBudget } from "../../packages/media/src/net/attempt-budget.js";
import { systemClock } from "../../packages/media/src/transport/system-clock.js";
import type { LinkConditions } from "../tools/link.js";
import { startUdpRelay } from "../tools/udp-relay.js";
import { pause, waitFor } from "../tools/wait.js";

// libsrt's own sender over a bad line: nothing may be missing, nothing out of order, not a bit changed.

const IS_FULL = process.env["CHAOS_FULL"] === "1";
const hasLibsrt = spawnSync("srt-live-transmit", ["-version"]).error === undefined;

const PASSPHRASE = "correct-horse-battery";
const TS_PACKET_BYTES = 188;
const MESSAGE_BYTES = 7 * TS_PACKET_BYTES;
/** Far more than the lines need: on a busy machine the sender's, the relay's and our own turns come late. */
const LATENCY_MS = 1_000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Behind what is compared: srt-live-transmit's reader keeps the last few kilobytes, and only a later packet shows a loss. */
const TAIL_BYTES = 100 * MESSAGE_BYTES;

/** Transport packets of one PID with their continuity counters, and noise in them. */
function transportStream(bytes: number): Buffer {
  const packets = 7 * Math.floor(bytes / MESSAGE_BYTES);
  const stream = randomBytes(packets * TS_PACKET_BYTES);
  for (let i = 0; i < packets; i++) stream.writeUInt32BE(0x47010010 | (i & 15), i * TS_PACKET_BYTES);
  return stream;
}

/** Sends a stream through the line by srt-live-transmit; gives what came out at the end of it. */
async function sendOver(line: LinkConditions, megabits: number, seconds: number, query: string) {
  const isEncrypted = query.includes("passphrase");
  const stream = transportStream((megabits * 1e6 * seconds) / 8);
  const compared = stream.length - TAIL_BYTES;
  let counter = -1;
  const came = { bytes: 0, lost: 0, discontinuities: 0, hash: createHash("md5") };
  let port: PublisherPort | undefined;
  const silent = () => {};
  const listener = await startSrtListener({
    ...{ host: "127.0.0.1", port: 0, clock: systemClock, refused: silent },
    admit: async () => ({
      ...{ allowed: true, stream: "room", viewer: null, lifetimeMs: null },
      passphrase: isEncrypted ? PASSPHRASE : null,
    }),
    hub: {
      publish(_stream, publisher) {
        port = publisher;
        return { close: silent } as unknown as Publication;
      },
    },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    wrongKeys: attemptBudget(10, 60_000, () => performance.now()),
    toUnits: () => ({
      take(bytes) {
        came.hash.update(bytes.subarray(0, Math.max(0, compared - came.bytes)));
        came.bytes += bytes.length;
        for (let at = 0; at + TS_PACKET_BYTES <= bytes.length; at += TS_PACKET_BYTES) {
          const next = (bytes[at + 3] ?? 0) & 15;
          if (next !== ((counter + 1) & 15)) came.discontinuities++;
          counter = next;
        }
      },
      lost: () => came.lost++,
      end: silent,
    }),
  });
  cleanUps.push(() => listener.close());
  const relay = await startUdpRelay({ targetPort: listener.port, seed: 7, toTarget: line });
  cleanUps.push(() => relay.close());

  const url = `srt://127.0.0.1:${relay.port}?streamid=key&latency=${LATENCY_MS}${query}`;
  const sender = spawn("srt-live-transmit", ["-q", `-chunk:${MESSAGE_BYTES}`, "file://con", url], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  cleanUps.push(() => sender.kill("SIGKILL"));
  await waitFor("the sender to be let in", 15_000, () => port !== undefined);
  await pause(800); // our answer may be lost, and what the sender reads before it has one it throws away

  const bytesPerMs = (megabits * 1e6) / 8000;
  const startedAt = performance.now();
  for (let sent = 0; sent < stream.length; ) {
    const due = Math.floor(((performance.now() - startedAt) * bytesPerMs) / MESSAGE_BYTES) * MESSAGE_BYTES;
    const until = Math.min(stream.length, due);
    if (until > sent) sender.stdin.write(stream.subarray(sent, until));
    sent = Math.max(sent, until);
    if (due >= stream.length) break;
    await pause(5);
  }
  await waitFor("the last byte", 10_000, () => came.lost > 0 || came.bytes >= compared);
  const link = port?.link();
  return {
    ...{ lost: came.lost, discontinuities: came.discontinuities, link, counts: relay.counts() },
    isIdentical:
      came.hash.digest("hex") === createHash("md5").update(stream.subarray(0, compared)).digest("hex"),
  };
}

const encrypted = (bytes: number) => `&passphrase=${PASSPHRASE}&pbkeylen=${bytes}`;

const LINES: readonly [
  name: string,
  megabits: number,
  seconds: number,
  line: LinkConditions,
  query: string,
][] = [
  ["2 % loss, 20 ms", 20, 3, { loss: 0.02, delayMs: 10 }, ""],
  ["5 % loss, 20 ms, AES-128", 20, 3, { loss: 0.05, delayMs: 10 }, encrypted(16)],
  [
    "reordering by 3 ms, keys changed every 2,000 packets",
    10,
    3,
    { reorder: 0.5, reorderMs: 3, loss: 0.01 },
    `${encrypted(32)}&kmrefreshrate=2000&kmpreannounce=900`,
  ],
];

const FULL: typeof LINES = [
  ["2 % loss, 20 ms", 50, 10, { loss: 0.02, delayMs: 10 }, ""],
  ["5 % loss, 20 ms, AES-256", 50, 10, { loss: 0.05, delayMs: 10 }, encrypted(32)],
  ["5 % loss, all reordered by 3 ms", 50, 10, { loss: 0.05, delayMs: 10, reorder: 1, reorderMs: 3 }, ""],
  ["a round trip of 120 ms", 10, 10, { loss: 0.01, delayMs: 60 }, ""],
];

test.skipIf(!hasLibsrt).each(IS_FULL ? [...LINES, ...FULL] : LINES)(
  "srt-live-transmit over %s at %i Mb/s: no continuity error, every byte the same",
  async (_name, megabits, seconds, line, query) => {
    const { lost, discontinuities, isIdentical, link, counts } = await sendOver(
      line,
      megabits,
      seconds,
      query,
    );
    expect({ lost, discontinuities, isIdentical }).toEqual({
      lost: 0,
      discontinuities: 0,
      isIdentical: true,
    });
    expect(counts.toTarget.lost).toBeGreaterThan(0);
    expect(link?.missingPercent).toBe(0);
    expect(link?.lostPercent).toBeGreaterThan(0);
    expect(link?.isEncrypted).toBe(query !== "");
  },
);
