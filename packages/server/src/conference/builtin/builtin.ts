import {
  CALL_PLACE_KEPT_MS,
  type CallEnd,
  type IceServers,
  type MicPress,
  type Sending,
} from "@colourstream/contract";
import { allowedSending, hasPlace, mayTalk } from "../../domain/call.js";
import type { Member } from "../../rooms/presence.js";
import { hashKey } from "../../secrets.js";
import type { CallPage, CallSeat, Conference, TalkState } from "../conference.js";
import { type KeptPlace, keptOf, type Place, type Places, peerOf, tellOthers } from "./places.js";
import { createSignalBudget } from "./signal-budget.js";

/** What the built-in conference needs. */
export type BuiltinOptions = {
  /** STUN and TURN servers for a page opened at `origin`, with credentials for one person, and for how long they hold. */
  readonly ice: (id: string, origin: string | null) => { readonly ice: IceServers; readonly forMs: number };
  readonly random: (bytes: number) => Uint8Array;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  warn(message: string, about: unknown): void;
};

const SECRET_BYTES = 16; // peer ids are as long, so that nobody signals to a page by guessing
const MANY_DROPPED = 100; // signals to one who has just left are a few
const NOTHING: Sending = { mic: false, camera: false, screen: false, side: false };

/** The built-in conference, and what another process needs to go on with its calls. */
export type BuiltinConference = Conference & {
  /** Told of a room's places after every change of them; empty: the call is over. */
  onPlaces(listener: (roomId: string, places: readonly KeptPlace[]) => void): void;
  /** Takes over a call that ran elsewhere: its pages are away, and have 30 s to come back. */
  restore(roomId: string, places: readonly KeptPlace[]): void;
  /** Another process runs the calls now: all is forgotten, and no page is told. */
  abandon(): void;
};

/**
 * The call between the pages themselves: here are its places and what the pages say to each other to connect. Sound
 * and pictures do not come here. docs/decisions/011 is about the mesh.
 */
export function createBuiltinConference(options: BuiltinOptions): BuiltinConference {
  const { ice, random, clock, warn } = options;
  const calls = new Map<string, Places>();
  const listeners: ((roomId: string, id: string, sending: Sending | null) => void)[] = [];
  const placeListeners: ((roomId: string, places: readonly KeptPlace[]) => void)[] = [];
  const secret = (): string => Buffer.from(random(SECRET_BYTES)).toString("base64url");

  const placesChanged = (roomId: string): void => {
    const places = [...placesOf(roomId).values()].map(keptOf);
    for (const listener of placeListeners) listener(roomId, places);
  };
  const news = (roomId: string, { member, sending }: Place): void => {
    for (const listener of listeners) listener(roomId, member.id, sending);
    placesChanged(roomId);
  };

  const endPlace = (roomId: string, place: Place, reason: CallEnd): void => {
    const places = calls.get(roomId);
    if (places?.delete(place.peerId) !== true) return;
    if (places.size === 0) calls.delete(roomId);
    clearTimeout(place.leaving);
    const { page } = place;
    place.page = null;
    if (reason !== "left") page?.tell({ type: "call.ended", reason });
    for (const other of places.values()) other.budget.forget(place.peerId);
    tellOthers(places, place, { type: "call.left", peerId: place.peerId, reason });
    for (const listener of listeners) listener(roomId, place.member.id, null);
    placesChanged(roomId);
  };

  const setSending = (roomId: string, place: Place, sending: Sending): void => {
    place.sending = sending;
    const { peerId } = place;
    const byHost = place.mutedBy !== null;
    tellOthers(placesOf(roomId), place, { type: "call.sending", peerId, sending, byHost });
    news(roomId, place);
  };

  const placesOf = (roomId: string): Places => calls.get(roomId) ?? new Map<string, Place>();
  const placesOfMember = (roomId: string, isTheirs: (member: Member) => boolean): Place[] =>
    [...placesOf(roomId).values()].filter(({ member }) => isTheirs(member));

  const press = (place: Place, pressed: MicPress, forMs: number, by: string): void => {
    const said =
      pressed === "mute" ? closing(by) : ({ type: "call.talk", press: pressed, forMs, by } as const);
    if (place.page !== null) place.page.tell(said);
    else if (pressed === "mute") place.owed = closing(by); // what was held closes by itself
  };

  const muteByHost = (roomId: string, place: Place, by: string): void => {
    // Also when it says it is closed: the others do not play it from now on, whatever it sends.
    place.mutedBy = by;
    setSending(roomId, place, { ...place.sending, mic: false });
    press(place, "mute", 0, by);
  };

  const setMember = (roomId: string, place: Place, member: Member): void => {
    const { role, isHost, name } = place.member;
    place.member = member;
    if (role === member.role && isHost === member.isHost && name === member.name) return;
    const before = place.sending;
    const sending = allowedSending(before, member);
    tellOthers(placesOf(roomId), place, { type: "call.peer", peer: peerOf({ ...place, sending }) });
    placesChanged(roomId);
    if (isSame(before, sending)) return;
    if (before.mic && !sending.mic) muteByHost(roomId, place, "a host");
    setSending(roomId, place, sending);
  };

  const welcome = (place: Place, places: Places, page: CallPage, isResumed: boolean): void => {
    const resume = secret();
    place.resume = hashKey(resume);
    const servers = ice(place.member.id, page.origin);
    page.tell({
      type: "call.welcome",
      peerId: place.peerId,
      resume,
      isResumed,
      peers: [...places.values()].filter((other) => other !== place).map(peerOf),
      ice: servers.ice,
      iceForMs: servers.forMs,
    });
  };

  const awaitReturn = (roomId: string, place: Place): void => {
    place.leaving = setTimeout(() => endPlace(roomId, place, "lost"), CALL_PLACE_KEPT_MS).unref();
  };

  /** What one page may do with the place, for as long as the place is that page's. */
  const seatOf = (roomId: string, place: Place, page: CallPage): CallSeat => {
    const isTheirs = (): boolean => place.page === page;
    const other = (peerId: string): Place | null => {
      const found = placesOf(roomId).get(peerId);
      return found === undefined || found === place ? null : found;
    };
    return {
      signal: (to, signal) => {
        if (!isTheirs()) return;
        const target = other(to)?.page ?? null; // one who has just left, or was never here
        if (target !== null && place.budget.take(to)) {
          target.tell({ type: "call.signal", from: place.peerId, signal });
          return;
        }
        place.dropped += 1;
        if (place.dropped === MANY_DROPPED)
          warn("a page in a call signals too much, or to nobody", { roomId });
      },
      sending: (said) => {
        if (!isTheirs()) return;
        const sending = allowedSending(said, place.member);
        if (sending.mic) place.mutedBy = null;
        if (!isSame(sending, place.sending)) setSending(roomId, place, sending);
      },
      want: (to, wants) => {
        if (isTheirs()) other(to)?.page?.tell({ type: "call.want", from: place.peerId, ...wants });
      },
      ice: () => {
        const fresh = ice(place.member.id, page.origin);
        if (isTheirs()) page.tell({ type: "call.ice", ice: fresh.ice, iceForMs: fresh.forMs });
      },
      leave: () => {
        if (isTheirs()) endPlace(roomId, place, "left");
      },
      lost: () => {
        if (!isTheirs()) return;
        place.page = null;
        awaitReturn(roomId, place);
        tellOthers(placesOf(roomId), place, { type: "call.away", peerId: place.peerId, isAway: true });
      },
    };
  };

  /** The page has its place again: what it had begun with the others goes on. */
  const comeBack = (roomId: string, place: Place, page: CallPage): CallSeat => {
    const places = placesOf(roomId);
    clearTimeout(place.leaving);
    const before = place.page;
    place.page = page;
    before?.tell({ type: "call.ended", reason: "elsewhere" });
    // A mute that was said into a connection that had died unnoticed was never heard: it is said again.
    const { mutedBy } = place;
    const owed = mutedBy === null ? place.owed : closing(mutedBy);
    place.owed = null;
    welcome(place, places, page, true);
    if (owed !== null) page.tell(owed);
    if (before === null)
      tellOthers(places, place, { type: "call.away", peerId: place.peerId, isAway: false });
    setMember(roomId, place, page.member);
    news(roomId, place);
    return seatOf(roomId, place, page);
  };

  const join = (roomId: string, page: CallPage, resume: string | null): CallSeat | null => {
    const { member } = page;
    const own = placesOfMember(roomId, ({ id }) => id === member.id);
    // The token alone is not enough: whoever finds it must also be who it was given to.
    // Its hash is looked for: how long that takes tells nothing of a token with the same beginning.
    const kept = own.find((place) => resume !== null && place.resume === hashKey(resume));
    if (kept !== undefined) return comeBack(roomId, kept, page);
    for (const place of own) endPlace(roomId, place, "elsewhere");

    const there = [...placesOf(roomId).values()];
    const crowd = { people: there.length, hosts: there.filter((one) => one.member.isHost).length };
    if (!hasPlace(crowd, member.isHost)) {
      page.tell({ type: "call.ended", reason: "full" });
      return null;
    }
    const place: Place = {
      peerId: secret(),
      resume: "", // made with the welcome
      member,
      sending: NOTHING,
      page,
      owed: null,
      leaving: undefined,
      budget: createSignalBudget(clock),
      mutedBy: null,
      dropped: 0,
    };
    const places = calls.get(roomId) ?? new Map<string, Place>();
    calls.set(roomId, places);
    places.set(place.peerId, place);
    welcome(place, places, page, false);
    tellOthers(places, place, { type: "call.joined", peer: peerOf(place) });
    news(roomId, place);
    return seatOf(roomId, place, page);
  };

  const look = (roomId: string, whose: (member: Member) => boolean): TalkState => {
    const own = placesOfMember(roomId, whose);
    return {
      isInCall: own.length > 0,
      isLive: own.some(({ sending }) => sending.mic),
      mayTalk: own.length === 0 || own.some(({ member }) => mayTalk(member.role)),
    };
  };

  return {
    kind: "builtin",
    join,
    mute: (roomId, id, by) => {
      const [place] = placesOfMember(roomId, (member) => member.id === id);
      if (place !== undefined) muteByHost(roomId, place, by);
      return place?.member ?? null;
    },
    muteAll: (roomId, { personId, name }) => {
      for (const place of placesOfMember(roomId, (member) => member.personId !== personId))
        muteByHost(roomId, place, name);
    },
    press: (roomId, whose, { press: pressed, forMs, by }) => {
      const own = placesOfMember(roomId, (member) => whose(member) && mayTalk(member.role));
      const live = own.filter(({ sending }) => sending.mic);
      // Two open microphones of one person in one room howl: one opens, all close.
      const one = live.at(-1) ?? own.findLast(({ page }) => page !== null);
      if (pressed === "hold") for (const place of live) press(place, "down", forMs, by);
      else if (pressed === "up" || pressed === "mute")
        for (const place of own) press(place, pressed, forMs, by);
      else if (pressed === "toggle" && live.length > 1)
        for (const place of live) press(place, "mute", forMs, by);
      else if (one !== undefined) press(one, pressed, forMs, by);
      return look(roomId, whose);
    },
    look,
    roleChanged: (roomId, id, role, isHost) => {
      for (const place of placesOfMember(roomId, (member) => member.id === id))
        setMember(roomId, place, { ...place.member, role, isHost });
    },
    end: (roomId, id) => {
      for (const inRoom of roomId === null ? [...calls.keys()] : [roomId])
        for (const place of placesOfMember(inRoom, (member) => member.id === id))
          endPlace(inRoom, place, "removed");
    },
    close: (roomId) => {
      for (const place of placesOfMember(roomId, () => true)) endPlace(roomId, place, "removed");
    },
    onNews: (listener) => {
      listeners.push(listener);
    },
    onPlaces: (listener) => {
      placeListeners.push(listener);
    },
    restore: (roomId, kept) => {
      const places = placesOf(roomId);
      calls.set(roomId, places);
      for (const one of kept) {
        if (places.has(one.peerId)) continue;
        const place: Place = {
          ...one,
          page: null,
          leaving: undefined,
          budget: createSignalBudget(clock),
          dropped: 0,
        };
        places.set(place.peerId, place);
        awaitReturn(roomId, place);
      }
      if (places.size === 0) calls.delete(roomId);
    },
    abandon: () => {
      for (const places of calls.values())
        for (const place of places.values()) {
          clearTimeout(place.leaving);
          place.page = null;
        }
      calls.clear();
    },
    counts: () => {
      const people = [...calls.values()].reduce((sum, places) => sum + places.size, 0);
      return { calls: calls.size, people };
    },
  };
}

function isSame(one: Sending, other: Sending): boolean {
  return (
    one.mic === other.mic &&
    one.camera === other.camera &&
    one.screen === other.screen &&
    one.side === other.side
  );
}

/** Tells a page to close its microphone. */
function closing(by: string): NonNullable<Place["owed"]> {
  return { type: "call.talk", press: "mute", forMs: 0, by };
}
