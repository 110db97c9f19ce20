import type { CallPeer, IceServers, Signal, Wants } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import { createLink, type Link } from "./link.js";
import { createLinkWatch, type LinkWatch } from "./link-watch.js";
import type { Protection } from "./protection.js";

/** What is sent to everybody who may have it. */
export type Own = {
  readonly mic: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  /** To nobody who hosts the room. */
  readonly side: boolean;
};

/** One of the others and the connection to them. */
export type MeshPeer = {
  peer: CallPeer;
  readonly link: Link;
  readonly watch: LinkWatch;
  /** What they want of us. */
  wants: Wants;
};

/** What the mesh needs. */
export type MeshPorts = {
  readonly clock: Clock;
  readonly self: () => string;
  readonly ice: () => IceServers;
  readonly isLineUp: () => boolean;
  readonly isHost: () => boolean;
  readonly signal: (to: string, signal: Signal) => boolean;
  readonly onChange: () => void;
};

/** The connections to all the others. */
export type Mesh = {
  peers(): Iterable<MeshPeer>;
  find(peerId: string): MeshPeer | undefined;
  add(peer: CallPeer): void;
  /** They are not as they were: what they may get and what of theirs is played follows at once. */
  change(peer: CallPeer): void;
  wants(peerId: string, wants: Wants): void;
  remove(peerId: string): void;
  /** Resolves when it goes out to all. */
  send(own: Own): Promise<void>;
  protect(level: Protection): void;
  clear(): void;
};

const CAMERAS_KBPS = 600; // to all the others together
const CAMERA_KBPS = 250; // to one
const SCREENS_KBPS = 1_200;
const SCREEN_KBPS = 300;
const ALL = { camera: true, screen: true } as const;

/** Begins with nobody. */
export function createMesh(ports: MeshPorts): Mesh {
  const peers = new Map<string, MeshPeer>();
  let own: Own = { mic: null, camera: null, screen: null, side: false };
  let level: Protection = 0;

  /** The client's side talks among itself: whoever hosts the room gets nothing of it. */
  function outgoingTo({ peer, wants }: MeshPeer) {
    const isCut = own.side && peer.isHost;
    const share = Math.max(1, peers.size);
    const isHalved = level > 0 || wants.small === true; // our line is busy, or theirs
    return {
      mic: isCut ? null : own.mic,
      camera: isCut || !wants.camera ? null : own.camera,
      screen: isCut || !wants.screen ? null : own.screen,
      cameraKbps: Math.floor(Math.min(CAMERA_KBPS, CAMERAS_KBPS / share) / (isHalved ? 2 : 1)),
      screenKbps: Math.floor(Math.min(SCREEN_KBPS, SCREENS_KBPS / share)),
    };
  }

  /** What they say they do not send is not played, whatever comes: so a host's mute is everybody's to enforce. */
  function listen({ peer, link }: MeshPeer) {
    const isForUs = !(peer.sending.side && ports.isHost());
    const { voice, camera, screen } = link.incoming();
    const play = (stream: MediaStream, isOn: boolean) => {
      for (const track of stream.getTracks()) track.enabled = isOn && isForUs;
    };
    play(voice, peer.sending.mic);
    play(camera, peer.sending.camera);
    play(screen, peer.sending.screen);
  }

  async function sendAll() {
    // Whoever is to get nothing more is first.
    const order = [...peers.values()].sort((a, b) => Number(b.peer.isHost) - Number(a.peer.isHost));
    await Promise.all(order.map((one) => one.link.send(outgoingTo(one))));
  }

  function remove(peerId: string) {
    peers.get(peerId)?.link.close();
    peers.delete(peerId);
  }

  return {
    peers: () => peers.values(),
    find: (peerId) => peers.get(peerId),
    add(peer) {
      remove(peer.peerId);
      const link = createLink({
        clock: ports.clock,
        isOfferer: ports.self() > peer.peerId,
        ice: ports.ice,
        signal: (signal) => ports.signal(peer.peerId, signal),
        isReachable: () => ports.isLineUp() && peers.get(peer.peerId)?.peer.isAway === false,
        onChange: () => {
          const mine = peers.get(peer.peerId);
          if (mine !== undefined) listen(mine);
          ports.onChange();
        },
      });
      const mine: MeshPeer = { peer, link, watch: createLinkWatch(), wants: ALL };
      peers.set(peer.peerId, mine);
      listen(mine);
      void sendAll(); // one more shares the line
    },
    change(peer) {
      const mine = peers.get(peer.peerId);
      if (mine === undefined) return;
      const wasAway = mine.peer.isAway;
      mine.peer = peer;
      void sendAll();
      listen(mine);
      if (wasAway && !peer.isAway) mine.link.lineIsBack();
    },
    wants(peerId, wants) {
      const mine = peers.get(peerId);
      if (mine === undefined) return;
      mine.wants = wants;
      void mine.link.send(outgoingTo(mine));
    },
    remove(peerId) {
      remove(peerId);
      void sendAll();
    },
    send(next) {
      own = next;
      return sendAll();
    },
    protect(next) {
      level = next;
      void sendAll();
    },
    clear() {
      for (const peerId of [...peers.keys()]) remove(peerId);
    },
  };
}
