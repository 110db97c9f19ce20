import { expect, test } from "vitest";
import { createVirtualClock } from "../live/virtual-clock.js";
import { DeviceError } from "./devices.js";
import { createOwnDevice } from "./own-device.js";

/** Of a track, what a device of ours touches. */
type FakeTrack = {
  name: string;
  enabled: boolean;
  readyState: "live" | "ended";
  onended: (() => void) | null;
};

const READY_MS = 30_000;

function set({ readyForMs = READY_MS, isReplaced = true } = {}) {
  const clock = createVirtualClock();
  const opened: FakeTrack[] = [];
  const problems: (string | null)[] = [];
  /** What is to happen at the next opening; without any it opens at once. */
  const next: (Promise<void> | string)[] = [];
  const device = createOwnDevice({
    clock,
    async open(deviceId) {
      const before = next.shift();
      if (typeof before === "string") throw new DeviceError(before as "in-use", null);
      await before;
      const track: FakeTrack = {
        name: deviceId ?? "default",
        enabled: true,
        readyState: "live",
        onended: null,
      };
      const stop = () => {
        track.readyState = "ended";
      };
      opened.push(track);
      return Object.assign(track, { stop }) as unknown as MediaStreamTrack;
    },
    readyForMs: () => readyForMs,
    isReplaced,
    onChange: async () => undefined,
    onProblem: (why) => problems.push(why),
  });
  const sent = () => (device.track() as unknown as FakeTrack | null)?.name ?? null;
  return { clock, opened, problems, next, device, sent };
}

test("it is opened at its first use, silent at once when it is off, and closed 30 s later", async () => {
  const { clock, opened, device, sent } = set();
  expect(opened).toEqual([]);
  await device.set(true);
  expect(sent()).toBe("default");
  void device.set(false);
  expect(sent()).toBeNull();
  expect(opened[0]).toMatchObject({ enabled: false, readyState: "live" });
  await Promise.resolve();
  clock.advance(READY_MS);
  expect(opened[0]?.readyState).toBe("ended");
});

test("within the 30 s it is there again at once; after them it is opened anew", async () => {
  const { clock, opened, device } = set();
  await device.set(true);
  await device.set(false);
  clock.advance(READY_MS - 1);
  await device.set(true);
  clock.advance(READY_MS);
  expect(opened).toMatchObject([{ enabled: true, readyState: "live" }]);
  await device.set(false);
  clock.advance(READY_MS);
  await device.set(true);
  expect(opened).toHaveLength(2);
});

test("a camera is closed with its picture", async () => {
  const { opened, device } = set({ readyForMs: 0 });
  await device.set(true);
  await device.set(false);
  expect(opened[0]?.readyState).toBe("ended");
});

test("one that is kept ready is closed as soon as nobody keeps it any more", async () => {
  let readyForMs = Number.POSITIVE_INFINITY;
  const clock = createVirtualClock();
  let isStopped = false;
  const track = { enabled: true, readyState: "live", onended: null, stop: () => (isStopped = true) };
  const device = createOwnDevice({
    clock,
    open: async () => track as unknown as MediaStreamTrack,
    readyForMs: () => readyForMs,
    isReplaced: true,
    onChange: async () => undefined,
    onProblem: () => undefined,
  });
  await device.set(true);
  await device.set(false);
  clock.advance(3_600_000);
  expect(isStopped).toBe(false);
  readyForMs = READY_MS;
  device.readinessChanged();
  expect(isStopped).toBe(true);
});

test("who lets go while it is opening is not heard", async () => {
  const { next, device, sent, opened } = set();
  let open = () => {};
  next.push(new Promise((resolve) => (open = resolve)));
  const asked = device.set(true);
  await device.set(false);
  open();
  await asked;
  expect(sent()).toBeNull();
  expect(opened).toMatchObject([{ enabled: false }]);
});

test("a refused one says why, and opens when it is asked for again", async () => {
  const { next, problems, device, sent } = set();
  next.push("not-allowed");
  await device.set(true);
  expect([sent(), problems]).toEqual([null, ["not-allowed"]]);
  await device.set(true);
  expect([sent(), problems]).toEqual(["default", ["not-allowed", null]]);
});

test("another one takes over; where it does not open, the one before stays", async () => {
  const { next, opened, problems, device, sent } = set();
  await device.set(true);
  await device.use("other");
  expect(sent()).toBe("other");
  expect(opened.map(({ readyState }) => readyState)).toEqual(["ended", "live"]);
  next.push("in-use");
  await device.use("third");
  expect(sent()).toBe("other");
  expect(problems.at(-1)).toBe("in-use");
});

test("one that is chosen while it is off opens nothing", async () => {
  const { opened, device, sent } = set();
  await device.use("other");
  expect(opened).toEqual([]);
  await device.set(true);
  expect(sent()).toBe("other");
});

test("a pulled one is replaced by the machine's own choice, and so is that one while there is any", async () => {
  const { clock, opened, problems, device, sent, next } = set();
  await device.use("headset");
  await device.set(true);
  clock.advance(1_000);
  opened[0]?.onended?.();
  expect(sent()).toBeNull();
  await device.set(true);
  expect(sent()).toBe("default");
  clock.advance(1_000);
  next.push("not-found");
  opened[1]?.onended?.();
  await device.set(true);
  expect(problems.at(-1)).toBe("not-found");
  expect(sent()).toBeNull();
});

test("one that ends as soon as it is opened is not opened for ever", async () => {
  const { opened, problems, device, sent } = set();
  await device.set(true);
  opened[0]?.onended?.();
  expect(sent()).toBeNull();
  expect(opened).toHaveLength(1);
  expect(problems.at(-1)).toBe("not-found");
});

test("a screen that its owner takes back is off, and no problem", async () => {
  const { clock, opened, problems, device, sent } = set({ isReplaced: false });
  await device.set(true);
  clock.advance(60_000);
  opened[0]?.onended?.();
  expect(sent()).toBeNull();
  expect(opened).toHaveLength(1);
  expect(problems).toEqual([null]);
});

test("released, it closes at once, even while it is still opening", async () => {
  const { next, opened, device, sent } = set();
  await device.set(true);
  device.release();
  expect(opened[0]?.readyState).toBe("ended");
  let open = () => {};
  next.push(new Promise((resolve) => (open = resolve)));
  const asked = device.set(true);
  device.release();
  open();
  await asked;
  expect(sent()).toBeNull();
  expect(opened[1]?.readyState).toBe("ended");
});
