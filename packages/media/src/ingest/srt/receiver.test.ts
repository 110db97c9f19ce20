import { expect, test } from "vitest";
import { createVirtualClock } from "../../hub/fixtures/virtual-clock.js";
import { mulberry32 } from "../../wire/fuzz.js";
import { parseSrtPacket, type SrtPacket, writeSrtPacket } from "../../wire/srt/packet.js";
import { sequenceAfter } from "../../wire/srt/sequence.js";
import { startTestCaller } from "./fixtures/test-caller.js";
import { startReceiver, TICK_MS } from "./receiver.js";

const CAPACITY = 16_384;

type Line = {
  readonly loss?: number;
  readonly delayMs?: number;
  /** Share of packets that are held back by up to so much more. */
  readonly reorder?: number;
  readonly reorderMs?: number;
  readonly initialSequence?: number;
  readonly latencyMs?: number;
  readonly packets?: number;
  readonly everyMs?: number;
  readonly seed?: number;
  /** No packet passes in these milliseconds. */
  readonly cut?: readonly [fromMs: number, toMs: number];
};

/** Packets behind those that count: only a later packet shows that one is missing. */
const TAIL = 30;

/** A caller, a line and a receiver in virtual time. */
function run(line: Line) {
  const { loss = 0, delayMs = 10, reorder = 0, reorderMs = 3, initialSequence = 1000, packets = 3000 } = line;
  const { everyMs = 0.5, latencyMs = 400 } = line;
  const clock = createVirtualClock();
  const random = mulberry32(line.seed ?? 1);
  const begin = clock.now();
  const delivered: number[] = [];
  let lost = 0;
  let longestHoldMs = 0;
  const sentAt: number[] = [];
  const reports: SrtPacket[] = [];

  const pass = (then: () => void) => {
    const at = clock.now() - begin;
    const isCut = line.cut !== undefined && at >= line.cut[0] && at < line.cut[1];
    const isLost = random() < loss;
    const extra = random() < reorder ? random() * reorderMs : 0;
    if (!isLost && !isCut) clock.after(delayMs + extra, then);
  };
  const receiver = startReceiver(
    {
      ...{ initialSequence, latencyMs, capacity: CAPACITY, peerSocketId: 7, marksRetransmissions: true },
      open: ({ payload }) => payload,
      events: {
        send(bytes) {
          const packet = parseSrtPacket(bytes);
          if (packet.is === "nak") reports.push(packet);
          pass(() => caller.take(bytes, clock.now()));
        },
        deliver(payload) {
          const index = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
          delivered.push(index);
          longestHoldMs = Math.max(longestHoldMs, clock.now() - (sentAt[index] ?? 0));
        },
        lost(count) {
          lost += count;
        },
      },
    },
    clock.now(),
  );
  const caller = startTestCaller({
    ...{ initialSequence, destination: 1 },
    emit: (bytes) => pass(() => receiver.take(parseSrtPacket(bytes), clock.now())),
  });
  const send = (index: number) => {
    const payload = new Uint8Array(188);
    new DataView(payload.buffer).setUint32(0, index);
    sentAt[index] = clock.now();
    caller.send(payload, clock.now());
    if (index + 1 < packets + TAIL) clock.after(everyMs, () => send(index + 1));
  };
  send(0);
  const tick = () => {
    receiver.tick(clock.now());
    clock.after(TICK_MS, tick);
  };
  tick();
  clock.run(packets * everyMs + 2 * latencyMs + 1000);
  delivered.splice(delivered.findLastIndex((index) => index < packets) + 1);
  return { delivered, lost, longestHoldMs, reports, receiver, caller, sent: packets, now: clock.now() };
}

const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);

const LINES: readonly [name: string, line: Line][] = [
  ["a clean line", {}],
  ["1 % loss", { loss: 0.01 }],
  ["5 % loss", { loss: 0.05 }],
  ["10 % loss", { loss: 0.1 }],
  ["5 % loss over the wrap of the sequence numbers", { loss: 0.05, initialSequence: 2 ** 31 - 1000 }],
  ["all packets reordered by up to 3 ms", { reorder: 1 }],
  ["5 % loss, half of the packets reordered by up to 5 ms", { loss: 0.05, reorder: 0.5, reorderMs: 5 }],
  ["2 % loss at a round trip of 500 ms", { loss: 0.02, delayMs: 250, latencyMs: 3000 }],
  ["an outage of 300 ms", { cut: [500, 800], latencyMs: 600 }],
];

test.each(LINES)("%s: everything arrives, in order and whole", (_name, line) => {
  for (const seed of [1, 2, 3]) {
    const { delivered, lost, sent } = run({ ...line, seed });
    expect(lost).toBe(0);
    expect(delivered).toEqual(inOrder(sent));
  }
});

test("without loss nothing waits: what comes in goes out in the same moment", () => {
  expect(run({}).longestHoldMs).toBeCloseTo(10, 5);
});

test("reordering is noticed, and then hardly anything is asked for twice", () => {
  const { caller, receiver, reports, sent } = run({ reorder: 1, packets: 10_000 });
  expect(receiver.toleranceMs()).toBeGreaterThan(1);
  expect(caller.repeated()).toBeLessThan(sent / 50);
  expect(reports.length).toBeLessThan(sent / 50);
});

test("the tolerance goes when the line keeps order again", () => {
  const { receiver, now } = run({ reorder: 1, packets: 500 });
  expect(receiver.toleranceMs()).toBeGreaterThan(1);
  for (let at = now; at < now + 30_000; at += TICK_MS) receiver.tick(at);
  expect(receiver.toleranceMs()).toBe(0);
});

test("a hole is waited for as long as the latency and no longer", () => {
  const { delivered, lost, longestHoldMs } = run({ cut: [500, 510], latencyMs: 120, loss: 0, delayMs: 100 });
  expect(lost + delivered.length).toBe(3000);
  expect(lost).toBeGreaterThan(0); // a round trip of 200 ms is too long for 120 ms
  expect(longestHoldMs).toBeLessThanOrEqual(100 + 120 + TICK_MS);
  expect(delivered).toEqual([...delivered].sort((a, b) => a - b));
});

test("the link says what was lost, what is missing and how far away the caller is", () => {
  const repaired = run({ loss: 0.05 });
  expect(repaired.receiver.meter.percent(repaired.now - 1500).lost).toBeCloseTo(5, 0);
  expect(repaired.receiver.meter.percent(repaired.now - 1500).missing).toBe(0);
  expect(repaired.receiver.rttMs()).toBeCloseTo(20, 0);
  expect(repaired.receiver.meter.percent(repaired.now + 20_000)).toEqual({ lost: 0, missing: 0 });
  const far = run({ cut: [500, 600], latencyMs: 120, delayMs: 100 });
  expect(far.receiver.meter.percent(far.now - 1500).missing).toBeGreaterThan(3);
});

test("repeated acknowledgements are confirmed, and an unknown confirmation changes nothing", () => {
  const { receiver, now } = run({});
  const rtt = receiver.rttMs();
  receiver.take({ is: "ackack", number: 123_456, timestamp: 0, destination: 1 }, now + 50_000);
  expect(receiver.rttMs()).toBe(rtt);
});

/** A receiver by hand: packets go in by number, numbers and gaps come out. */
function byHand(initialSequence = 0) {
  const out: (number | string)[] = [];
  const short: boolean[] = [];
  const sent: SrtPacket[] = [];
  const receiver = startReceiver(
    {
      ...{ initialSequence, latencyMs: 100, capacity: CAPACITY, peerSocketId: 7, marksRetransmissions: true },
      open: ({ payload }) => (payload[0] === 255 ? null : payload),
      events: {
        send: (bytes) => sent.push(parseSrtPacket(bytes)),
        deliver(payload, isShort) {
          out.push(payload[0] ?? -1);
          short.push(isShort);
        },
        lost: (packets) => out.push(`lost ${packets}`),
      },
    },
    0,
  );
  const data = (sequence: number, value: number, nowMs: number, bytes = 10) => {
    const payload = new Uint8Array(bytes).fill(value);
    receiver.take(
      parseSrtPacket(
        writeSrtPacket({
          is: "data",
          ...{ sequence, position: 3, inOrder: true, key: "clear", isRetransmitted: false },
          ...{ message: 1, timestamp: 0, destination: 1, payload },
        }),
      ),
      nowMs,
    );
  };
  return { receiver, data, out, short, sent };
}

test("a packet that comes twice, or after its time, goes out once", () => {
  const { data, out, receiver } = byHand();
  data(0, 0, 1);
  data(0, 0, 2);
  data(2, 2, 3);
  data(2, 2, 4);
  receiver.tick(200);
  data(1, 1, 201);
  expect(out).toEqual([0, "lost 1", 2]);
});

test("what the caller has dropped is not waited for, also when nothing after it has come yet", () => {
  const { data, out, receiver } = byHand(5);
  const drop = (first: number, last: number) =>
    receiver.take({ is: "drop-request", message: 0, first, last, timestamp: 0, destination: 1 }, 2);
  data(5, 5, 1);
  drop(6, 8);
  data(9, 9, 2);
  expect(out).toEqual([5, "lost 3", 9]);
  data(11, 11, 3);
  drop(0, 11);
  expect(out).toEqual([5, "lost 3", 9, "lost 1", 11]);
  drop(2 ** 30, 2 ** 30 + 5);
  data(12, 12, 4);
  expect(out.at(-1)).toBe(12);
});

test("a caller that jumps ahead of the whole window goes on there; what was held goes out first", () => {
  const { data, out, sent } = byHand();
  data(0, 0, 1);
  data(2, 2, 1);
  data(2 + CAPACITY + 10, 9, 2);
  expect(out.slice(0, 3)).toEqual([0, "lost 1", 2]);
  expect(out[3]).toBe("lost 10"); // the rest is waited for, as it may still come
  expect(sent.every((packet) => writeSrtPacket(packet).length <= 1280)).toBe(true);
});

test("a packet that cannot be opened is as if it had not come", () => {
  const { data, out } = byHand();
  data(0, 255, 1);
  data(0, 0, 2);
  expect(out).toEqual([0]);
});

test("a message smaller than the largest one says so: a frame may end there", () => {
  const { data, short } = byHand();
  data(0, 0, 1, 1316);
  data(1, 1, 1, 1316);
  data(2, 2, 1, 564);
  data(3, 3, 1, 1316);
  expect(short).toEqual([false, false, true, false]);
});

test("a loss is asked for at once, and again until it comes", () => {
  const { data, receiver, sent } = byHand();
  data(0, 0, 1);
  data(3, 3, 2);
  const reports = () => sent.filter((packet) => packet.is === "nak");
  expect(reports()).toMatchObject([{ losses: [[1, 2]] }]);
  data(1, 1, 3);
  for (let now = 10; now < 90; now += TICK_MS) receiver.tick(now);
  expect(reports().length).toBeGreaterThan(1);
  expect(reports().slice(1)).toEqual(
    reports()
      .slice(1)
      .map(() => expect.objectContaining({ losses: [[2, 2]] })),
  );
});

test("times go on over 71 minutes, where the timestamp wraps", () => {
  const { data, receiver, sent } = byHand();
  const wrapMs = 2 ** 32 / 1000;
  data(0, 0, wrapMs - 5);
  data(1, 1, wrapMs + 10);
  receiver.tick(wrapMs + 30);
  const times = sent.map(({ timestamp }) => timestamp);
  expect(times.every((time) => Number.isInteger(time) && time >= 0 && time < 2 ** 32)).toBe(true);
  expect(times.at(-1)).toBeLessThan(100_000);
  expect(sent.at(-1)).toMatchObject({ is: "ack", acknowledged: { next: sequenceAfter(0, 2) } });
});

test("a silent connection is kept alive once a second", () => {
  const { receiver, sent } = byHand();
  for (let now = 0; now <= 3500; now += TICK_MS) receiver.tick(now);
  expect(sent.map(({ is }) => is)).toEqual(["keepalive", "keepalive", "keepalive"]);
});
