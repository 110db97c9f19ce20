import type { PlaybackTicket, Playout } from "@colourstream/contract";
import { watchConnection } from "./connection.js";
import { askForStereo, withoutPlayoutDelay } from "./offer.js";
import { type OmeMessage, parseOmeMessage, REQUEST_OFFER, writeAnswer } from "./ome-message.js";
import { CannotPlay, SessionRefused, Unreachable } from "./refused.js";
import type { Learnt } from "./webrtc.js";
import type { WebRtcEvents, WebRtcSession } from "./whep.js";

/** What a session is opened with. */
export type OmePorts = {
  /** The first one; a try by another transport asks for one of its own. */
  readonly ticket: PlaybackTicket;
  readonly makeTicket: (signal: AbortSignal) => Promise<PlaybackTicket>;
  readonly playout: Playout;
  readonly events: WebRtcEvents;
  readonly learnt: Learnt;
  readonly signal: AbortSignal;
};

type Offer = Extract<OmeMessage, { is: "offer" }>;
type Try = Omit<OmePorts, "makeTicket" | "learnt"> & { readonly byTcp: boolean };

/** UDP that gets through connects within a second, on a line to the other side of the world too. */
const UDP_WITHIN_MS = 2_500;
const TCP_WITHIN_MS = 5_000; // the relay is asked first, and TCP has its handshakes
const ENDED_FOR_MS = 300; // a room that closes also says so: that word is to come first

/**
 * Opens a session by OvenMediaEngine's signalling, in which the server makes the offer; resolves when the connection
 * stands. Where UDP does not get through, it is tried again by a relay over TCP before it is given up.
 */
export async function openOme({ ticket, makeTicket, learnt, ...ports }: OmePorts): Promise<WebRtcSession> {
  const { signal } = ports;
  let last = ticket;
  if (!learnt.needsTcp) {
    try {
      return await connect({ ...ports, ticket, byTcp: false });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Unreachable)) throw error;
    }
    last = await makeTicket(signal);
  }
  learnt.needsTcp = false; // until it has worked, again
  const session = await connect({ ...ports, ticket: last, byTcp: true });
  learnt.needsTcp = true;
  return session;
}

async function connect({ ticket, byTcp, playout, events, signal }: Try): Promise<WebRtcSession> {
  const socket = new WebSocket(addressOf(ticket.url, byTcp));
  let peer: RTCPeerConnection | null = null;
  let ended: ReturnType<typeof setTimeout> | undefined;
  let cancelWatch = () => {};
  const onGone = () => {
    ended = setTimeout(
      () => events.dead("the stream has ended, or its server is gone", "other"),
      ENDED_FOR_MS,
    );
  };

  /** The socket's end is the session's end: the server is told by it. */
  function close() {
    clearTimeout(ended);
    cancelWatch();
    socket.removeEventListener("close", onGone);
    socket.close();
    peer?.close();
  }

  try {
    const offer = await requestOffer(socket, signal);
    const iceServers = [...ticket.iceServers.map((server) => ({ ...server })), ...offer.iceServers];
    if (byTcp && iceServers.length === 0) throw new Unreachable("there is no relay");
    peer = new RTCPeerConnection({
      iceServers,
      iceTransportPolicy: byTcp ? "relay" : "all",
      bundlePolicy: "max-bundle",
    });
    socket.send(writeAnswer(offer, await answer(peer, offer, playout)));
    if (byTcp) events.answered(); // by UDP it is not the last word yet
    await connected(peer, socket, signal, byTcp ? TCP_WITHIN_MS : UDP_WITHIN_MS);
    socket.addEventListener("close", onGone);
    events.answered();
    cancelWatch = watchConnection(peer, events);
    const tracks = peer.getReceivers().map(({ track }) => track);
    const video = tracks.find(({ kind }) => kind === "video");
    const sound = tracks.find(({ kind }) => kind === "audio");
    return {
      peer,
      video: new MediaStream(video === undefined ? [] : [video]),
      sound: sound === undefined ? null : new MediaStream([sound]),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** The engine's own word for a relay: its offer then names one. */
function addressOf(url: string, byTcp: boolean): string {
  if (!byTcp) return url;
  const address = new URL(url);
  address.searchParams.set("transport", "tcp");
  return address.href;
}

/** Describes both sides; the engine's candidates are with its offer, and it learns ours from our checks. */
async function answer(peer: RTCPeerConnection, offer: Offer, playout: Playout): Promise<string> {
  const sdp = playout === "smooth" ? withoutPlayoutDelay(offer.sdp) : offer.sdp;
  await peer.setRemoteDescription({ type: "offer", sdp });
  for (const candidate of offer.candidates) await peer.addIceCandidate(candidate);
  const ours = await peer.createAnswer();
  // RFC 3264 §6: port 0 refuses a medium.
  if (/^m=video 0 /m.test(ours.sdp ?? "")) throw new CannotPlay("no codec in common");
  const asked = askForStereo(ours.sdp ?? "");
  await peer.setLocalDescription({ type: "answer", sdp: asked });
  return asked;
}

function requestOffer(socket: WebSocket, signal: AbortSignal): Promise<Offer> {
  return until(signal, (resolve, reject, on) => {
    on(socket, "open", () => socket.send(REQUEST_OFFER));
    on(socket, "close", () => reject(new Error("the server closed its signalling")));
    on(socket, "message", (event) => {
      const message = parseOmeMessage((event as MessageEvent<unknown>).data);
      if (message.is === "offer") resolve(message);
      else if (message.is === "refused") reject(new SessionRefused(message.code, message.reason));
    });
  });
}

function connected(
  peer: RTCPeerConnection,
  socket: WebSocket,
  signal: AbortSignal,
  withinMs: number,
): Promise<void> {
  return until(signal, (resolve, reject, on) => {
    const timer = setTimeout(() => reject(new Unreachable(`no connection within ${withinMs} ms`)), withinMs);
    on(socket, "close", () => reject(new Error("the server closed its signalling")));
    on(peer, "connectionstatechange", () => {
      if (peer.connectionState === "connected") resolve();
      else if (peer.connectionState === "failed") reject(new Unreachable("the connection failed"));
    });
    return () => clearTimeout(timer);
  });
}

type Listen = (target: EventTarget, type: string, call: (event: Event) => void) => void;

/** A promise over events, which stops listening with its end; what a listener throws, and `signal`, reject it. */
function until<T>(
  signal: AbortSignal,
  begin: (
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
    on: Listen,
  ) => (() => void) | undefined,
): Promise<T> {
  const over = new AbortController();
  let end: (() => void) | undefined;
  const result = new Promise<T>((resolve, reject) => {
    signal.throwIfAborted();
    end = begin(resolve, reject, (target, type, call) => {
      const listener = (event: Event) => {
        try {
          call(event);
        } catch (error) {
          reject(error);
        }
      };
      target.addEventListener(type, listener, { signal: over.signal });
    });
    signal.addEventListener("abort", () => reject(signal.reason), { signal: over.signal });
  });
  return result.finally(() => {
    end?.();
    over.abort();
  });
}
