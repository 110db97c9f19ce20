import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Audio as AudioMedia, PeerConnection, type Track, Video as VideoMedia } from "node-datachannel";
import { type WebSocket, WebSocketServer } from "ws";
import { freeUdpPort } from "./ports.js";
import { withDeadline } from "./wait.js";

/** A player's answer, and how it came to us. */
export type OmeAnswer = {
  /** The stream's name in the address: the ticket. */
  readonly name: string;
  /** It has asked for a relay by TCP. */
  readonly byTcp: boolean;
  readonly sdp: string;
};

/**
 * Stands in for OvenMediaEngine: its signalling on a WebSocket, as it was recorded, over a real peer that makes the
 * offer and sends a real picture and sound.
 */
export type OmeStandIn = {
  /** A stream's address. */
  url(name: string): string;
  readonly size: { readonly width: number; readonly height: number };
  readonly answers: readonly OmeAnswer[];
  /** Ends every socket without a word, as OvenMediaEngine does when the publisher has gone. */
  cut(): void;
  /** From now on who has not asked for a relay is given an address that leads nowhere. */
  blockUdp(): void;
  /** From now on every player is refused, as one whose stream is not there. */
  refuse(isRefused: boolean): void;
  close(): Promise<void>;
};

const SIZE = { width: 480, height: 270 };
const VIDEO = { type: 98, ssrc: 0x2000_0001 };
const SOUND = { type: 110, ssrc: 0x2000_0002 };
const PLAYOUT_DELAY = "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
const NOWHERE = 9; // the discard port: nothing answers there
const GATHERED_WITHIN_MS = 5_000;

/** Starts it. `iceServers` are named to players that ask for a relay. */
export async function startOmeStandIn(iceServers: readonly object[]): Promise<OmeStandIn> {
  const players = new Map<WebSocket, { readonly peer: PeerConnection; readonly tracks: readonly Track[] }>();
  const answers: OmeAnswer[] = [];
  let isUdpBlocked = false;
  let isRefused = false;
  const media = await startMedia((kind, packet) => {
    for (const { tracks } of players.values()) {
      const track = tracks[kind === "video" ? 0 : 1];
      if (track?.isOpen() === true) track.sendMessageBinary(packet);
    }
  });
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  server.on("connection", (socket, request) => {
    const address = new URL(request.url ?? "", "ws://stand-in");
    const byTcp = address.searchParams.get("transport") === "tcp";
    const id = answers.length + 1_000;
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on("close", () => {
      players.get(socket)?.peer.close();
      players.delete(socket);
    });
    socket.on("message", async (data) => {
      const message = JSON.parse(String(data));
      if (message.command === "request_offer") {
        if (isRefused) {
          say({ code: 404, error: "Cannot create offer" });
          socket.close();
          return;
        }
        const player = await makePlayer();
        players.set(socket, player);
        const { sdp, candidates } = describe(player.peer, isUdpBlocked && !byTcp);
        say({
          command: "offer",
          id,
          peer_id: 0,
          code: 200,
          sdp: { type: "offer", sdp },
          candidates,
          ...(byTcp && { iceServers }),
        });
      } else if (message.command === "answer" && message.id === id && message.peer_id === 0) {
        answers.push({ name: address.pathname.split("/").at(-1) ?? "", byTcp, sdp: message.sdp.sdp });
        players.get(socket)?.peer.setRemoteDescription(message.sdp.sdp, "answer");
        say({ command: "notification", type: "playlist", message: { renditions: [] } });
      }
    });
  });

  return {
    url: (name) => `ws://127.0.0.1:${port}/app/${name}`,
    size: SIZE,
    answers,
    cut() {
      for (const socket of players.keys()) socket.terminate();
    },
    blockUdp() {
      isUdpBlocked = true;
    },
    refuse(is) {
      isRefused = is;
    },
    async close() {
      media.end();
      for (const [socket, { peer }] of players) {
        socket.terminate();
        peer.close();
      }
      server.close();
      await once(server, "close");
    },
  };
}

async function makePlayer(): Promise<{ peer: PeerConnection; tracks: readonly Track[] }> {
  const peer = new PeerConnection("ome", {
    iceServers: [],
    bindAddress: "127.0.0.1",
    disableAutoNegotiation: true,
  });
  const video = new VideoMedia("6FCVeU", "SendOnly");
  video.addH264Codec(VIDEO.type, "packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1");
  video.addSSRC(VIDEO.ssrc, "ome", "stream", "video");
  const sound = new AudioMedia("DNOBwk", "SendOnly");
  sound.addOpusCodec(SOUND.type, "sprop-stereo=1;stereo=1;minptime=10;useinbandfec=1");
  sound.addSSRC(SOUND.ssrc, "ome", "stream", "sound");
  const tracks = [peer.addTrack(video), peer.addTrack(sound)];
  const gathered = new Promise<void>((resolve) => {
    peer.onGatheringStateChange((state) => {
      if (state === "complete") resolve();
    });
  });
  peer.setLocalDescription("offer");
  await withDeadline("the stand-in's candidates", GATHERED_WITHIN_MS, gathered);
  return { peer, tracks };
}

/** As OvenMediaEngine gives it: the candidates beside the description, the playout delay offered. */
function describe(peer: PeerConnection, isBlocked: boolean) {
  const lines = (peer.localDescription()?.sdp ?? "").split("\r\n");
  const isCandidate = (line: string) => line.startsWith("a=candidate:");
  const candidates = lines.filter(isCandidate).map((line) => ({
    candidate: line
      .slice(2)
      .replace(/^(candidate:\S+ \d+ \S+ \d+ \S+) \d+/, (whole, start) =>
        isBlocked ? `${start} ${NOWHERE}` : whole,
      ),
    sdpMLineIndex: 0,
  }));
  const sdp = lines
    .filter((line) => !isCandidate(line) && line !== "a=end-of-candidates")
    .flatMap((line) => (line === "a=mid:6FCVeU" ? [line, PLAYOUT_DELAY] : [line]))
    .join("\r\n");
  return { sdp, candidates };
}

/** A picture and a tone in RTP, a keyframe a second. */
async function startMedia(onPacket: (kind: "video" | "sound", packet: Buffer) => void) {
  const ports = { video: await freeUdpPort(), sound: await freeUdpPort() };
  const sockets = (["video", "sound"] as const).map((kind) => {
    const socket = createSocket("udp4");
    socket.bind(ports[kind], "127.0.0.1");
    socket.on("message", (packet) => onPacket(kind, packet));
    return socket;
  });
  const rtp = (kind: keyof typeof ports, { type, ssrc }: typeof VIDEO) => [
    ...["-payload_type", `${type}`, "-ssrc", `${ssrc}`, "-f", "rtp"],
    `rtp://127.0.0.1:${ports[kind]}?pkt_size=1200&rtcpport=${NOWHERE}`,
  ];
  const { width, height } = SIZE;
  const child = spawn(
    "ffmpeg",
    [
      ...["-loglevel", "error", "-re", "-f", "lavfi", "-i", `testsrc2=s=${width}x${height}:r=25`],
      ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
      ...["-map", "0:v", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", "0"],
      ...["-profile:v", "baseline", "-pix_fmt", "yuv420p", "-g", "25", "-b:v", "800k"],
      ...["-bsf:v", "dump_extra", ...rtp("video", VIDEO)],
      ...["-map", "1:a", "-c:a", "libopus", "-ac", "2", ...rtp("sound", SOUND)],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  return {
    end() {
      child.kill("SIGKILL");
      for (const socket of sockets) socket.close();
    },
  };
}
