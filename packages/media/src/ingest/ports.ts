import type { PeerAddress, RefusalReason, Verdict } from "../control/protocol.js";
import type { PublishPoint } from "../hub/ports.js";
import type { AttemptBudget } from "../net/attempt-budget.js";

/** Takes pino's shape: the object first, then the words. */
export type IngestLog = {
  readonly [level in "debug" | "info" | "warn" | "error"]: (object: object, message: string) => void;
};

/** A publisher that was turned away, for the studio: encoders seldom say why. */
export type PublishRefused = {
  readonly stream: string | null;
  readonly from: PeerAddress;
  readonly reason: RefusalReason | "already-live" | "not-understood";
  readonly detail: string;
};

/** What every way in needs of the engine. */
export type IngestDuties = {
  /** Asks the product; answered within `ANSWER_MS` of `control/admission.ts`, a failure is "not-ready". */
  readonly admit: (key: string, from: PeerAddress) => Promise<Verdict>;
  readonly hub: PublishPoint;
  readonly refused: (event: PublishRefused) => void;
  readonly log: IngestLog;
  /** Wrong keys of each address, over all ways in together: 10 in a minute, then it is refused at the door. */
  readonly wrongKeys: AttemptBudget;
};
