import { hashKey, randomSecret } from "../secrets.js";
import type { MonotonicClock } from "./attempts.js";

/** How long a ticket is good for. */
export const TICKET_MS = 60_000;

const MAX_TICKETS = 20_000; // 200 a second for a minute, and a half more
const MAX_PER_VIEWER = 8; // a page that reconnects asks for one at a time; the oldest goes first

/** What a ticket opens: one room's stream on one engine, for one participant. */
export type TicketFor = {
  readonly roomId: string;
  readonly participantId: string;
  readonly engine: string;
  /** When the participant's session ends, wall clock: the picture ends with it. */
  readonly sessionExpiresAt: number;
};

/** Playback tickets: 256 random bits, good once, for 60 s. They live in memory only; a restart ends them all. */
export type Tickets = {
  make(what: TicketFor): string;
  /** Spends a ticket. The reason tells the engine, never the viewer. */
  spend(ticket: string, engine: string): TicketFor | "invalid-ticket" | "expired-ticket";
  cancel(who: { readonly roomId: string } | { readonly participantId: string }): void;
  readonly size: number;
};

export function createTickets(clock: MonotonicClock): Tickets {
  const open = new Map<string, { what: TicketFor; until: number }>();
  const byViewer = new Map<string, string[]>();

  const remove = (key: string): void => {
    const found = open.get(key);
    if (found === undefined) return;
    open.delete(key);
    const { participantId } = found.what;
    const others = (byViewer.get(participantId) ?? []).filter((other) => other !== key);
    if (others.length === 0) byViewer.delete(participantId);
    else byViewer.set(participantId, others);
  };

  const dropOver = (): void => {
    for (const [key, { until }] of open) {
      if (until > clock() && open.size < MAX_TICKETS) break; // in the order they were made: the rest is younger
      remove(key);
    }
  };

  return {
    make: (what) => {
      dropOver();
      const oldest = byViewer.get(what.participantId)?.at(-MAX_PER_VIEWER);
      if (oldest !== undefined) remove(oldest);
      const ticket = randomSecret(32);
      const key = hashKey(ticket);
      open.set(key, { what, until: clock() + TICKET_MS });
      byViewer.set(what.participantId, [...(byViewer.get(what.participantId) ?? []), key]);
      return ticket;
    },
    spend: (ticket, engine) => {
      const key = hashKey(ticket);
      const found = open.get(key);
      if (found === undefined || found.what.engine !== engine) return "invalid-ticket";
      remove(key);
      return found.until > clock() ? found.what : "expired-ticket";
    },
    cancel: (who) => {
      for (const [key, { what }] of open) {
        const isTheirs =
          "roomId" in who ? what.roomId === who.roomId : what.participantId === who.participantId;
        if (isTheirs) remove(key);
      }
    },
    get size() {
      return open.size;
    },
  };
}
