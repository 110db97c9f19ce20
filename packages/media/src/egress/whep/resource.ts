import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../hub/clock.js";
import type { Stream } from "../../hub/stream.js";
import { RequestProblem } from "../../net/http/problem.js";
import type { Peer } from "../../transport/peer.js";
import type { UdpPort } from "../../transport/udp-port.js";
import type { SessionDescription } from "../../wire/rtp/sdp.js";
import { parseSdp } from "../../wire/rtp/sdp.js";
import { writeSdp } from "../../wire/rtp/sdp-write.js";
import { answerTo, negotiate } from "./negotiate.js";
import type { PacketRing } from "./packet-ring.js";
import { createViewer, type Viewer } from "./viewer.js";

/** A viewer that was answered connects within this, or is let go. */
const CONNECT_MS = 10_000;

/** Why a resource ended, and who is told. */
export type ResourceOptions = {
  readonly stream: Stream;
  readonly ring: PacketRing;
  readonly udp: UdpPort;
  readonly clock: Clock;
  readonly random: (bytes: number) => Buffer;
  readonly ticket: string;
  readonly lifetimeMs: number | null;
  ended(reason: string): void;
  connected(): void;
};

/** One WHEP session: what a `Location` names. */
export type Resource = {
  readonly answer: string;
  readonly etag: string;
  /** True for the ticket that made it. Takes the same time whatever is asked. */
  isOwner(ticket: string): boolean;
  /** Takes trickled candidates; throws a `RequestProblem` for what cannot be done. */
  patch(fragment: string): void;
  close(): void;
};

const hashOf = (ticket: string) => createHash("sha256").update(ticket).digest();

/** Answers an offer with a peer that is ready to be connected to. */
export async function openResource(offer: SessionDescription, options: ResourceOptions): Promise<Resource> {
  const { stream, ring, udp, clock, random } = options;
  const format = stream.videoFormat();
  if (format === null) throw notLive();
  const randomU32 = () => random(4).readUInt32BE();
  const agreed = negotiate(offer, format, {
    video: randomU32(),
    rtx: randomU32(),
    audio: randomU32(),
  });
  if ("code" in agreed) {
    throw agreed.code === "bad-offer"
      ? new RequestProblem(400, "bad_offer", agreed.message)
      : new RequestProblem(406, "no_common_codec", agreed.message);
  }
  const { transport } = agreed;
  const { iceUfrag, icePwd, fingerprint } = transport;
  if (iceUfrag === null || icePwd === null || fingerprint === null)
    throw new Error("agreed without transport");
  const setup = transport.setup ?? "actpass";
  if (setup === "holdconn") throw new RequestProblem(400, "bad_offer", "setup:holdconn cannot be answered");

  const cname = random(9).toString("base64url");
  const hash = hashOf(options.ticket);
  let isOpen = true;
  let viewer: Viewer | null = null;
  let peer: Peer | null = null;
  const stops: (() => void)[] = [];
  let stopConnecting: (() => void) | null = null;

  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    for (const stop of stops) stop();
    viewer?.close();
    peer?.close();
  };
  const end = (reason: string) => {
    if (!isOpen) return;
    close();
    options.ended(reason);
  };

  const tracks = [agreed.video.track, ...(agreed.audio === null ? [] : [agreed.audio.track])];
  const remote = { iceUfrag, icePwd, fingerprint, setup, candidates: transport.candidates };
  const connected = await udp.connect(
    remote,
    tracks.flatMap(({ ssrc, rtx }) => (rtx === null ? [ssrc] : [ssrc, rtx.ssrc])),
    {
      connected() {
        stopConnecting?.();
        options.connected();
        viewer?.start();
      },
      gone: end,
      rtp: () => undefined,
      rtcp: (packet) => viewer?.rtcp(packet),
    },
  );
  if (connected === null) throw noTransport();
  peer = connected;
  viewer = createViewer(
    { stream, ring, peer: connected },
    {
      codec: format.codec,
      video: agreed.video.track,
      audio: agreed.audio?.track ?? null,
      cname,
    },
    { clock, randomU32 },
    { ended: end },
  );
  stopConnecting = clock.after(CONNECT_MS, () => end("not connected within 10 s"));
  stops.push(stopConnecting);
  if (options.lifetimeMs !== null) {
    stops.push(clock.after(Math.min(options.lifetimeMs, 2 ** 31 - 1), () => end("its time is over")));
  }

  return {
    answer: writeSdp(answerTo(offer, agreed, connected.local, cname), random(4).readUInt32BE()),
    etag: `"${random(9).toString("base64url")}"`,
    isOwner: (ticket) => timingSafeEqual(hash, hashOf(ticket)),
    patch(fragment) {
      const { iceUfrag: ufrag, candidates } = parseFragment(fragment);
      if (ufrag !== null && ufrag !== iceUfrag) {
        const message = "ICE restart is not possible here: DELETE this session and POST a new offer";
        throw new RequestProblem(422, "ice_restart_unsupported", message);
      }
      for (const candidate of candidates) connected.addCandidate(candidate);
    },
    close,
  };
}

/** There is nothing to watch yet; the viewer asks again. */
export function notLive(): RequestProblem {
  return new RequestProblem(409, "not_live", "the stream is not live", { "retry-after": "1" });
}

function noTransport(): RequestProblem {
  return new RequestProblem(503, "no_transport", "the engine could not open a transport", {
    "retry-after": "1",
  });
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
