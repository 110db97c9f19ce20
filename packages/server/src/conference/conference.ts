import type {
  CallEnd,
  CallKind,
  CallPeer,
  IceServers,
  MicPress,
  Sending,
  Signal,
  Wants,
} from "@colourstream/contract";
import type { Member } from "../rooms/presence.js";

/** A page in the call, as the call speaks to it. */
export type CallPage = {
  readonly member: Member;
  /** The origin that the page was opened at: the embedded relay is at the same machine's name. */
  readonly origin: string | null;
  tell(said: CallTells): void;
};

/** What a page in the call is told; the channel adds the room. */
export type CallTells =
  | {
      readonly type: "call.welcome";
      readonly peerId: string;
      readonly resume: string;
      readonly isResumed: boolean;
      readonly peers: CallPeer[];
      readonly ice: IceServers;
      readonly iceForMs: number;
    }
  | { readonly type: "call.joined"; readonly peer: CallPeer }
  | { readonly type: "call.peer"; readonly peer: CallPeer }
  | { readonly type: "call.left"; readonly peerId: string; readonly reason: CallEnd }
  | { readonly type: "call.away"; readonly peerId: string; readonly isAway: boolean }
  | { readonly type: "call.signal"; readonly from: string; readonly signal: Signal }
  | {
      readonly type: "call.sending";
      readonly peerId: string;
      readonly sending: Sending;
      readonly byHost: boolean;
    }
  | ({ readonly type: "call.want"; readonly from: string } & Wants)
  | { readonly type: "call.ice"; readonly ice: IceServers; readonly iceForMs: number }
  | { readonly type: "call.talk"; readonly press: MicPress; readonly forMs: number; readonly by: string }
  /** MiroTalk's page for this page, in a frame. */
  | { readonly type: "call.frame"; readonly url: string }
  /** MiroTalk: the call begins when a host is in it. */
  | { readonly type: "call.waiting" }
  | { readonly type: "call.ended"; readonly reason: CallEnd };

/** A page's place in the call. */
export type CallSeat = {
  signal(to: string, signal: Signal): void;
  sending(sending: Sending): void;
  want(to: string, wants: Wants): void;
  ice(): void;
  leave(): void;
  /** The page's connection broke: its place is kept for 30 s. */
  lost(): void;
};

/** How a talk button's microphone is. `mayTalk`: false for an observer, who listens. */
export type TalkState = { readonly isInCall: boolean; readonly isLive: boolean; readonly mayTalk: boolean };

/**
 * Where people see and hear each other. Two exist: built in (a mesh between the pages, which signal over the realtime
 * channel) and MiroTalk (its own page in a frame).
 */
export type Conference = {
  readonly kind: CallKind;
  /** Takes a place in the room's call, or the one that `resume` names. Null: the page was told `call.ended` with why. */
  join(roomId: string, page: CallPage, resume: string | null): CallSeat | null;
  /** Closes one microphone; answers whose it was. Null: they are not in the call. */
  mute(roomId: string, id: string, by: string): Member | null;
  /** Closes every microphone but those of whoever asks. */
  muteAll(roomId: string, by: { readonly personId: string; readonly name: string }): void;
  /**
   * Presses the talk button of whoever `whose` fits. With more pages than one in the call it opens the microphone of
   * the one that joined last, and closes all. `by` as in `call.talk`.
   */
  press(
    roomId: string,
    whose: (member: Member) => boolean,
    pressed: { readonly press: MicPress | "hold"; readonly forMs: number; readonly by: string },
  ): TalkState;
  /** How it is, with nothing pressed. */
  look(roomId: string, whose: (member: Member) => boolean): TalkState;
  /** Somebody's role is another: what follows from it is told and enforced. */
  roleChanged(roomId: string, id: string, role: Member["role"], isHost: boolean): void;
  /**
   * Ends their place at once, and everybody else's connections to them. Room null: wherever they are. `isOwnWill`: they
   * have left by themselves, and nothing that they know need be made worthless.
   */
  end(roomId: string | null, id: string, isOwnWill: boolean): void;
  /** The room is shut. */
  close(roomId: string): void;
  /** Told who is in a room's call and what they send; null: they left. */
  onNews(listener: (roomId: string, id: string, sending: Sending | null) => void): void;
  /** What it holds at the moment. */
  counts(): { readonly calls: number; readonly people: number };
};
