import type { PeerAddress, Verdict } from "../control/protocol.js";
import type { Clock } from "../hub/clock.js";
import { RequestProblem } from "../net/http/problem.js";

/** The product answers from memory within 50 ms; admission waits for one that restarts, and this for admission. */
const ADMISSION_MS = 12_000;

/** Admission's word for one that may watch. */
export type Admitted = Extract<Verdict, { allowed: true }>;

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
      throw new RequestProblem(503, "not_ready", "tickets cannot be checked just now", {
        "retry-after": "1",
      });
    default:
      throw new RequestProblem(401, "invalid_ticket", "the ticket is not valid or no longer", AUTHENTICATE);
  }
}

/** RFC 6750 §3: said with every 401. */
export const AUTHENTICATE = { "www-authenticate": "Bearer" };

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
