import type { CallEnd, CallPeer, IceServers, MicPress, Sending, ServerMessage } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import type { Line } from "../live/line.js";
import type { DeviceProblem, Devices } from "./devices.js";
import { createMesh } from "./mesh.js";
import { createOthers } from "./others.js";
import type { OwnDevice } from "./own-device.js";
import type { Protection } from "./protection.js";
import { createSelf } from "./self.js";

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
  readonly press: MicPress;
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
const SAY_AFTER_RESUME_MS = 200; // a host may have closed our microphone while we were away: that word comes first
const ICE_AGAIN_AT = 0.8; // of the time that the credentials hold
/** Of what is heard, what is seen at once; the rest is told by whatever it changes. */
const SHOWN: ReadonlySet<ServerMessage["type"]> = new Set([
  "call.joined",
  "call.left",
  "call.away",
  "call.peer",
  "call.sending",
]);
const NEVER = Number.POSITIVE_INFINITY;

/** Is out at first. */
export function createCall({ line, devices, clock, isHost, wallNow = Date.now }: CallPorts): Call {
  const listeners = new Set<() => void>();
  const pressListeners = new Set<(press: RemotePress) => void>();
  let cached: CallView | null = null;
  let place: Place = { is: "out", ended: null };
  let resume: string | null = null;
  let peerId = "";
  let ice: IceServers = [];
  let protection: Protection = 0;
  let said = "";
  let mutedBy: string | null = null;
  let wasSpeaking = false;
  let askedToJoinAt = NEVER; // no answer is awaited
  let askIceAt = NEVER;
  let statsAt = 0;
  let tickedAt = clock.now();
  let tickedWallAt = wallNow();
  let cancelTick: (() => void) | null = null;
  let cancelSay: (() => void) | null = null;

  const mesh = createMesh({
    clock,
    self: () => peerId,
    ice: () => ice,
    isLineUp: () => line.isUp(),
    isHost,
    signal: (to, signal) => line.say({ type: "call.signal", to, signal }),
    onChange: changed,
  });
  const others = createOthers({ mesh, clock, isHost });
  const self = createSelf({ devices, clock, onSending: sendingChanged, onChange: changed });

  function changed() {
    cached = null;
    for (const listener of [...listeners]) listener();
  }

  /** What of ours goes out is another: the others are told, and get it. */
  function sendingChanged(): Promise<void> {
    const sent = mesh.send(self.own());
    saySending();
    changed();
    return sent;
  }

  function saySending() {
    const sending = self.sending();
    if (place.is !== "in" || cancelSay !== null || JSON.stringify(sending) === said) return;
    if (line.say({ type: "call.sending", sending })) said = JSON.stringify(sending);
  }

  function sayJoin() {
    if (place.is === "out") return;
    askedToJoinAt = clock.now();
    line.say({ type: "call.join", resume });
  }

  function want(to: string) {
    line.say({
      type: "call.want",
      to,
      camera: protection < 2,
      screen: protection < 1,
      small: protection > 0,
    });
  }

  function wantOfAll() {
    for (const { peer } of mesh.peers()) want(peer.peerId);
  }

  function tick() {
    cancelTick = clock.after(TICK_MS, tick);
    const now = clock.now();
    const wall = wallNow();
    const hasSlept = now - tickedAt > SLEPT_MS || wall - tickedWallAt > SLEPT_MS;
    tickedAt = now;
    tickedWallAt = wall;
    if (now - askedToJoinAt > JOIN_AGAIN_MS) sayJoin();
    if (now >= askIceAt && line.say({ type: "call.ice" })) askIceAt = now + JOIN_AGAIN_MS;
    if (hasSlept) pathsChanged();
    const isSpeaking = self.isSpeaking();
    if (others.tick() || isSpeaking !== wasSpeaking) changed();
    wasSpeaking = isSpeaking;
    if (now - statsAt < STATS_EVERY_MS) return;
    statsAt = now;
    void readFigures();
  }

  async function readFigures() {
    if (await others.read()) changed();
  }

  function pathsChanged() {
    for (const { link } of mesh.peers()) link.pathsChanged();
  }

  function iceIs(servers: IceServers, forMs: number) {
    ice = servers;
    askIceAt = clock.now() + forMs * ICE_AGAIN_AT;
    for (const { link } of mesh.peers()) link.iceChanged();
  }

  function welcomed(welcome: Extract<ServerMessage, { type: "call.welcome" }>) {
    const isSame = welcome.isResumed && welcome.peerId === peerId;
    askedToJoinAt = NEVER;
    resume = welcome.resume;
    iceIs(welcome.ice, welcome.iceForMs);
    peerId = welcome.peerId;
    place = { is: "in" };
    others.are(welcome.peers, isSame);
    wantOfAll();
    said = "";
    cancelSay?.();
    cancelSay = clock.after(isSame ? SAY_AFTER_RESUME_MS : 0, () => {
      cancelSay = null;
      saySending();
    });
    changed();
  }

  function pressed({ press, forMs, by }: RemotePress) {
    if (press === "mute") {
      const isOwnHand = by === "phone" || by === "button";
      if (!isOwnHand && self.sending().mic) mutedBy = by;
      void self.mic.set(false);
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
        others.add(message.peer);
        if (protection > 0) want(message.peer.peerId);
        break;
      case "call.left":
        others.remove(message.peerId);
        break;
      case "call.away":
        others.change(message.peerId, { isAway: message.isAway });
        break;
      case "call.peer":
        others.change(message.peer.peerId, message.peer);
        break;
      case "call.sending":
        others.change(message.peerId, { sending: message.sending });
        break;
      case "call.signal":
        mesh.find(message.from)?.link.hear(message.signal);
        break;
      case "call.want":
        mesh.wants(message.from, message);
        break;
      case "call.ice":
        iceIs(message.ice, message.iceForMs);
        break;
      case "call.talk":
        pressed(message);
        break;
      case "call.ended":
        out(message.reason);
        break;
      case "seat.role":
        if (message.role === "observer")
          self.release(); // observers listen
        else if (message.isHost) self.setSide(false);
        break;
      case "room.presence":
        others.gone(message.gone);
        break;
    }
    if (SHOWN.has(message.type)) changed();
  }

  /** Nothing of ours stays open, and nobody's connection. */
  function out(ended: CallEnd | null) {
    place = { is: "out", ended };
    for (const cancel of [cancelTick, cancelSay]) cancel?.();
    cancelSay = null;
    askedToJoinAt = askIceAt = NEVER;
    others.clear();
    resume = null;
    mutedBy = null;
    said = "";
    self.release();
    changed();
  }

  function leave() {
    if (place.is === "out") return;
    line.say({ type: "call.leave" });
    out(null);
  }

  function makeView(): CallView {
    const peers = others.views(protection);
    return {
      is: place.is,
      ended: place.is === "out" ? place.ended : null,
      isAway: place.is === "in" && !line.isUp(),
      self: self.view(),
      peers,
      protection,
      isSomebodySpeaking: peers.some(({ isSpeaking }) => isSpeaking),
      mutedBy,
    };
  }

  const stopHearing = line.on(hear);
  const stopWatching = line.onLink((isUp) => {
    if (isUp) sayJoin();
    changed();
  });

  const whileIn = (device: OwnDevice, isOn: boolean) =>
    place.is === "out" && isOn ? Promise.resolve() : device.set(isOn);

  return {
    view() {
      cached ??= makeView();
      return cached;
    },
    subscribe: (listener) => added(listeners, listener),
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
      return whileIn(self.mic, isOn);
    },
    setCamera: (isOn) => whileIn(self.camera, isOn),
    setScreen: (isOn) => whileIn(self.screen, isOn),
    setSide: (isOn) => self.setSide(isOn && !isHost()),
    useDevice: (kind, deviceId) => self[kind].use(deviceId),
    keepMicReady: self.keepMicReady,
    protect(level) {
      if (level === protection) return;
      protection = level;
      mesh.protect(level);
      wantOfAll();
      changed();
    },
    onRemotePress: (listener) => added(pressListeners, listener),
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

function added<T>(to: Set<T>, one: T): () => void {
  to.add(one);
  return () => {
    to.delete(one);
  };
}
