import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSelfSigned } from "../tests/tools/certificate.js";
import { builtFile } from "../tests/tools/root.js";
import { withDeadline } from "../tests/tools/wait.js";
import type { IngestAnswer, IngestOrder, IngestPlaces, IngestReport } from "./ingest-orders.js";

/** The engine's ways in, in a process of their own. */
export type IngestEngine = {
  readonly places: IngestPlaces;
  /** Counts from now. */
  begin(names: boolean): Promise<void>;
  report(): Promise<IngestReport>;
  close(): void;
};

const ANSWER_MS = 20_000;

/** Starts the process and its listeners on free ports. */
export async function startIngestEngine(): Promise<IngestEngine> {
  const folder = mkdtempSync(join(tmpdir(), "ingest-"));
  const { certFile, keyFile } = await writeSelfSigned(folder);
  const child = fork(builtFile("bench/ingest-child.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });

  async function ask(order: IngestOrder): Promise<IngestAnswer> {
    const answered = new Promise<IngestAnswer>((resolve, reject) => {
      child.once("message", (answer) => resolve(answer as IngestAnswer));
      child.once("exit", (code) => reject(new Error(`the ingest process ended with code ${code}`)));
    });
    child.send(order);
    const answer = await withDeadline(`the ingest process's answer to ${order.order}`, ANSWER_MS, answered);
    child.removeAllListeners();
    if ("failed" in answer) throw new Error(answer.failed);
    return answer;
  }

  const answer = await ask({
    order: "listen",
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
    folder,
  });
  if (!("listening" in answer)) throw new Error("the ingest process did not say where it listens");
  return {
    places: answer.listening,
    async begin(names) {
      await ask({ order: "begin", names });
    },
    async report() {
      const told = await ask({ order: "report" });
      if (!("report" in told)) throw new Error("the ingest process gave no report");
      return told.report;
    },
    close() {
      child.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
