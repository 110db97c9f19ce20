import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "../hub/clock.js";
import { hostCandidate } from "./candidate.js";
import { connectPeer, holdUdpPort, type Peer, type PeerCallbacks, type RemoteTransport } from "./peer.js";

/** Where WebRTC listens and what it calls itself. */
export type UdpPortSettings = {
  readonly firstPort: number;
  readonly lastPort: number;
  readonly publicAddress: string | null;
  readonly bindAddress: string | null;
};

/** The one UDP port that all viewers share. */
export type UdpPort = {
  readonly port: number;
  connect(remote: RemoteTransport, ssrcs: readonly number[], callbacks: PeerCallbacks): Promise<Peer | null>;
  close(): void;
};

/** Takes the first free port of the range, any free one when it begins with 0; throws when there is none. */
export async function openUdpPort(settings: UdpPortSettings, clock: Clock): Promise<UdpPort> {
  const { publicAddress, bindAddress } = settings;
  const announced = publicAddress === null ? null : await addressOf(publicAddress);
  const { port, release } =
    settings.firstPort === 0 ? await holdAnyFree(bindAddress) : holdFirstFree(settings);
  return {
    port,
    async connect(remote, ssrcs, callbacks) {
      const peer = await connectPeer({ port, bindAddress }, remote, ssrcs, callbacks, clock);
      if (peer === null) return null;
      const candidates = announce(peer.local.candidates, announced, port);
      return { ...peer, local: { ...peer.local, candidates } };
    },
    close: release,
  };
}

function holdFirstFree(settings: UdpPortSettings): { port: number; release(): void } {
  const { firstPort, lastPort, bindAddress } = settings;
  let last: unknown = null;
  for (let port = firstPort; port <= lastPort; port += 1) {
    try {
      return { port, release: holdUdpPort(port, bindAddress).release };
    } catch (error) {
      last = error;
    }
  }
  const at = bindAddress ?? "all addresses";
  throw new Error(`no free UDP port from ${firstPort} to ${lastPort} on ${at}`, { cause: last });
}

/** The library cannot be asked which port it was given: the system is asked for one first. */
async function holdAnyFree(bindAddress: string | null): Promise<{ port: number; release(): void }> {
  const socket = createSocket("udp4");
  const port = await new Promise<number>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, bindAddress ?? "0.0.0.0", () => resolve(socket.address().port));
  });
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return holdFirstFree({ firstPort: port, lastPort: port, publicAddress: null, bindAddress });
}

/** Browsers are given an address, not a name: not all of them look names up in candidates. */
async function addressOf(nameOrAddress: string): Promise<string> {
  return isIP(nameOrAddress) === 0 ? (await lookup(nameOrAddress)).address : nameOrAddress;
}

/** The public address in place of the machine's own; loopback where the machine has no other. */
function announce(own: readonly string[], announced: string | null, port: number): readonly string[] {
  if (announced !== null) return [hostCandidate(announced, port)];
  return own.length > 0 ? own : [hostCandidate("127.0.0.1", port)];
}
