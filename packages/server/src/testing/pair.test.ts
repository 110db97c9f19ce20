import { expect, test } from "vitest";
import type { Said } from "../bus/bus.js";
import { joinBuses } from "./pair.js";

test("what one says the others hear, in order, and itself not; a killed one leaves a gap, a closed one does not", async () => {
  const lines = joinBuses("one", "two", "three");
  const [one, two, three] = lines.buses;
  if (one === undefined || two === undefined || three === undefined) throw new Error("three were asked for");
  const heard: [string, Said, string][] = [];
  const told: string[] = [];
  for (const bus of lines.buses) {
    bus.hear("room", (what, from) => heard.push([bus.self, what, from]));
    bus.onOther((id, is) => told.push(`${bus.self}: ${id} ${is}`));
    bus.onGap(() => told.push(`${bus.self}: gap`));
    bus.onFirst((isFirst) => told.push(`${bus.self}: ${isFirst ? "first" : "not first"}`));
  }
  one.say("room", "a");
  one.say("room", { id: "b" });
  expect(heard).toEqual([]);
  await lines.quiet();
  expect(heard).toEqual([
    ["two", "a", "one"],
    ["three", "a", "one"],
    ["two", { id: "b" }, "one"],
    ["three", { id: "b" }, "one"],
  ]);

  await three.close();
  await lines.quiet();
  expect(told.splice(0)).toEqual(["one: three gone", "two: three gone"]);
  lines.kill("one");
  await lines.quiet();
  expect(told).toEqual(["two: one gone", "two: gap", "two: first"]);
  expect([two.isFirst(), two.others()]).toEqual([true, []]);
});

test("one that was cut off has a gap, and the other one too when something was said meanwhile", async () => {
  const lines = joinBuses("one", "two");
  const told: string[] = [];
  for (const bus of lines.buses) {
    bus.onOther((id, is) => told.push(`${bus.self}: ${id} ${is}`));
    bus.onGap(() => told.push(`${bus.self}: gap`));
  }
  lines.cut("one");
  await lines.quiet();
  expect(told.splice(0)).toEqual(["two: one gone", "one: two gone"]);
  lines.heal("one");
  await lines.quiet();
  expect(told.splice(0)).toEqual(["two: one here", "one: two here", "one: gap"]);
  lines.cut("one");
  lines.buses[0]?.say("room", "lost");
  lines.heal("one");
  await lines.quiet();
  expect(told.filter((line) => line.endsWith("gap"))).toEqual(["one: gap", "two: gap"]);
});
