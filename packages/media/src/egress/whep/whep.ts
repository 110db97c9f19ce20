import { randomBytes } from "node:crypto";
import type { PeerAddress, Verdict } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Stream } from "../../hub/stream.js";
import type { Streams } from "../../hub/streams.js";
import type { Answer } from "../../net/http/local-http.js";
import { type Admitted, type Asked, createEndpoint } from "../../transport/endpoint.js";
import type { UdpPort } from "../../transport/udp-port.js";
import { admitViewer } from "../admit-viewer.js";
import { createPacketRing, type PacketRing } from "./packet-ring.js";
import { notLive, openViewer } from "./resource.js";

/** All viewers of the engine: above it one core does not send 12 Mb/s to each of them. */
const MAX_VIEWERS = 200;
/** A whole studio behind one address. */
const MAX_VIEWERS_PER_ADDRESS = 50;
/** Answered and not yet connected, of one address. */
const MAX_CONNECTING_PER_ADDRESS = 16;

/** The one thing of a logger that is needed here. */
export type Log = { info(about: object, text: string): void; warn(about: object, text: string): void };

/** What WHEP needs. The clock is the hub's, in milliseconds, so that pictures' arrival times can be compared with it. */
export type WhepOptions = {
  /** The port that all viewers share; it stays the caller's to close. */
  readonly udp: UdpPort;
  readonly mayPlay: (ticket: string, from: PeerAddress) => Promise<Verdict>;
  readonly streams: Streams;
  readonly log: Log;
  readonly clock: Clock;
};

/** WHEP as main.ts holds it. */
export type Whep = {
  /** What is asked of `/whep` and below it. */
  readonly answer: Answer;
  /** Ends a participant's sessions; gives how many. */
  disconnectViewer(viewer: string): number;
  disconnectStream(stream: string): number;
  /** Ends all sessions. */
  close(): void;
};

/** Serves viewers: draft-ietf-wish-whep over HTTP, media over one UDP port. */
export function createWhep(options: WhepOptions): Whep {
  const { streams, log, mayPlay, udp, clock } = options;
  const rings = new WeakMap<Stream, PacketRing>();

  const ringOf = (stream: Stream): PacketRing => {
    const ring = rings.get(stream) ?? createPacketRing(clock);
    rings.set(stream, ring);
    return ring;
  };

  const admit = ({ token, address }: Asked): Promise<Admitted> =>
    admitViewer(mayPlay, token, { address, protocol: "whep" }, clock);

  const endpoint = createEndpoint({
    name: "whep",
    people: "viewers",
    person: "viewer",
    limits: {
      sessions: MAX_VIEWERS,
      ofAddress: MAX_VIEWERS_PER_ADDRESS,
      connectingOfAddress: MAX_CONNECTING_PER_ADDRESS,
    },
    log,
    admit,
    async open({ offer, token, admitted, connected, ended }) {
      const stream = streams.find(admitted.stream);
      if (stream === null) throw notLive();
      const { lifetimeMs } = admitted;
      const made = { udp, clock, random: randomBytes, token, lifetimeMs };
      return openViewer(offer, { ...made, stream, ring: ringOf(stream), connected, ended });
    },
  });

  return {
    answer: endpoint.answer,
    disconnectViewer: (viewer) => endpoint.endWhere((session) => session.viewer === viewer),
    disconnectStream: (stream) => endpoint.endWhere((session) => session.stream === stream),
    close: () => void endpoint.endWhere(() => true),
  };
}
