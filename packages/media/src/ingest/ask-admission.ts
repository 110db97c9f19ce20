import type { PeerAddress, Verdict } from "../control/protocol.js";
import type { IngestDuties } from "./ports.js";

/** Admission's answer; "not-ready" when it fails or takes longer than `deadlineMs`. */
export async function askAdmission(
  duties: Pick<IngestDuties, "admit" | "log">,
  key: string,
  from: PeerAddress,
  deadlineMs: number,
): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(() => resolve({ allowed: false, reason: "not-ready" }), deadlineMs);
  });
  try {
    return await Promise.race([duties.admit(key, from), late]);
  } catch (error) {
    duties.log.warn({ reason: String(error) }, `${from.protocol}: admission could not be asked`);
    return { allowed: false, reason: "not-ready" };
  } finally {
    clearTimeout(timer);
  }
}
