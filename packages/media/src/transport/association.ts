import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../hub/clock.js";
import { RequestProblem } from "../net/http/problem.js";
import type { OfferedTransport } from "../wire/rtp/negotiation.js";
import { parseSdp } from "../wire/rtp/sdp.js";
import type { Peer } from "./peer.js";
import type { UdpPort } from "./udp-port.js";

/** A peer that was answered connects within this, or is let go. */
const CONNECT_MS = 10_000;

/** Node's timers fire at once beyond this: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What an association is made with. */
export type AssociationOptions = {
  readonly udp: UdpPort;
  readonly clock: Clock;
  readonly random: (bytes: number) => Buffer;
  /** The bearer token that made it: only who shows it may change or end it. */
  readonly token: string;
  /** When it ends whatever is on; null: it does not. */
  readonly lifetimeMs: number | null;
};

/** What an association tells. */
export type AssociationCallbacks = {
  connected(): void;
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  /** It is over, whoever ended it. Called once; a goodbye can still be sent, unless the peer has gone. */
  closing(): void;
  /** Called after that when it was not ended by `close`. */
  ended(reason: string): void;
};

/** One peer and the HTTP resource that stands for it: what a WHIP or WHEP `Location` names. */
export type Association = {
  readonly peer: Peer;
  readonly etag: string;
  /** True for the token that made it. Takes the same time whatever is asked. */
  isOwner(token: string): boolean;
  /** Takes trickled candidates; throws a `RequestProblem` for what cannot be done. */
  patch(fragment: string): void;
  /** Ends it and says why by `ended`. */
  end(reason: string): void;
  close(): void;
};

const hashOf = (token: string) => createHash("sha256").update(token).digest();

/** Opens an association to who made the offer. Throws `RequestProblem` when the engine has no transport to give. */
export async function associate(
  offered: OfferedTransport,
  ssrcs: readonly number[],
  options: AssociationOptions,
  callbacks: AssociationCallbacks,
): Promise<Association> {
  const { udp, clock, random } = options;
  const hash = hashOf(options.token);
  const stops: (() => void)[] = [];
  let stopConnecting: (() => void) | null = null;
  let isOpen = true;
  let peer: Peer | null = null;

  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    for (const stop of stops) stop();
    callbacks.closing();
    peer?.close();
  };
  const end = (reason: string) => {
    if (!isOpen) return;
    close();
    callbacks.ended(reason);
  };

  const connected = await udp.connect(offered, ssrcs, {
    connected() {
      stopConnecting?.();
      callbacks.connected();
    },
    gone: end,
    rtp: callbacks.rtp,
    rtcp: callbacks.rtcp,
  });
  if (connected === null) {
    const again = { "retry-after": "1" };
    throw new RequestProblem(503, "no_transport", "the engine could not open a transport", again);
  }
  peer = connected;
  stopConnecting = clock.after(CONNECT_MS, () => end("not connected within 10 s"));
  stops.push(stopConnecting);
  if (options.lifetimeMs !== null) {
    stops.push(clock.after(Math.min(options.lifetimeMs, MAX_TIMER_MS), () => end("its time is over")));
  }

  return {
    peer: connected,
    etag: `"${random(9).toString("base64url")}"`,
    isOwner: (token) => timingSafeEqual(hash, hashOf(token)),
    patch(fragment) {
      const { iceUfrag, candidates } = parseFragment(fragment);
      if (iceUfrag !== null && iceUfrag !== offered.iceUfrag) {
        // RFC 9725 §4.3.3 lets a server do so.
        const message = "ICE restart is not possible here: DELETE this session and POST a new offer";
        throw new RequestProblem(422, "ice_restart_unsupported", message);
      }
      for (const candidate of candidates) connected.addCandidate(candidate);
    },
    end,
    close,
  };
}

/** RFC 8840 §9: a fragment is an SDP without its session part; m-lines need not be there. */
function parseFragment(fragment: string): { iceUfrag: string | null; candidates: readonly string[] } {
  const attributes = fragment
    .split(/\r?\n/)
    .filter((line) => line.startsWith("a=ice-") || line.startsWith("a=candidate:"));
  const lines = ["v=0", "m=video 9 UDP/TLS/RTP/SAVPF 0", ...attributes];
  const [media] = parseSdp(lines.join("\n")).media;
  return { iceUfrag: media?.iceUfrag ?? null, candidates: media?.candidates ?? [] };
}
