import type { PlaybackTicket, Playout } from "@colourstream/contract";
import { makeOffer, type Offered } from "./offer.js";
import { openWhep, type WebRtcEvents, type WebRtcSession } from "./whep.js";

/** What this page has learnt of the engine and of the way to it, from one session to the next. */
export type Learnt = {
  /** Whether the engine makes the offer. */
  isOme: boolean;
  /** UDP did not get through, a relay by TCP did. */
  needsTcp: boolean;
};

/** A page that knows nothing yet. */
export function nothingLearnt(): Learnt {
  return { isOme: false, needsTcp: false };
}

/** What a session is opened with. */
export type WebRtcPorts = {
  readonly makeTicket: (signal: AbortSignal) => Promise<PlaybackTicket>;
  readonly events: WebRtcEvents;
  readonly abort: AbortController;
  /** Made before, without ICE servers; it is this session's to close now. */
  readonly early: Offered | null;
  readonly playout: Playout;
  readonly learnt: Learnt;
};

const ANSWER_WITHIN_MS = 8_000;

/**
 * Opens a session as its ticket says: WHEP, or OvenMediaEngine's signalling. Rejects when it is refused, when there is
 * no answer in time, or when `abort` is used. Our offer is made while the ticket is fetched.
 */
export async function openWebRtc(ports: WebRtcPorts): Promise<WebRtcSession> {
  const { makeTicket, events, abort, playout, learnt } = ports;
  const { signal } = abort;
  const late = setTimeout(() => abort.abort(new Error("no answer within 8 s")), ANSWER_WITHIN_MS);
  const early = ports.early ?? (learnt.isOme ? null : makeOffer([]));
  try {
    const ticket = await makeTicket(signal);
    learnt.isOme = ticket.protocol === "ome";
    if (!learnt.isOme)
      return await openWhep({ ticket, early: early ?? makeOffer([]), playout, events, signal });
    early?.peer.close();
    const { openOme } = await import("./ome.js");
    return await openOme({ ticket, makeTicket, playout, events, learnt, signal });
  } catch (error) {
    early?.peer.close();
    throw error;
  } finally {
    clearTimeout(late);
  }
}
