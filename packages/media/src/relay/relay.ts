import type { EngineSettings } from "../control/protocol.js";
import type { IngestLog } from "../ingest/ports.js";
import { openTurnSockets, type TurnSockets } from "./sockets.js";
import { createTurn, type TurnOptions } from "./turn.js";

/** What the relay needs of the engine. */
export type RelayOptions = NonNullable<EngineSettings["relay"]> &
  Omit<TurnOptions, "secret"> & { readonly log: IngestLog };

/** The relay as it stands now. */
export type Relay = {
  /** Null: its port is another program's. */
  port(): number | null;
  close(): Promise<void>;
};

const TRY_AGAIN_MS = 10_000;

/**
 * Opens the relay for calls on UDP and TCP. A port that cannot be opened is no reason for the engine to end, as pictures
 * need no relay and most calls neither: it is said in the log, and tried again until it can.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { clock, log, port } = options;
  const turn = createTurn(options);
  let sockets: TurnSockets | null = null;
  let cancelAgain: (() => void) | null = null;
  let said: string | null = null;
  let isClosed = false;

  const tryToOpen = async (): Promise<void> => {
    cancelAgain = null;
    try {
      sockets = await openTurnSockets(options, turn);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : null;
      if (code === null) throw error;
      if (code !== said) log.warn({ port, code }, "relay: off, as its port cannot be opened");
      said = code;
      if (!isClosed) cancelAgain = clock.after(TRY_AGAIN_MS, () => void tryToOpen());
      return;
    }
    if (isClosed) await sockets.close();
    else if (said !== null) log.info({ port }, "relay: on, its port is free now");
  };

  await tryToOpen();
  return {
    port: () => sockets?.port ?? null,
    async close() {
      isClosed = true;
      cancelAgain?.();
      turn.close();
      const open = sockets;
      sockets = null;
      await open?.close();
    },
  };
}
