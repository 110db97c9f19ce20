import type { BrowserContext, Page } from "@playwright/test";
import type { Colour } from "./conference-devices.js";

/** What has come over one of a link's three media sections so far. */
export type Received = {
  readonly bytes: number;
  readonly packets: number;
  readonly framesDecoded: number;
};

/** One connection of the call, as the browser's own counters tell it. */
export type CallLink = {
  /** Whose voice comes over it; null while the page plays none. */
  readonly name: string | null;
  readonly state: RTCPeerConnectionState;
  readonly transceivers: number;
  /** The numbers behind `o=` of both descriptions (RFC 8866 §5.2): another offer has another. */
  readonly versions: string;
  /** Microphone, camera, screen. */
  readonly received: readonly Received[];
  /** Of our own candidate in the pair that is in use: `relay` is a TURN server's, by `udp` or `tcp` to it. */
  readonly path: { readonly type: string; readonly relayProtocol: string | null } | null;
};

/** What the programme's receiver counts of the picture. */
export type ProgrammeCounts = {
  readonly bytes: number;
  readonly packetsLost: number;
  readonly framesReceived: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly freezeCount: number;
};

/** A tone that a page hears from somebody; 0 Hz for silence. */
export type Heard = Readonly<Record<string, number>>;

/** By which way the call's connections may go: none but a relay, by UDP or TCP to it. */
export type ForcedRelay = "udp" | "tcp";

type CallWindow = Window & {
  __callPeers: RTCPeerConnection[];
  __callEars: { context: AudioContext; ears: WeakMap<MediaStreamTrack, AnalyserNode> };
};

const SECTIONS = 3; // microphone, camera, screen: what tells the call's connections from the programme's

/** Keeps every connection that the pages of this context make. Must come before the pages are opened. */
export async function watchCalls(
  context: BrowserContext,
  forcedRelay: ForcedRelay | null = null,
): Promise<void> {
  await context.addInitScript((relay) => {
    const peers: RTCPeerConnection[] = [];
    (window as unknown as CallWindow).__callPeers = peers;
    const Plain = window.RTCPeerConnection;
    const asForced = (configuration?: RTCConfiguration): RTCConfiguration | undefined => {
      const urls = (server: RTCIceServer) => [server.urls].flat();
      const turn = (configuration?.iceServers ?? [])
        .map((server) => ({ ...server, urls: urls(server).filter((url) => /^turns?:/.test(url)) }))
        .filter((server) => server.urls.length > 0);
      if (relay === null || turn.length === 0) return configuration; // the programme's, which gets no relay of ours
      const iceServers = turn.map((server) => ({
        ...server,
        urls: server.urls.filter((url) => /transport=tcp/.test(url) === (relay === "tcp")),
      }));
      return { ...configuration, iceServers, iceTransportPolicy: "relay" };
    };
    window.RTCPeerConnection = class extends Plain {
      constructor(configuration?: RTCConfiguration) {
        super(asForced(configuration));
        peers.push(this);
      }
      override setConfiguration(configuration?: RTCConfiguration): void {
        super.setConfiguration(asForced(configuration));
      }
    };
  }, forcedRelay);
}

/**
 * The pages of this context are not told of pictures that froze or were dropped because the tests' own coders had the
 * processor: they would do without cameras, as they should. What the line loses they are still told.
 */
export async function hideBusyMachine(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const plain = RTCPeerConnection.prototype.getStats;
    RTCPeerConnection.prototype.getStats = async function getStats(this: RTCPeerConnection, selector) {
      const reports = [...(await plain.call(this, selector))];
      return new Map(
        reports.map(([id, one]) => [
          id,
          "freezeCount" in one ? { ...one, freezeCount: 0, framesDropped: 0 } : one,
        ]),
      ) as unknown as RTCStatsReport;
    };
  });
}

/** Every connection of the call that this page has, in the order they were made. */
export function callLinks(page: Page): Promise<CallLink[]> {
  return page.evaluate(async (sections) => {
    const links: CallLink[] = [];
    const voices = [...document.querySelectorAll<HTMLMediaElement>("[data-testid=peer-voice]")];
    for (const peer of (window as unknown as CallWindow).__callPeers) {
      const transceivers = peer.getTransceivers();
      if (peer.signalingState === "closed" || transceivers.length < sections) continue;
      const reports = [...(await peer.getStats()).values()];
      const received = transceivers.map(({ mid, receiver }) => {
        const one = reports.find((report) => report.type === "inbound-rtp" && report.mid === mid);
        return {
          bytes: one?.bytesReceived ?? 0,
          packets: one?.packetsReceived ?? 0,
          framesDecoded: one?.framesDecoded ?? 0,
          track: receiver.track,
        };
      });
      const mine = voices.find(({ srcObject }) => {
        return (
          srcObject instanceof MediaStream &&
          srcObject.getTracks().some(({ id }) => id === received[0]?.track.id)
        );
      });
      const transport = reports.find((report) => report.type === "transport");
      const pair = reports.find((report) => report.id === transport?.selectedCandidatePairId);
      const local = reports.find((report) => report.id === pair?.localCandidateId);
      const version = (sdp: RTCSessionDescription | null) =>
        /^o=\S+ \S+ \d+/m.exec(sdp?.sdp ?? "")?.[0] ?? "";
      links.push({
        name: mine?.dataset["name"] ?? null,
        state: peer.connectionState,
        transceivers: transceivers.length,
        versions: `${version(peer.localDescription)} ${version(peer.remoteDescription)}`,
        received: received.map(({ track: _, ...counts }) => counts),
        path:
          local === undefined
            ? null
            : { type: local.candidateType, relayProtocol: local.relayProtocol ?? null },
      });
    }
    return links;
  }, SECTIONS);
}

/** The programme's counters, over all connections that the page has had for it. */
export function programmeCounts(page: Page): Promise<ProgrammeCounts> {
  return page.evaluate(async (sections) => {
    const counts = {
      bytes: 0,
      packetsLost: 0,
      framesReceived: 0,
      framesDecoded: 0,
      framesDropped: 0,
      freezeCount: 0,
    };
    for (const peer of (window as unknown as CallWindow).__callPeers) {
      if (peer.getTransceivers().length >= sections) continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
        counts.bytes += report.bytesReceived - (report.retransmittedBytesReceived ?? 0);
        counts.packetsLost += report.packetsLost;
        counts.framesReceived += report.framesReceived;
        counts.framesDecoded += report.framesDecoded;
        counts.framesDropped += report.framesDropped ?? 0;
        counts.freezeCount += report.freezeCount ?? 0;
      }
    }
    return counts;
  }, SECTIONS);
}

/** The loudest tone of everybody whom the page plays, by name: the sound as it goes to the loudspeaker. */
export function hearPeople(page: Page): Promise<Heard> {
  return page.evaluate(async () => {
    const here = window as unknown as CallWindow;
    here.__callEars ??= { context: new AudioContext({ sampleRate: 48_000 }), ears: new WeakMap() };
    const { context, ears } = here.__callEars;
    void context.resume();
    const voices = [...document.querySelectorAll<HTMLMediaElement>("[data-testid=peer-voice]")].flatMap(
      (element) => {
        const track =
          element.srcObject instanceof MediaStream ? element.srcObject.getAudioTracks()[0] : undefined;
        if (track === undefined) return [];
        let ear = ears.get(track);
        if (ear === undefined) {
          ear = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 }); // 5.9 Hz a bin, 171 ms
          context.createMediaStreamSource(new MediaStream([track])).connect(ear);
          ears.set(track, ear);
        }
        return [{ name: element.dataset["name"] ?? "", isPlayed: !element.muted && !element.paused, ear }];
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 250)); // the newest 171 ms are after the question
    const heard: Record<string, number> = {};
    for (const { name, isPlayed, ear } of voices) {
      const levels = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(levels);
      let loudest = 1;
      for (let bin = 1; bin < levels.length; bin += 1)
        if ((levels[bin] ?? -1000) > (levels[loudest] ?? -1000)) loudest = bin;
      const isSilent = !isPlayed || (levels[loudest] ?? -1000) < -70;
      heard[name] = isSilent ? 0 : (loudest * context.sampleRate) / ear.fftSize;
    }
    return heard;
  });
}

/** The mean colour of everybody whose camera the page shows, by name. */
export function seePeople(page: Page): Promise<Readonly<Record<string, Colour>>> {
  return page.evaluate(() => {
    const colours: Record<string, Colour> = {};
    const canvas = new OffscreenCanvas(8, 8);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("no 2d canvas");
    for (const tile of document.querySelectorAll<HTMLElement>("[data-testid=tile]")) {
      const video = tile.querySelector<HTMLVideoElement>("video[data-testid=tile-video]");
      if (video === null || video.videoWidth === 0) continue;
      // The middle: at the upper edge a mark runs.
      const { videoWidth: width, videoHeight: height } = video;
      context.drawImage(video, width / 4, height / 4, width / 2, height / 2, 0, 0, 8, 8);
      const { data } = context.getImageData(0, 0, 8, 8);
      const mean = (channel: number) => {
        let sum = 0;
        for (let at = channel; at < data.length; at += 4) sum += data[at] ?? 0;
        return Math.round(sum / 64);
      };
      colours[tile.dataset["name"] ?? ""] = [mean(0), mean(1), mean(2)];
    }
    return colours;
  });
}

/** Whether a colour is this one after a coder at a few kilobits has had it. */
export function isColour(seen: Colour | undefined, wanted: Colour): boolean {
  return seen?.every((value, channel) => Math.abs(value - (wanted[channel] ?? 0)) < 40) === true;
}

/** Whether what is heard is this tone: a bin of the analyser is 5.9 Hz wide. */
export function isTone(heard: number | undefined, hertz: number): boolean {
  return heard !== undefined && Math.abs(heard - hertz) < 9;
}
