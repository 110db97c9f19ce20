import type { PeerAddress, Verdict } from "../control/protocol.js";
import type { Clock } from "../hub/clock.js";
import { RequestProblem } from "../net/http/problem.js";
import { type Admitted, notReady, wrongToken } from "../transport/endpoint.js";

/** The product answers from memory within 50 ms; admission waits for one that restarts, and this for admission. */
const ADMISSION_MS = 12_000;

/** Asks whether a ticket opens a stream; throws a `RequestProblem` when it does not. */
export async function admitViewer(
  mayPlay: (ticket: string, from: PeerAddress) => Promise<Verdict>,
  ticket: string,
  from: PeerAddress,
  clock: Clock,
): Promise<Admitted> {
  const verdict = await beforeDeadline(mayPlay(ticket, from), clock);
  if (verdict.allowed) return verdict;
  switch (verdict.reason) {
    case "address-blocked":
      throw new RequestProblem(403, "address_blocked", "this address may not watch");
    case "not-ready":
      throw notReady("tickets cannot be checked just now");
    default:
      throw wrongToken("invalid_ticket", "the ticket is not valid or no longer");
  }
}

async function beforeDeadline(asked: Promise<Verdict>, clock: Clock): Promise<Verdict> {
  let stop = () => {};
  const deadline = new Promise<Verdict>((resolve) => {
    stop = clock.after(ADMISSION_MS, () => resolve({ allowed: false, reason: "not-ready" }));
  });
  try {
    return await Promise.race([asked, deadline]);
  } finally {
    stop();
  }
}
