import type { Failing } from "./ways.js";

/** What a connection tells. */
export type ConnectionEvents = {
  /** ICE and DTLS stand. */
  connected(): void;
  /** It will not come back; `unreachable`: it never stood. */
  dead(reason: string, why: Failing): void;
};

const DISCONNECTED_FOR_MS = 2_000;
const ENDED_FOR_MS = 300; // a room that closes also says so: that word is to come first

/** The DTLS association of a peer that receives. */
export function dtlsOf(peer: RTCPeerConnection): RTCDtlsTransport | null | undefined {
  return peer.getReceivers()[0]?.transport;
}

/** Tells when ICE or DTLS has failed or was ended by the server, or has been without a connection for 2 s. */
export function watchConnection(peer: RTCPeerConnection, events: ConnectionEvents): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasStood = false;
  const dtls = dtlsOf(peer);
  function look() {
    clearTimeout(timer);
    if (peer.connectionState === "connected") {
      hasStood = true;
      events.connected();
    }
    if (peer.iceConnectionState === "failed" || peer.connectionState === "failed") {
      events.dead("the connection failed", hasStood ? "other" : "unreachable");
    } else if (dtls?.state === "closed") {
      timer = setTimeout(() => events.dead("the server ended the session", "other"), ENDED_FOR_MS);
    } else if (peer.iceConnectionState === "disconnected") {
      timer = setTimeout(() => events.dead("the connection was lost", "other"), DISCONNECTED_FOR_MS);
    }
  }
  dtls?.addEventListener("statechange", look);
  peer.addEventListener("iceconnectionstatechange", look);
  peer.addEventListener("connectionstatechange", look);
  look();
  return () => {
    clearTimeout(timer);
    dtls?.removeEventListener("statechange", look);
    peer.removeEventListener("iceconnectionstatechange", look);
    peer.removeEventListener("connectionstatechange", look);
  };
}
