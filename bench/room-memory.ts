import { WebSocket } from "ws";
import { waitFor, withDeadline } from "../tests/tools/wait.js";

/** A Node process's memory after its garbage is gone, in bytes. */
export type Memory = {
  readonly heap: number;
  /** Buffers outside of the heap. */
  readonly external: number;
  readonly rss: number;
};

/** Asks another Node process of this machine for its memory. */
export type MemoryProbe = { read(): Promise<Memory>; close(): void };

const ANSWER_MS = 20_000;

/** Opens the inspector of a process (SIGUSR1) on the port that it was started with (`--inspect-port`). */
export async function probeMemory(pid: number, port: number): Promise<MemoryProbe> {
  process.kill(pid, "SIGUSR1");
  const url = await waitFor("the inspector", ANSWER_MS, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => null); // it does not listen yet
    const [target] = response === null ? [] : ((await response.json()) as { webSocketDebuggerUrl: string }[]);
    return target?.webSocketDebuggerUrl;
  });
  const socket = new WebSocket(url);
  const answers = new Map<number, (result: unknown) => void>();
  let last = 0;
  socket.on("message", (bytes) => {
    const { id, result } = JSON.parse(String(bytes));
    answers.get(id)?.(result);
    answers.delete(id);
  });
  await withDeadline(
    "the inspector to answer",
    ANSWER_MS,
    new Promise((resolve) => socket.once("open", resolve)),
  );
  const ask = (method: string, params: object = {}): Promise<unknown> => {
    last += 1;
    const answer = new Promise((resolve) => answers.set(last, resolve));
    socket.send(JSON.stringify({ id: last, method, params }));
    return withDeadline(`the inspector to answer ${method}`, ANSWER_MS, answer);
  };
  return {
    async read() {
      await ask("HeapProfiler.collectGarbage");
      await ask("HeapProfiler.collectGarbage"); // what the first one's finalizers let go of
      const expression = "JSON.stringify(process.memoryUsage())";
      const { result } = (await ask("Runtime.evaluate", { expression })) as { result: { value: string } };
      const { heapUsed, external, rss } = JSON.parse(result.value) as NodeJS.MemoryUsage;
      return { heap: heapUsed, external, rss };
    },
    close: () => socket.terminate(),
  };
}
