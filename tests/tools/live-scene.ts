import { readFile } from "node:fs/promises";
import { publishUrl } from "./encoder.js";
import { makeTicket, type Product, startProduct, type TestRoom } from "./product.js";
import { type Publisher, startPublisher } from "./publisher.js";
import { startViewers, type ViewerCrowd } from "./viewers.js";
import { waitFor } from "./wait.js";

/** A product with one live room that somebody watches: what an attack must not disturb. */
export type LiveScene = {
  readonly product: Product;
  readonly room: TestRoom;
  readonly viewers: ViewerCrowd;
  /** Runs something and gives the longest time between two frames at the viewer meanwhile, in ms. */
  longestGapDuring(action: () => Promise<void>): Promise<number>;
  end(): Promise<void>;
};

/** Sets the scene: encoder and viewers are processes of their own. */
export async function startLiveScene(
  viewerCount = 1,
  environment: Readonly<Record<string, string>> = {},
): Promise<LiveScene> {
  const product = await startProduct(environment);
  let publisher: Publisher | undefined;
  const viewers = startViewers(1);
  async function end(): Promise<void> {
    await viewers.close();
    await publisher?.kill();
    await product.remove();
  }
  try {
    const room = await product.createRoom("Under fire");
    publisher = startPublisher(publishUrl(room.ingest));
    await product.waitForStream(room, "live");
    for (let number = 0; number < viewerCount; number += 1) {
      const reviewer = await product.join(room, `Steady ${number}`);
      const ticket = await makeTicket(reviewer, room);
      await viewers.connect(new URL(ticket.url, product.url).href, ticket.ticket);
    }
    await waitFor(
      "pictures",
      10_000,
      async () => (await viewers.report()).every((one) => one.pictures > 30),
      200,
    );
    return {
      product,
      room,
      viewers,
      async longestGapDuring(action) {
        await viewers.report(true);
        const startedAt = performance.timeOrigin + performance.now();
        await action();
        const endedAt = performance.timeOrigin + performance.now();
        const reports = await viewers.report(true);
        return Math.max(
          ...reports.map(({ records }) => {
            const times = [startedAt, ...records.map((record) => record.atMs), endedAt];
            return Math.max(...times.slice(1).map((time, at) => time - (times[at] as number)));
          }),
        );
      },
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Resident memory of a process in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
