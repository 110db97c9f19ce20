import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isAlive } from "../engine/embedded/process.js";
import { liveStream } from "../testing/recordings.js";
import { createLiveThumbnails } from "./live-thumbnails.js";
import { runProgram } from "./program.js";
import { openRecordingFiles } from "./recording-files.js";

const folder = mkdtempSync(join(tmpdir(), "cs-finishing-"));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;

/** A program that notes its process number and then waits. */
const waits = async (): Promise<{ program: string; pid: () => Promise<number> }> => {
  const program = join(folder, `waits-${Math.random()}.mjs`);
  const noted = `${program}.pid`;
  const lines = [
    'import { writeFileSync } from "node:fs";',
    `writeFileSync(${JSON.stringify(noted)}, String(process.pid));`,
  ];
  await writeFile(program, [...lines, "setTimeout(() => {}, 60_000);"].join("\n"));
  return {
    program,
    pid: async () => {
      await expect.poll(() => existsSync(noted), { timeout: 10_000 }).toBe(true);
      return Number(readFileSync(noted, "utf8"));
    },
  };
};

test("a program that is aborted, or takes too long, is ended and has gone when that is told", async () => {
  const abort = new AbortController();
  const first = await waits();
  const aborted = runProgram(first.program, [], { signal: abort.signal, deadlineMs: 60_000 });
  const pid = await first.pid();
  abort.abort();
  expect(await aborted).toEqual({ code: null, said: "" });
  expect(isAlive(pid)).toBe(false);

  const second = await waits();
  expect(await runProgram(second.program, [], { signal: never, deadlineMs: 500 })).toMatchObject({
    code: null,
  });
});

test("what it says and how it ends are told; it sees none of our environment but the path", async () => {
  const program = join(folder, "says.mjs");
  await writeFile(
    program,
    "console.log(JSON.stringify([process.argv[2], process.env.HOME ?? null])); process.exit(3);",
  );
  expect(await runProgram(program, ["a b"], { signal: never, deadlineMs: 20_000 })).toEqual({
    code: 3,
    said: '["a b",null]\n',
  });
});

test("a live room's small picture is asked of the engine once in 10 s, however many ask; of no room that is not live", async () => {
  let nowMs = 0;
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const live = createLiveThumbnails({
    files: openRecordingFiles(folder),
    clock: () => nowMs,
    engine: {
      stream: (roomId) => (roomId === "off" ? null : liveStream("take")),
      saveKeyframe: async (roomId) => {
        asked.push(roomId);
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setTimeout(resolve, 20));
        underWay -= 1;
        return false;
      },
    },
  });
  expect(await Promise.all(["a", "a", "b", "off", "a", "b"].map((roomId) => live.of(roomId)))).toEqual(
    new Array(6).fill(null),
  );
  expect([asked, most]).toEqual([["a", "b"], 1]);
  nowMs = 9_999;
  await live.of("a");
  expect(asked).toHaveLength(2);
  nowMs = 10_000;
  await live.of("a");
  expect(asked).toEqual(["a", "b", "a"]);
});
