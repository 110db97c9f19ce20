import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askInstance, type Holder, type InstanceLock, takeLock } from "./lock.js";
import { prepareRunDir } from "./run-dir.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const held = (taken: InstanceLock | Holder): taken is InstanceLock => "serve" in taken;

/** A socket file that nobody listens on any more, as a killed server leaves it. */
async function leaveDeadLock(): Promise<void> {
  const path = JSON.stringify(join(folder, "operator.sock"));
  const child = spawn(process.execPath, [
    "-e",
    `require("net").createServer().listen(${path}, () => console.log("up"))`,
  ]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("of twenty that want the lock at once one gets it, the others are told who; also over a dead one", async () => {
  for (const isDead of [false, true]) {
    if (isDead) await leaveDeadLock();
    const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(folder, "server")));
    const holders = taken.filter(held);
    expect(holders).toHaveLength(1);
    for (const other of taken) if (!held(other)) expect(other).toEqual({ kind: "server", pid: process.pid });
    await holders[0]?.release();
    expect(await readdir(folder)).toEqual([]);
  }
});

test("the holder answers requests, and says what went wrong in one sentence", async () => {
  const lock = await takeLock(folder, "server");
  if (!held(lock)) throw new Error("the lock was not free");
  expect(await askInstance(folder, { command: "x", with: {} })).toEqual({
    failed: expect.stringContaining("still starting"),
  });
  lock.serve(async ({ command, with: given }) => {
    if (command === "fail") throw new Error("There is no such thing.");
    return { command, given };
  });
  expect(await askInstance(folder, { command: "do", with: { n: 1 } })).toEqual({
    is: { command: "do", given: { n: 1 } },
  });
  expect(await askInstance(folder, { command: "fail", with: {} })).toEqual({
    failed: "There is no such thing.",
  });
  await lock.release();
  expect(await askInstance(folder, { command: "do", with: {} })).toBeNull();
});

test("a data directory with a long path has its sockets elsewhere, where nobody else may enter", async () => {
  const near = await prepareRunDir(folder);
  expect(near).toBe(join(folder, "run"));
  const far = await prepareRunDir(join(folder, "x".repeat(120)));
  expect(far.length).toBeLessThan(80);
  const lock = await takeLock(far, "command");
  expect(held(lock)).toBe(true);
  if (held(lock)) await lock.release();
  await rm(far, { recursive: true });
});
