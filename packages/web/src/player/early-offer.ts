import type { Clock } from "../live/clock.js";
import type { Offered } from "./offer.js";

/** An offer that is made while the door's password is being checked, for the first session behind the door. */
export type EarlyOffer = {
  /** Gives it away, once; null when it is gone: taken, closed, or too old. */
  take(): Offered | null;
  close(): void;
};

const KEPT_FOR_MS = 10_000; // a stream that is not live by then is not what was joined for: the sockets are let go

/** Begins an offer now and keeps it for 10 s. */
export function prepareOffer(clock: Clock, make: () => Offered): EarlyOffer {
  let offered: Offered | null = make();
  const cancel = clock.after(KEPT_FOR_MS, close);

  function take() {
    cancel();
    const taken = offered;
    offered = null;
    return taken;
  }
  function close() {
    take()?.peer.close();
  }
  return { take, close };
}
