import { randomBytes } from "node:crypto";
import { openBusLine } from "../store/bus-line.js";
import type { DatabaseConfig } from "../store/database-config.js";
import { createAlone } from "./alone.js";
import type { Bus } from "./bus.js";
import { createPostgresBus } from "./postgres.js";

/** A bus that keeps what it hears until whoever is to hear it has said so. */
export type OpenedBus = { readonly bus: Bus; begin(): void };

/**
 * Opens the bus, before anything is read of which a copy is kept. With the embedded database there is nobody else.
 * `mayBeFirst`: whether this process does what is to be done once.
 */
export async function openBus(
  where: { readonly databaseUrl: string | null; readonly database: DatabaseConfig },
  ports: { readonly mayBeFirst: boolean; warn(message: string, error: unknown): void },
): Promise<OpenedBus> {
  const { databaseUrl, database } = where;
  const self = randomBytes(8).toString("hex");
  if (databaseUrl === null) return { bus: createAlone(self), begin: () => undefined };
  const bus = createPostgresBus({
    self,
    open: (news) => openBusLine({ databaseUrl, database }, news),
    clock: () => performance.now(),
    ...ports,
  });
  await bus.connect();
  return { bus, begin: bus.begin };
}
