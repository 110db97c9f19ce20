import type { CallEnd, CallPeer, IceServers, Sending, ServerMessage } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import type { Line } from "../live/line.js";
import type { DeviceProblem, Devices } from "./devices.js";
import { createLevelMeter, type LevelMeter } from "./level-meter.js";
import { createMesh, type MeshPeer } from "./mesh.js";
import { createOwnDevice, type OwnDevice } from "./own-device.js";
import type { Protection } from "./protection.js";
import { createSpeaking, createVoiceLevel } from "./speaking.js";

/** How the connection to one of the others is. `relay`: through a TURN server. */
export type LinkView = {
  readonly is: "connecting" | "connected" | "interrupted";
  readonly way: "direct" | "relay" | null;
  /** Lost of what they sent, over the last seconds; null: nothing was to come. */
  readonly lossPercent: number | null;
  readonly rttMs: number | null;
};

/** Somebody else in the call. */
export type PeerView = {
  readonly peer: CallPeer;
  readonly link: LinkView;
  readonly isSpeaking: boolean;
  /** Null while they send none, or we asked for none. Each stays the same object as long as the connection does. */
  readonly voice: MediaStream;
  readonly camera: MediaStream | null;
  readonly screen: MediaStream | null;
};

/** Our own part. */
export type SelfView = {
  readonly sending: Sending;
  readonly isSpeaking: boolean;
  /** The microphone is open and nothing at all has come from it for 4 s. */
  readonly isSilent: boolean;
  readonly camera: MediaStream | null;
  readonly screen: MediaStream | null;
  /** Why a device did not open; null: none was refused. */
  readonly problem: { readonly device: "mic" | "camera" | "screen"; readonly why: DeviceProblem } | null;
};

/** The call as a page shows it. */
export type CallView = {
  readonly is: "out" | "joining" | "in";
  /** Why we are out; null: never in, or by our own will. */
  readonly ended: CallEnd | null;
  /** The connection to the server is away; the voices go on. */
  readonly isAway: boolean;
  readonly self: SelfView;
  readonly peers: readonly PeerView[];
  readonly protection: Protection;
  /** Another person's microphone is heard now: the programme steps back. */
  readonly isSomebodySpeaking: boolean;
  /** A host closed our microphone: their name, until we open it again. */
  readonly mutedBy: string | null;
};

/** A talk button that is not on the page was pressed. */
export type RemotePress = {
  readonly press: "down" | "up" | "toggle" | "mute";
  readonly forMs: number;
  readonly by: string;
};

/** The room's call in this page: a connection to each of the others, sound and pictures both ways. No React. */
export type Call = {
  view(): CallView;
  subscribe(listener: () => void): () => void;
  /** Joins and listens: opens no device and asks for none. */
  join(): void;
  leave(): void;
  /** Resolves once the microphone is open, or is refused (`self.problem`). */
  setMic(isOn: boolean): Promise<void>;
  setCamera(isOn: boolean): Promise<void>;
  setScreen(isOn: boolean): Promise<void>;
  /** From now on what we say goes to the client's side alone. */
  setSide(isOn: boolean): void;
  /** The device of that kind was chosen or taken away: what is open moves over without anybody hearing a gap. */
  useDevice(kind: "mic" | "camera", deviceId: string | null): Promise<void>;
  /**
   * Whether the microphone, once it was opened, stays open and silent between two talks: so that push-to-talk loses no
   * syllable. Else it is closed half a minute after the last word, and the browser's recording light goes out.
   */
  keepMicReady(isKept: boolean): void;
  /** What the programme needs of the line: see `protection.ts`. */
  protect(level: Protection): void;
  /** Told of buttons elsewhere; whoever listens opens and closes the microphone. */
  onRemotePress(listener: (press: RemotePress) => void): () => void;
  /** The addresses or the network changed. */
  networkChanged(): void;
  close(): void;
};

/** What the call needs from its page. */
export type CallPorts = {
  readonly line: Line;
  readonly devices: Devices;
  readonly clock: Clock;
  /** Whether we host the room: then the client's side says nothing to us. */
  readonly isHost: () => boolean;
  /** The wall clock: it runs while the machine sleeps, as `clock` need not. */
  readonly wallNow?: () => number;
};

type Place =
  | { readonly is: "out"; readonly ended: CallEnd | null }
  | { readonly is: "joining" }
  | { readonly is: "in" };

const TICK_MS = 100; // how often speaking is looked at, and the connections' deadlines
const STATS_EVERY_MS = 2_000;
const JOIN_AGAIN_MS = 8_000;
const SLEPT_MS = 5_000; // the machine was away: what it was connected by may be gone
const MIC_READY_MS = 30_000; // then the browser's recording light goes out, and the next talk opens it anew
const SILENT_FOR_MS = 4_000;
const SILENT_DBFS = -65; // no room is so quiet: the microphone is muted at its own switch, or it is the wrong one
const ICE_AGAIN_AT = 0.8; // of the time that the credentials hold

const NOT_SENDING: Sending = { mic: false, camera: false, screen: false, side: false };
const NOT_KNOWN: Pick<LinkView, "way" | "lossPercent" | "rttMs"> = {
  way: null,
  lossPercent: null,
  rttMs: null,
};

/** Is out at first. */
export function createCall({ line, devices, clock, isHost, wallNow = Date.now }: CallPorts): Call {
  const listeners = new Set<() => void>();
  const pressListeners = new Set<(press: RemotePress) => void>();
  const speaking = createSpeaking();
  const levels = new Map<string, ReturnType<typeof createVoiceLevel>>();
  let cached: CallView | null = null;
  let place: Place = { is: "out", ended: null };
  let resume: string | null = null;
  let self = "";
  let ice: IceServers = [];
  let protection: Protection = 0;
  let side = false;
  let said = NOT_SENDING;
  let mutedBy: string | null = null;
  let problem: SelfView["problem"] = null;
  let isMicKept = false;
  let meter: { of: MediaStreamTrack; meter: LevelMeter } | null = null;
  let loudAt = 0;
  let isSilent = false;
  let previews: Partial<Record<"camera" | "screen", MediaStream>> = {};
  let shownSpeaking = "";
  let askedToJoinAt = Number.POSITIVE_INFINITY; // no answer is awaited
  let askedIceAt = Number.POSITIVE_INFINITY;
  let statsAt = 0;
  let tickedAt = clock.now();
  let tickedWallAt = wallNow();
  let cancelTick: (() => void) | null = null;

  const mesh = createMesh({
    clock,
    self: () => self,
    ice: () => ice,
    isLineUp: () => line.isUp(),
    isHost,
    signal: (to, signal) => line.say({ type: "call.signal", to, signal }),
    onChange: changed,
  });

  const own = {
    mic: ownDevice("mic", devices.openMic, () => (isMicKept ? Number.POSITIVE_INFINITY : MIC_READY_MS)),
    camera: ownDevice("camera", devices.openCamera, () => 0),
    screen: ownDevice("screen", devices.openScreen, () => 0),
  };

  function ownDevice(
    device: "mic" | "camera" | "screen",
    open: (deviceId: string | null) => Promise<MediaStreamTrack>,
    readyForMs: () => number,
  ) {
    return createOwnDevice({
      clock,
      open,
      readyForMs,
      onChange: ownChanged,
      onProblem(why) {
        if (why !== null) problem = { device, why };
        else if (problem?.device === device) problem = null;
        changed();
      },
    });
  }

  function changed() {
    cached = null;
    for (const listener of [...listeners]) listener();
  }

  /** What of ours goes out is another: the others are told, and get it. */
  function ownChanged(): Promise<void> {
    const tracks = { mic: own.mic.track(), camera: own.camera.track(), screen: own.screen.track() };
    const sent = mesh.send({ ...tracks, side });
    sayAndShow();
    return sent;
  }

  function sayAndShow() {
    const { mic, camera, screen } = own;
    const sending = {
      mic: mic.track() !== null,
      camera: camera.track() !== null,
      screen: screen.track() !== null,
      side,
    };
    const isNew = JSON.stringify(sending) !== JSON.stringify(said);
    said = sending;
    if (isNew && place.is === "in") line.say({ type: "call.sending", sending });
    previews = { ...preview("camera"), ...preview("screen") };
    measureMic(mic.track());
    changed();
  }

  function preview(kind: "camera" | "screen"): typeof previews {
    const track = own[kind].track();
    if (track === null) return {};
    const before = previews[kind];
    return { [kind]: before?.getTracks()[0] === track ? before : new MediaStream([track]) };
  }

  function measureMic(track: MediaStreamTrack | null) {
    if (meter?.of === track) return;
    meter?.meter.close();
    meter = null;
    isSilent = false;
    speaking.forget(self);
    if (track === null) return;
    loudAt = clock.now();
    const measured = createLevelMeter(track, ({ dbfs }) => {
      const now = clock.now();
      if (dbfs > SILENT_DBFS) loudAt = now;
      speaking.hear(self, 10 ** (dbfs / 20), now);
      const wasSilent = isSilent;
      isSilent = now - loudAt > SILENT_FOR_MS;
      if (wasSilent !== isSilent) changed();
    });
    meter = { of: track, meter: measured };
  }

  function sayJoin() {
    if (place.is === "out") return;
    askedToJoinAt = clock.now();
    line.say({ type: "call.join", resume });
  }

  function want(peerId: string) {
    line.say({ type: "call.want", to: peerId, camera: protection < 2, screen: protection < 1 });
  }

  function tick() {
    cancelTick = clock.after(TICK_MS, tick);
    const now = clock.now();
    const wall = wallNow();
    const hasSlept = now - tickedAt > SLEPT_MS || wall - tickedWallAt > SLEPT_MS;
    tickedAt = now;
    tickedWallAt = wall;
    if (now - askedToJoinAt > JOIN_AGAIN_MS) sayJoin();
    if (hasSlept) pathsChanged();
    const speakers: string[] = speaking.isSpeaking(self, now) ? [self] : [];
    for (const { peer, link } of mesh.peers()) {
      link.tick();
      const [receiver] = link.incoming().receivers;
      const level = receiver === undefined ? 0 : (levels.get(peer.peerId)?.(receiver) ?? 0);
      if (peer.sending.mic) speaking.hear(peer.peerId, level, now);
      else speaking.forget(peer.peerId);
      if (speaking.isSpeaking(peer.peerId, now)) speakers.push(peer.peerId);
    }
    if (shownSpeaking !== speakers.join()) {
      shownSpeaking = speakers.join();
      changed();
    }
    if (now - statsAt >= STATS_EVERY_MS) {
      statsAt = now;
      void readFigures();
    }
    if (now >= askedIceAt && line.say({ type: "call.ice" })) askedIceAt = now + JOIN_AGAIN_MS;
  }

  async function readFigures() {
    const reads = [...mesh.peers()].map(async ({ link, watch }) => {
      const peer = link.peer();
      return peer !== null && peer.connectionState !== "closed" && (await watch.read(peer));
    });
    if ((await Promise.all(reads)).includes(true)) changed();
  }

  function pathsChanged() {
    for (const { link } of mesh.peers()) link.pathsChanged();
  }

  function iceIs(servers: IceServers, forMs: number) {
    ice = servers;
    askedIceAt = clock.now() + forMs * ICE_AGAIN_AT;
  }

  function addPeer(peer: CallPeer) {
    levels.set(peer.peerId, createVoiceLevel());
    mesh.add(peer);
    if (protection > 0) want(peer.peerId);
  }

  function removePeer(peerId: string) {
    mesh.remove(peerId);
    levels.delete(peerId);
    speaking.forget(peerId);
  }

  function welcomed(welcome: Extract<ServerMessage, { type: "call.welcome" }>) {
    const isSame = welcome.isResumed && welcome.peerId === self;
    askedToJoinAt = Number.POSITIVE_INFINITY;
    resume = welcome.resume;
    iceIs(welcome.ice, welcome.iceForMs);
    if (!isSame) {
      for (const { peer } of [...mesh.peers()]) removePeer(peer.peerId);
      self = welcome.peerId;
    }
    place = { is: "in" };
    const here = new Set(welcome.peers.map(({ peerId }) => peerId));
    for (const { peer } of [...mesh.peers()]) {
      if (!here.has(peer.peerId)) removePeer(peer.peerId); // left while nobody could tell us
    }
    for (const peer of welcome.peers) {
      const known = mesh.find(peer.peerId);
      if (known === undefined) {
        addPeer(peer);
        continue;
      }
      known.link.iceChanged();
      mesh.change(peer);
      want(peer.peerId);
      known.link.lineIsBack();
    }
    said = NOT_SENDING;
    sayAndShow();
  }

  function patchPeer(peerId: string, patch: Partial<CallPeer>) {
    const known = mesh.find(peerId);
    if (known === undefined) return;
    mesh.change({ ...known.peer, ...patch });
    changed();
  }

  function pressed(press: RemotePress["press"], forMs: number, by: string) {
    if (press === "mute") {
      if (by !== "phone" && by !== "button") mutedBy = by; // else it is their own hand
      void own.mic.set(false);
      changed();
    }
    for (const listener of [...pressListeners]) listener({ press, forMs, by });
  }

  function hear(message: ServerMessage) {
    if (place.is === "out") return;
    switch (message.type) {
      case "call.welcome":
        welcomed(message);
        break;
      case "call.joined":
        addPeer(message.peer);
        changed();
        break;
      case "call.left":
        removePeer(message.peerId);
        changed();
        break;
      case "call.away":
        patchPeer(message.peerId, { isAway: message.isAway });
        break;
      case "call.peer":
        patchPeer(message.peer.peerId, message.peer);
        break;
      case "call.sending":
        if (message.peerId === self && message.byHost && !message.sending.mic) void own.mic.set(false);
        patchPeer(message.peerId, { sending: message.sending });
        break;
      case "call.signal":
        mesh.find(message.from)?.link.hear(message.signal);
        break;
      case "call.want":
        mesh.wants(message.from, { camera: message.camera, screen: message.screen });
        break;
      case "call.ice":
        iceIs(message.ice, message.iceForMs);
        for (const { link } of mesh.peers()) link.iceChanged();
        break;
      case "call.talk":
        pressed(message.press, message.forMs, message.by);
        break;
      case "seat.role":
        if (message.isHost) side = false;
        void ownChanged();
        break;
      case "call.ended":
        out(message.reason);
        break;
    }
  }

  /** Nothing of ours stays open, and nobody's connection. */
  function out(ended: CallEnd | null) {
    place = { is: "out", ended };
    cancelTick?.();
    cancelTick = null;
    for (const { peer } of [...mesh.peers()]) removePeer(peer.peerId);
    for (const device of Object.values(own)) device.release();
    resume = null;
    side = false;
    mutedBy = null;
    said = NOT_SENDING;
    shownSpeaking = "";
    changed();
  }

  function leave() {
    if (place.is === "out") return;
    line.say({ type: "call.leave" });
    out(null);
  }

  const stopHearing = line.on(hear);
  const stopWatching = line.onLink((isUp) => {
    if (isUp) sayJoin();
    changed();
  });

  function viewOf({ peer, link, watch }: MeshPeer): PeerView {
    const now = clock.now();
    const { voice, camera, screen } = link.incoming();
    const is = link.is();
    const isForUs = !(peer.sending.side && isHost());
    return {
      peer,
      link: { is, ...(is === "connecting" ? NOT_KNOWN : watch.figures()) },
      isSpeaking: speaking.isSpeaking(peer.peerId, now),
      voice,
      camera: peer.sending.camera && isForUs && protection < 2 ? camera : null,
      screen: peer.sending.screen && isForUs && protection < 1 ? screen : null,
    };
  }

  function makeView(): CallView {
    const peers = [...mesh.peers()].map(viewOf);
    return {
      is: place.is,
      ended: place.is === "out" ? place.ended : null,
      isAway: place.is === "in" && !line.isUp(),
      self: {
        sending: said,
        isSpeaking: speaking.isSpeaking(self, clock.now()),
        isSilent,
        camera: previews.camera ?? null,
        screen: previews.screen ?? null,
        problem,
      },
      peers,
      protection,
      isSomebodySpeaking: peers.some(({ isSpeaking }) => isSpeaking),
      mutedBy,
    };
  }

  const whileIn = (device: OwnDevice, isOn: boolean) =>
    place.is === "out" && isOn ? Promise.resolve() : device.set(isOn);

  return {
    view() {
      cached ??= makeView();
      return cached;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    join() {
      if (place.is !== "out") return;
      place = { is: "joining" };
      tickedAt = clock.now();
      tickedWallAt = wallNow();
      sayJoin();
      tick();
      changed();
    },
    leave,
    setMic(isOn) {
      if (isOn) mutedBy = null;
      return whileIn(own.mic, isOn);
    },
    setCamera: (isOn) => whileIn(own.camera, isOn),
    setScreen: (isOn) => whileIn(own.screen, isOn),
    setSide(isOn) {
      side = isOn && !isHost();
      void ownChanged();
    },
    useDevice: (kind, deviceId) => own[kind].use(deviceId),
    keepMicReady(isKept) {
      isMicKept = isKept;
      own.mic.readinessChanged();
    },
    protect(level) {
      if (level === protection) return;
      protection = level;
      mesh.protect(level);
      for (const { peer } of mesh.peers()) want(peer.peerId);
      changed();
    },
    onRemotePress(listener) {
      pressListeners.add(listener);
      return () => {
        pressListeners.delete(listener);
      };
    },
    networkChanged: pathsChanged,
    close() {
      leave();
      stopHearing();
      stopWatching();
      listeners.clear();
      pressListeners.clear();
    },
  };
}
