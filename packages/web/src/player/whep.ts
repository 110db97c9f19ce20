import type { PlaybackTicket, Playout } from "@colourstream/contract";
import { type ConnectionEvents, dtlsOf, watchConnection } from "./connection.js";
import { makeOffer, type Offered, withoutPlayoutDelay } from "./offer.js";
import { SessionRefused } from "./refused.js";

/** A WebRTC session: one peer connection and what stands for it on the server. */
export type WebRtcSession = {
  readonly peer: RTCPeerConnection;
  readonly video: MediaStream;
  /** Null: the stream came without a place for sound. */
  readonly sound: MediaStream | null;
  /** Leaves. `tellServer` false: the server has ended the session already. */
  close(tellServer?: boolean): void;
};

/** What it tells while it is opened and after. */
export type WebRtcEvents = ConnectionEvents & {
  /** The server has answered. */
  answered(): void;
};

const CLOSED_AFTER_MS = 1_000;

/** What a session is opened with. */
export type WhepPorts = {
  readonly ticket: PlaybackTicket;
  /** Made before the ticket was there, without ICE servers; it is this session's to close now. */
  readonly early: Offered;
  readonly playout: Playout;
  readonly events: WebRtcEvents;
  readonly signal: AbortSignal;
};

/** Opens a WHEP session (draft-ietf-wish-whep); rejects when it is refused or aborted. */
export async function openWhep({
  ticket,
  early,
  playout,
  events,
  signal,
}: WhepPorts): Promise<WebRtcSession> {
  let offered = early;
  let resource: URL | null = null;
  let closed = false;
  let cancelWatch = () => {};

  function close(tellServer = true) {
    if (closed) return;
    closed = true;
    cancelWatch();
    const { peer } = offered;
    const isEndedByServer = dtlsOf(peer)?.state === "closed";
    // keepalive: the request outlives the page; if it is lost, the server frees the resource by ICE consent (RFC 7675).
    if (resource !== null && tellServer && !isEndedByServer) {
      const gone = fetch(resource, { method: "DELETE", keepalive: true, headers: bearer(ticket) });
      // The peer goes after the word: its own end would end the resource first, which then is not there to be deleted.
      gone.then(
        () => peer.close(),
        () => peer.close(),
      );
      setTimeout(() => peer.close(), CLOSED_AFTER_MS);
    } else {
      peer.close();
    }
  }

  try {
    if (ticket.iceServers.length > 0) {
      offered.peer.close();
      offered = makeOffer(ticket.iceServers);
    }
    const { peer, video, sound } = offered;
    await offered.ready;
    const offer = peer.localDescription?.sdp ?? "";
    const answer = await fetch(ticket.url, {
      method: "POST",
      headers: { ...bearer(ticket), "content-type": "application/sdp" },
      body: playout === "smooth" ? withoutPlayoutDelay(offer) : offer,
      signal,
    });
    const location = answer.headers.get("location");
    if (location !== null) resource = new URL(location, new URL(ticket.url, document.baseURI));
    const sdp = await answer.text();
    if (answer.status !== 201) throw new SessionRefused(answer.status, sdp);
    signal.throwIfAborted();
    events.answered();
    await peer.setRemoteDescription({ type: "answer", sdp });
    cancelWatch = watchConnection(peer, events);
    signal.throwIfAborted();
    const streamOf = ({ receiver }: RTCRtpTransceiver) => new MediaStream([receiver.track]);
    return { peer, video: streamOf(video), sound: streamOf(sound), close };
  } catch (error) {
    close();
    throw error;
  }
}

function bearer(ticket: PlaybackTicket) {
  return { authorization: `Bearer ${ticket.ticket}` };
}
