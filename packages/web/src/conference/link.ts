import type { IceServers, Signal } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import { createCandidateBatch } from "./candidate-batch.js";
import { askForSpeech } from "./opus.js";
import { createSenders, NOTHING, type Outgoing, type Senders } from "./senders.js";

/** What the connection to one of the others needs. */
export type LinkPorts = {
  readonly clock: Clock;
  /** Of each pair one makes all offers, so that two can never meet. */
  readonly isOfferer: boolean;
  readonly ice: () => IceServers;
  /** False: the line is away, and it was not said. */
  readonly signal: (signal: Signal) => boolean;
  /** Whether what is said now would be heard: both pages have their line to the server. */
  readonly isReachable: () => boolean;
  readonly onChange: () => void;
};

/** The connection to one of the others, over as many RTCPeerConnections as it takes. */
export type Link = {
  hear(signal: Signal): void;
  is(): "connecting" | "connected" | "interrupted";
  /** Null before there is one. */
  peer(): RTCPeerConnection | null;
  /** What comes: voice, camera, screen. Each stays the same as long as its RTCPeerConnection lives. */
  incoming(): Incoming;
  send(outgoing: Outgoing): Promise<void>;
  /** Paths may have changed, or the line is back: looks for others where it must. */
  pathsChanged(): void;
  lineIsBack(): void;
  iceChanged(): void;
  /** Called ten times a second: its deadlines are kept here. */
  tick(): void;
  close(): void;
};

/** What comes from one of the others. Null before the connection is described. */
export type Incoming = {
  readonly voice: MediaStream;
  readonly camera: MediaStream;
  readonly screen: MediaStream;
  readonly receivers: readonly RTCRtpReceiver[];
};

const KINDS = ["audio", "video", "video"] as const; // microphone, camera, screen, in this order for ever
const ANSWER_WITHIN_MS = 10_000;
const FIRST_OFFER_WITHIN_MS = 10_000;
const DISCONNECTED_FOR_MS = 500; // one lost check is no lost path
const RESTART_EVERY_MS = 5_000;
const RESTARTS_BEFORE_NEW = 3;
const NEW_AT_MOST_EVERY_MS = 2_000; // two pages that cannot agree must not spin
const CANDIDATES_KEPT = 64;

const silent = (): Incoming => ({
  voice: new MediaStream(),
  camera: new MediaStream(),
  screen: new MediaStream(),
  receivers: [],
});

/** Opens the connection: the offerer offers at once, the other waits. */
export function createLink(ports: LinkPorts): Link {
  const { clock, isOfferer } = ports;
  let gen = 0;
  let peer: RTCPeerConnection | null = null;
  let senders: Senders | null = null;
  let incoming = silent();
  let outgoing: Outgoing = NOTHING;
  let early: RTCIceCandidateInit[] = []; // before the description they belong to
  let queue: Promise<void> = Promise.resolve();
  let isClosed = false;
  let wasConnected = false;
  let awaitsAnswerSince: number | null = null;
  let offersAgain = false; // asked for while an answer is awaited
  let brokenSince: number | null = clock.now(); // null: connected
  let restarts = 0;
  let restartedAt = clock.now();
  let renewedAt = Number.NEGATIVE_INFINITY;

  const batch = createCandidateBatch(clock, (candidates) => {
    ports.signal({ kind: "candidates", gen, candidates });
  });

  /** Signals are taken one after the other; a failure means that both sides begin anew. */
  function enqueue(step: (mine: RTCPeerConnection) => Promise<void>) {
    const mine = peer;
    if (mine === null) return;
    queue = queue.then(async () => {
      if (mine !== peer || isClosed) return;
      try {
        await step(mine);
      } catch (error) {
        if (mine !== peer || isClosed) return;
        console.warn("call: a connection begins anew:", error);
        renew();
      }
    });
  }

  function open() {
    drop();
    const mine = new RTCPeerConnection({ iceServers: ports.ice(), bundlePolicy: "max-bundle" });
    peer = mine;
    incoming = silent();
    mine.onicecandidate = ({ candidate }) => {
      if (candidate !== null) batch.add(candidate.toJSON());
    };
    mine.onconnectionstatechange = () => look(mine);
    mine.oniceconnectionstatechange = () => look(mine);
    if (isOfferer) {
      for (const kind of KINDS) mine.addTransceiver(kind, { direction: "sendrecv" });
      adopt(mine);
    }
  }

  /** The three transceivers are there: what comes by them and what goes by them is known now. */
  function adopt(mine: RTCPeerConnection) {
    const transceivers = mine.getTransceivers();
    if (transceivers.length !== KINDS.length) throw new Error(`${transceivers.length} transceivers, not 3`);
    const [voice, camera, screen] = transceivers.map(({ receiver }) => new MediaStream([receiver.track]));
    if (voice === undefined || camera === undefined || screen === undefined) return;
    incoming = { voice, camera, screen, receivers: transceivers.map(({ receiver }) => receiver) };
    senders = createSenders(transceivers);
    void apply();
    ports.onChange();
  }

  function apply(): Promise<void> {
    const done = senders?.apply(outgoing) ?? Promise.resolve();
    return done.catch((error: unknown) => {
      console.warn("call: what is sent could not be changed:", error);
      renew();
    });
  }

  function drop() {
    batch.clear();
    queue = Promise.resolve(); // what a closed connection was asked for is never answered
    senders?.close();
    senders = null;
    early = [];
    awaitsAnswerSince = null;
    offersAgain = false;
    if (peer === null) return;
    peer.onicecandidate = null;
    peer.onconnectionstatechange = null;
    peer.oniceconnectionstatechange = null;
    peer.close();
    peer = null;
  }

  function look(mine: RTCPeerConnection) {
    if (mine !== peer) return;
    // A page that goes ends DTLS before ICE notices that nobody answers any more.
    const isEnded = mine.getReceivers()[0]?.transport?.state === "closed";
    if (mine.connectionState === "connected" && mine.iceConnectionState !== "disconnected" && !isEnded) {
      wasConnected = true;
      brokenSince = null;
      restarts = 0;
    } else {
      brokenSince ??= clock.now();
    }
    ports.onChange();
  }

  function offer(isRestart: boolean) {
    if (awaitsAnswerSince !== null) {
      offersAgain = true;
      return;
    }
    awaitsAnswerSince = clock.now();
    enqueue(async (mine) => {
      if (isRestart) mine.restartIce();
      batch.hold();
      await mine.setLocalDescription();
      describe(mine);
    });
  }

  function describe(mine: RTCPeerConnection) {
    const { type, sdp } = mine.localDescription ?? {};
    if (mine !== peer || (type !== "offer" && type !== "answer") || sdp === undefined) return;
    ports.signal({ kind: "description", gen, type, sdp });
    batch.let();
  }

  /** New paths for the same connection. */
  function restart() {
    restartedAt = clock.now();
    if (isOfferer) offer(true);
    else ports.signal({ kind: "restart", gen, how: "ice" });
  }

  /** A new connection, on both sides. */
  function renew() {
    if (isClosed) return;
    const now = clock.now();
    restartedAt = now;
    restarts = 0;
    brokenSince ??= now;
    if (!isOfferer) {
      ports.signal({ kind: "restart", gen, how: "hard" });
      return;
    }
    if (now - renewedAt < NEW_AT_MOST_EVERY_MS) {
      restarts = RESTARTS_BEFORE_NEW; // the next tick that may
      return;
    }
    renewedAt = now;
    gen += 1;
    open();
    offer(false);
  }

  async function take(mine: RTCPeerConnection, type: "offer" | "answer", sdp: string) {
    if (type === "answer" && mine.signalingState !== "have-local-offer") return; // of an offer that was given up
    await mine.setRemoteDescription({ type, sdp: askForSpeech(sdp) });
    if (mine !== peer) return;
    if (type === "offer") {
      if (senders === null) {
        for (const transceiver of mine.getTransceivers()) transceiver.direction = "sendrecv";
        adopt(mine);
      }
      batch.hold();
      await mine.setLocalDescription();
      describe(mine);
    } else {
      awaitsAnswerSince = null;
    }
    for (const candidate of early.splice(0)) await addCandidate(mine, candidate);
    const dtls = mine.getReceivers()[0]?.transport;
    if (dtls) dtls.onstatechange = () => look(mine);
    await senders?.negotiated();
    if (offersAgain && mine === peer) {
      offersAgain = false;
      offer(true);
    }
  }

  if (isOfferer) {
    open();
    offer(false);
  }

  return {
    hear(signal) {
      if (signal.gen < gen || isClosed) return;
      if (signal.kind === "restart") {
        if (!isOfferer || signal.gen > gen) return;
        if (signal.how === "hard") renew();
        else if (awaitsAnswerSince === null) restart();
        return;
      }
      if (signal.kind === "candidates") {
        if (signal.gen > gen) return; // its description was lost: another will come
        enqueue(async (mine) => {
          for (const candidate of signal.candidates) {
            if (mine.remoteDescription !== null) await addCandidate(mine, candidate);
            else if (early.length < CANDIDATES_KEPT) early.push(candidate);
          }
        });
        return;
      }
      if ((signal.type === "offer") === isOfferer) return;
      if (signal.type === "offer" && (peer === null || signal.gen > gen)) {
        gen = signal.gen;
        open();
      }
      restartedAt = clock.now();
      enqueue((mine) => take(mine, signal.type, signal.sdp));
    },
    is: () => (brokenSince === null ? "connected" : wasConnected ? "interrupted" : "connecting"),
    peer: () => peer,
    incoming: () => incoming,
    send(next) {
      outgoing = next;
      return apply();
    },
    pathsChanged() {
      if (ports.isReachable()) restart();
    },
    lineIsBack() {
      if (!ports.isReachable()) return;
      // What was said while the line went down may never have been heard.
      if (awaitsAnswerSince !== null) renew();
      else if (brokenSince !== null) restart();
    },
    iceChanged() {
      peer?.setConfiguration({ iceServers: ports.ice(), bundlePolicy: "max-bundle" });
    },
    tick() {
      if (isClosed || !ports.isReachable()) return;
      const now = clock.now();
      if (awaitsAnswerSince !== null) {
        if (now - awaitsAnswerSince > ANSWER_WITHIN_MS) renew();
        return;
      }
      if (brokenSince === null) return;
      if (peer === null) {
        if (now - restartedAt > FIRST_OFFER_WITHIN_MS) renew();
        return;
      }
      const hasFailed = peer.connectionState === "failed" || peer.iceConnectionState === "failed";
      const isDue = now - restartedAt >= RESTART_EVERY_MS;
      const isFresh =
        wasConnected && restarts === 0 && (hasFailed || now - brokenSince >= DISCONNECTED_FOR_MS);
      if (!isDue && !isFresh) return;
      if (restarts >= RESTARTS_BEFORE_NEW) {
        renew();
      } else {
        restarts += 1;
        restart();
      }
    },
    close() {
      isClosed = true;
      drop();
      incoming = silent();
    },
  };
}

/** A candidate of paths that were given up meanwhile is refused by the browser: that costs one path, no connection. */
async function addCandidate(peer: RTCPeerConnection, candidate: RTCIceCandidateInit) {
  try {
    await peer.addIceCandidate(candidate);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "OperationError") throw error;
  }
}
