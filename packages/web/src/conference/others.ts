import type { CallPeer } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import type { PeerView } from "./call.js";
import { NO_FIGURES } from "./link-watch.js";
import type { Mesh, MeshPeer } from "./mesh.js";
import type { Protection } from "./protection.js";
import { createSpeaking, createVoiceLevel } from "./speaking.js";

/** The others in the call as a page shows them: who is there, who speaks, how the connection to each is. */
export type Others = {
  /** All who are there now. `isSame`: their places and ours are those of before, and so are the connections. */
  are(peers: readonly CallPeer[], isSame: boolean): void;
  add(peer: CallPeer): void;
  remove(peerId: string): void;
  change(peerId: string, patch: Partial<CallPeer>): void;
  /** They have left the room: who is not in the call any more has no claim to be heard on. */
  gone(ids: readonly string[]): void;
  clear(): void;
  /** Called ten times a second. True: somebody began or ceased to speak. */
  tick(): boolean;
  /** Reads the connections' figures. True: they are others now. */
  read(): Promise<boolean>;
  views(level: Protection): readonly PeerView[];
};

const LEFTOVERS_FOR_MS = 30_000; // as long as a place is kept: who is not back then has left
const LEFTOVERS_BESIDE_MS = 2_000; // until the new voice has surely begun

/** Begins with nobody. */
export function createOthers({
  mesh,
  clock,
  isHost,
}: {
  readonly mesh: Mesh;
  readonly clock: Clock;
  readonly isHost: () => boolean;
}): Others {
  const speaking = createSpeaking();
  const levels = new Map<string, ReturnType<typeof createVoiceLevel>>();
  /** Places that the server knows no more: voices go on by their connections until new ones stand. Until when each. */
  const leftovers = new Map<string, number>();
  let speakers = "";

  function add(peer: CallPeer) {
    levels.set(peer.peerId, createVoiceLevel());
    mesh.add(peer);
  }

  function remove(peerId: string) {
    mesh.remove(peerId);
    levels.delete(peerId);
    leftovers.delete(peerId);
    speaking.forget(peerId);
  }

  /** The server was started anew, or gave our place away: all begin anew, and nobody should fall silent for it. */
  function leaveOver() {
    for (const { peer, link } of [...mesh.peers()]) {
      if (link.is() !== "connected" || leftovers.has(peer.peerId)) {
        remove(peer.peerId);
        continue;
      }
      leftovers.set(peer.peerId, clock.now() + LEFTOVERS_FOR_MS);
      mesh.change({ ...peer, isAway: true });
    }
  }

  const isBack = (id: string) =>
    [...mesh.peers()].some(
      ({ peer, link }) => peer.id === id && !leftovers.has(peer.peerId) && link.is() === "connected",
    );

  function dropLeftovers(now: number) {
    for (const [old, until] of leftovers) {
      const id = mesh.find(old)?.peer.id ?? "";
      if (now >= until) remove(old);
      else if (isBack(id)) leftovers.set(old, Math.min(until, now + LEFTOVERS_BESIDE_MS));
    }
  }

  /** One of a person's two connections is shown: the one before until the new one stands. */
  function isShown({ peer }: MeshPeer): boolean {
    if (leftovers.has(peer.peerId)) return !isBack(peer.id);
    const hasLeftover = [...leftovers.keys()].some((old) => mesh.find(old)?.peer.id === peer.id);
    return !hasLeftover || isBack(peer.id);
  }

  return {
    are(peers, isSame) {
      if (!isSame) leaveOver();
      const here = new Set(peers.map(({ peerId }) => peerId));
      for (const { peer } of [...mesh.peers()]) {
        // While nobody could tell us.
        if (!here.has(peer.peerId) && !leftovers.has(peer.peerId)) remove(peer.peerId);
      }
      for (const peer of peers) {
        const known = mesh.find(peer.peerId);
        if (known === undefined) {
          add(peer);
          continue;
        }
        mesh.change(peer);
        known.link.lineIsBack();
      }
    },
    add,
    remove,
    change(peerId, patch) {
      const known = mesh.find(peerId);
      if (known === undefined) return;
      mesh.change({ ...known.peer, ...patch });
      for (const old of leftovers.keys()) {
        const before = mesh.find(old)?.peer;
        if (before?.id !== known.peer.id) continue;
        mesh.change({ ...before, sending: known.peer.sending, isHost: known.peer.isHost });
      }
    },
    gone(ids) {
      for (const old of [...leftovers.keys()]) {
        if (ids.includes(mesh.find(old)?.peer.id ?? "")) remove(old);
      }
    },
    clear() {
      for (const { peer } of [...mesh.peers()]) remove(peer.peerId);
      speakers = "";
    },
    tick() {
      const now = clock.now();
      dropLeftovers(now);
      const speak: string[] = [];
      for (const { peer, link } of mesh.peers()) {
        link.tick();
        const [receiver] = link.incoming().receivers;
        const level = receiver === undefined ? 0 : (levels.get(peer.peerId)?.(receiver) ?? 0);
        if (peer.sending.mic) speaking.hear(peer.peerId, level, now);
        else speaking.forget(peer.peerId);
        if (speaking.isSpeaking(peer.peerId, now)) speak.push(peer.peerId);
      }
      const before = speakers;
      speakers = speak.join();
      return speakers !== before;
    },
    async read() {
      const reads = [...mesh.peers()].map(async ({ link, watch }) => {
        const peer = link.peer();
        return peer !== null && (await watch.read(peer));
      });
      return (await Promise.all(reads)).includes(true);
    },
    views: (level) =>
      [...mesh.peers()].filter(isShown).map(({ peer, link, watch }) => {
        const { voice, camera, screen } = link.incoming();
        const is = link.is();
        const { sending } = peer;
        const isForUs = !(sending.side && isHost());
        return {
          peer,
          link: { is, ...(is === "connecting" ? NO_FIGURES : watch.figures()) },
          isSpeaking: speaking.isSpeaking(peer.peerId, clock.now()),
          voice,
          camera: sending.camera && isForUs && level < 2 ? camera : null,
          screen: sending.screen && isForUs && level < 1 ? screen : null,
        };
      }),
  };
}
