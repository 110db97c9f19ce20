import { Audio as AudioMedia, PeerConnection, type Track, Video as VideoMedia } from "node-datachannel";
import { withDeadline } from "./wait.js";

const VIDEO = { type: 102, ssrc: 0x1000_0001 } as const;

/** An offer to publish H.264 and Opus, and the peer that made it. */
export type WhipOffer = {
  readonly sdp: string;
  readonly peer: PeerConnection;
  readonly tracks: readonly Track[];
};

/** Makes an offer; nothing is sent yet. The caller closes the peer. */
export async function makeWhipOffer(): Promise<WhipOffer> {
  const peer = new PeerConnection("publisher", { iceServers: [], disableAutoNegotiation: true });
  const video = new VideoMedia("v", "SendOnly");
  video.addH264Codec(VIDEO.type);
  video.addSSRC(VIDEO.ssrc, "publisher");
  const audio = new AudioMedia("a", "SendOnly");
  audio.addOpusCodec(111);
  audio.addSSRC(0x1000_0002, "publisher");
  const tracks = [peer.addTrack(video), peer.addTrack(audio)];
  const gathered = new Promise<void>((resolve) => {
    peer.onGatheringStateChange((state) => {
      if (state === "complete") resolve();
    });
  });
  peer.setLocalDescription("offer");
  await withDeadline("the publisher's candidates", 5_000, gathered);
  return { sdp: peer.localDescription()?.sdp ?? "", peer, tracks };
}

/** Posts an offer; gives the status, the body and where the session is. */
export async function postOffer(
  url: string,
  key: string,
  sdp: string,
): Promise<{ status: number; body: string; location: string | null }> {
  const answer = await fetch(`${url}/whip`, {
    method: "POST",
    headers: { "content-type": "application/sdp", authorization: `Bearer ${key}` },
    body: sdp,
    signal: AbortSignal.timeout(10_000),
  });
  return { status: answer.status, body: await answer.text(), location: answer.headers.get("location") };
}

/** A publisher whose packets are the test's own. */
export type WhipPublisher = {
  /** Sends RTP or RTCP as it is given; false once the association is over. */
  send(packet: Buffer): boolean;
  /** True once the engine has said goodbye: the library itself notices the end of a session only by its silence. */
  isCut(): boolean;
  close(): void;
};

/** Publishes with a key; resolves when packets can flow. */
export async function connectWhipPublisher(url: string, key: string): Promise<WhipPublisher> {
  const { sdp, peer, tracks } = await makeWhipOffer();
  const { status, body } = await postOffer(url, key, sdp);
  if (status !== 201) throw new Error(`WHIP was answered ${status}: ${body.slice(0, 300)}`);
  const [video] = tracks;
  if (video === undefined) throw new Error("no track");
  const open = new Promise<void>((resolve) => video.onOpen(() => resolve()));
  let isCut = false;
  for (const track of tracks) {
    track.onMessage((packet) => {
      if (hasGoodbye(packet)) isCut = true;
    });
  }
  peer.setRemoteDescription(body, "answer");
  await withDeadline("the publisher's connection", 15_000, open);
  return {
    send: (packet) => video.isOpen() && video.sendMessageBinary(packet),
    isCut: () => isCut,
    close() {
      for (const track of tracks) track.close();
      peer.close();
    },
  };
}

/** RFC 3550 §6.6: a BYE among the parts of an RTCP packet. */
function hasGoodbye(packet: Buffer): boolean {
  for (let at = 0; at + 4 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
    if (packet[at + 1] === 203) return true;
  }
  return false;
}

/** An RTP packet of the publisher's picture with any payload (RFC 3550 §5.1). */
export function videoPacket(sequence: number, timestamp: number, marker: boolean, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = VIDEO.type | (marker ? 0x80 : 0);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(VIDEO.ssrc, 8);
  return Buffer.concat([header, payload]);
}
