import type { CallEnd, CallPeer, Sending } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";
import type { Line } from "../live/line.js";
import type { DeviceProblem, Devices } from "./devices.js";
import type { Protection } from "./protection.js";

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
  /** Our own id, as in the room's presence: the seat's. */
  readonly isHost: () => boolean;
};

/** Not built yet. */
export function createCall(_ports: CallPorts): Call {
  throw new Error("not built yet");
}
