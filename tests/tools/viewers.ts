import { type ChildProcess, fork } from "node:child_process";
import { builtFile } from "./root.js";
import { withDeadline } from "./wait.js";

/** One picture as a viewer got it. */
export type PictureRecord = {
  /** Names its slices, the same wherever in the path it is taken. */
  readonly fingerprint: string;
  /** Wall clock when its last packet was in the viewer's hands. */
  readonly atMs: number;
  readonly isWhole: boolean;
  readonly isKeyframe: boolean;
  readonly bytes: number;
};

/** What a viewer has seen so far. */
export type ViewerReport = {
  readonly packets: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly pictures: number;
  readonly state: string;
  readonly records: readonly PictureRecord[];
};

/** What is asked of a viewer process. */
export type ViewerOrder =
  | { readonly order: "connect"; readonly url: string; readonly ticket: string; readonly isCrowd: boolean }
  | { readonly order: "report"; readonly forget: boolean }
  | { readonly order: "close" };

/** What a viewer process answers. */
export type ViewerAnswer =
  | { readonly connected: number }
  | { readonly reports: ViewerReport[] }
  | { readonly failed: string };

/** Many viewers in processes of their own: node-datachannel works in one thread of a process only. */
export type ViewerCrowd = {
  connect(url: string, ticket: string, how?: { readonly isCrowd: boolean }): Promise<void>;
  /** One report per viewer; `forget` empties the records that were told. */
  report(forget?: boolean): Promise<ViewerReport[]>;
  readonly pids: readonly number[];
  close(): Promise<void>;
};

const ANSWER_MS = 20_000;

/** Starts the processes; viewers are dealt out to them in turn. */
export function startViewers(processes: number): ViewerCrowd {
  const children = Array.from({ length: processes }, () =>
    fork(builtFile("tests/tools/viewer-child.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] }),
  );
  const queues = new Map<ChildProcess, Promise<unknown>>();
  let turn = 0;

  // A child answers in the order it was asked; so each child has one question open at a time.
  function ask(child: ChildProcess, order: ViewerOrder): Promise<ViewerAnswer> {
    const before = queues.get(child) ?? Promise.resolve();
    const answer = before.catch(() => undefined).then(() => askNow(child, order));
    queues.set(child, answer);
    return answer;
  }

  return {
    async connect(url, ticket, how = { isCrowd: false }) {
      const child = children[turn++ % children.length] as ChildProcess;
      await ask(child, { order: "connect", url, ticket, ...how });
    },
    async report(forget = false) {
      const answers = await Promise.all(children.map((child) => ask(child, { order: "report", forget })));
      return answers.flatMap((answer) => ("reports" in answer ? answer.reports : []));
    },
    pids: children.map((child) => child.pid ?? 0),
    async close() {
      await Promise.allSettled(children.map((child) => ask(child, { order: "close" })));
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL"); // cleanly closed above
      }
    },
  };
}

async function askNow(child: ChildProcess, order: ViewerOrder): Promise<ViewerAnswer> {
  const answer = new Promise<ViewerAnswer>((resolve, reject) => {
    const onMessage = (message: ViewerAnswer) => settle(() => resolve(message));
    const onExit = (code: number | null) =>
      settle(() => reject(new Error(`a viewer process ended with ${code}`)));
    function settle(done: () => void): void {
      child.off("message", onMessage);
      child.off("exit", onExit);
      done();
    }
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
  child.send(order);
  const given = await withDeadline(`a viewer process to answer ${order.order}`, ANSWER_MS, answer);
  if ("failed" in given) throw new Error(given.failed);
  return given;
}
