import type { Verdict } from "@colourstream/media";
import type { MonotonicClock } from "../../auth/attempts.js";
import { createTickets, TICKET_MS } from "../../auth/tickets.js";
import { randomSecret } from "../../secrets.js";
import type { RunningEngine } from "./supervisor.js";

/** The stream that a browser tries its line with: no room's name is as short, so no key publishes into it. */
export const CHECK_STREAM = "check";

/** Long enough for a slow line to connect and show the picture; who wants more checks again. */
const WATCHED_MS = 60_000;
const IDLE_MS = 60_000;
const ENGINE = "check";

/** The check picture: the engine's test signal, on demand, for anybody with a ticket of its own. */
export type CheckPicture = {
  /** Starts the picture where it is not running. */
  makeTicket(link: RunningEngine["link"]): Promise<string>;
  spend(ticket: string): Verdict;
  /** To be called now and then: stops the picture when nobody has watched, or asked for it, for a minute. */
  tend(link: RunningEngine["link"], viewers: number | null): Promise<void>;
};

/** Begins without a picture. How often tickets are made is its caller's to bound. */
export function createCheckPicture(clock: MonotonicClock): CheckPicture {
  const tickets = createTickets(clock);
  let wantedAt = clock();

  return {
    makeTicket: async (link) => {
      wantedAt = clock();
      await link.ask("startTestSignal", { stream: CHECK_STREAM });
      const participantId = `check-${randomSecret(12)}`; // each by itself: nobody's ticket displaces another's
      return tickets.make({
        roomId: CHECK_STREAM,
        participantId,
        engine: ENGINE,
        sessionExpiresAt: Number.MAX_SAFE_INTEGER,
      });
    },
    spend: (ticket) => {
      const spent = tickets.spend(ticket, ENGINE);
      if (typeof spent === "string") return { allowed: false, reason: spent };
      const { participantId: viewer } = spent;
      return { allowed: true, stream: CHECK_STREAM, viewer, lifetimeMs: WATCHED_MS, passphrase: null };
    },
    tend: async (link, viewers) => {
      if (viewers === null) return; // it is not running
      if (viewers > 0) wantedAt = clock();
      if (clock() - wantedAt < IDLE_MS + TICKET_MS) return;
      await link.ask("stopTestSignal", { stream: CHECK_STREAM });
    },
  };
}
