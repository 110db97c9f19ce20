import type { Sending, Signal, Wants } from "@colourstream/contract";
import type { Bus, Said } from "../../bus/bus.js";
import { createMirror } from "../../bus/mirror.js";
import { mayTalk } from "../../domain/call.js";
import type { Member } from "../../rooms/presence.js";
import type { CallPage, CallSeat, CallTells, Conference, TalkState } from "../conference.js";
import type { BuiltinConference } from "./builtin.js";
import type { KeptPlace } from "./places.js";

type Pressed = Parameters<Conference["press"]>[2];

/** What a page does with its seat. */
type Act =
  | { readonly do: "signal"; readonly to: string; readonly signal: Signal }
  | { readonly do: "sending"; readonly sending: Sending }
  | { readonly do: "want"; readonly to: string; readonly wants: Wants }
  | { readonly do: "ice" | "leave" | "lost" };

/** What the processes say to each other about calls. `key` names a page, in all of them. */
type Told =
  | {
      readonly is: "join";
      readonly key: string;
      readonly roomId: string;
      readonly member: Member;
      readonly origin: string | null;
      readonly resume: string | null;
    }
  | { readonly is: "act"; readonly key: string; readonly act: Act }
  | { readonly is: "tell"; readonly key: string; readonly said: CallTells }
  /** From now on the calls run here: whoever has pages in them joins again. */
  | { readonly is: "home" }
  | { readonly is: "news"; readonly roomId: string; readonly id: string; readonly sending: Sending | null }
  | { readonly is: "mute"; readonly roomId: string; readonly id: string; readonly by: string }
  | {
      readonly is: "mute-all";
      readonly roomId: string;
      readonly by: { readonly personId: string; readonly name: string };
    }
  | {
      readonly is: "press";
      readonly roomId: string;
      readonly ids: readonly string[];
      readonly pressed: Pressed;
    }
  | {
      readonly is: "role";
      readonly roomId: string;
      readonly id: string;
      readonly role: Member["role"];
      readonly isHost: boolean;
    }
  | { readonly is: "end"; readonly roomId: string | null; readonly id: string; readonly isOwnWill: boolean }
  | { readonly is: "close"; readonly roomId: string };

/** A page with its socket at this process. */
type OwnPage = {
  readonly key: string;
  readonly roomId: string;
  member: Member;
  readonly page: CallPage;
  /** Its place's token, as it was told last. */
  resume: string | null;
  /** Its seat, while the calls run here. */
  seat: CallSeat | null;
};

/**
 * The built-in conference over all server processes: the calls run at the first one, the others pass on what their pages
 * say and are told. Every process keeps the places, so that the next first one goes on with them: the pages stay
 * connected to each other meanwhile.
 */
export function createSharedConference(own: BuiltinConference, bus: Bus): Conference {
  const kept = createMirror<readonly KeptPlace[]>(bus, "call-places");
  const pages = new Map<string, OwnPage>();
  const guests = new Map<string, { readonly from: string; readonly seat: CallSeat }>();
  const listeners: ((roomId: string, id: string, sending: Sending | null) => void)[] = [];
  let number = 0;

  const say = (told: Told): void => bus.say("call", told as unknown as Said);
  const news = (roomId: string, id: string, sending: Sending | null): void => {
    for (const listener of listeners) listener(roomId, id, sending);
  };
  own.onNews((roomId, id, sending) => {
    news(roomId, id, sending);
    say({ is: "news", roomId, id, sending });
  });
  own.onPlaces((roomId, places) => {
    if (places.length === 0) kept.delete(roomId);
    else kept.set(roomId, places);
  });

  const hearOwn = (one: OwnPage, said: CallTells): void => {
    if (said.type === "call.welcome") one.resume = said.resume;
    if (said.type === "call.ended") pages.delete(one.key);
    one.page.tell(said);
  };
  const joinHere = (one: OwnPage): void => {
    one.seat?.lost();
    const page: CallPage = {
      member: one.member,
      origin: one.page.origin,
      tell: (said) => hearOwn(one, said),
    };
    one.seat = own.join(one.roomId, page, one.resume);
  };
  const join = (one: OwnPage): void => {
    if (bus.isFirst()) {
      joinHere(one);
      return;
    }
    const { key, roomId, member, resume, page } = one;
    one.seat = null;
    say({ is: "join", key, roomId, member, origin: page.origin, resume });
  };

  const guestJoins = (
    from: string,
    { key, roomId, member, origin, resume }: Extract<Told, { is: "join" }>,
  ): void => {
    guests.get(key)?.seat.lost(); // it joins again: what it had is kept for it
    guests.delete(key);
    const tell = (said: CallTells): void => {
      if (said.type === "call.ended") guests.delete(key);
      say({ is: "tell", key, said });
    };
    const seat = own.join(roomId, { member, origin, tell }, resume);
    if (seat !== null) guests.set(key, { from, seat });
  };

  const hearFirst = (told: Told, from: string): void => {
    switch (told.is) {
      case "join":
        guestJoins(from, told);
        return;
      case "act": {
        const seat = guests.get(told.key)?.seat;
        if (told.act.do === "leave" || told.act.do === "lost") guests.delete(told.key);
        if (seat !== undefined) doAct(seat, told.act);
        return;
      }
      case "mute":
        own.mute(told.roomId, told.id, told.by);
        return;
      case "mute-all":
        own.muteAll(told.roomId, told.by);
        return;
      case "press": {
        const ids = new Set(told.ids);
        own.press(told.roomId, ({ id }) => ids.has(id), told.pressed);
        return;
      }
      case "role":
        own.roleChanged(told.roomId, told.id, told.role, told.isHost);
        return;
      case "end":
        own.end(told.roomId, told.id, told.isOwnWill);
        return;
      case "close":
        own.close(told.roomId);
        return;
      default:
        return; // another one was the first a moment ago
    }
  };
  bus.hear("call", (what, from) => {
    const told = what as unknown as Told; // only our own processes speak here
    if (told.is === "tell") {
      const one = pages.get(told.key);
      if (one !== undefined && !bus.isFirst()) hearOwn(one, told.said);
    } else if (told.is === "news") {
      news(told.roomId, told.id, told.sending);
    } else if (told.is === "home") {
      if (!bus.isFirst()) for (const one of pages.values()) join(one);
    } else if (bus.isFirst()) {
      hearFirst(told, from);
    }
  });
  bus.onFirst((isFirst) => {
    if (!isFirst) {
      own.abandon();
      guests.clear();
      for (const roomId of [...kept.own().keys()]) kept.delete(roomId);
      for (const one of pages.values()) join(one); // whoever is the first now
      return;
    }
    for (const [roomId, places] of kept.others()) own.restore(roomId, places);
    for (const one of pages.values()) joinHere(one);
    say({ is: "home" });
  });
  bus.onGap(() => {
    if (bus.isFirst()) say({ is: "home" });
    else for (const one of pages.values()) join(one);
  });
  bus.onOther((id, is) => {
    if (is === "here") return;
    for (const [key, { from, seat }] of [...guests]) {
      if (from !== id) continue;
      guests.delete(key);
      seat.lost();
    }
  });

  /** As the first process tells of its places; at the first one itself it is not asked. */
  const membersElsewhere = (roomId: string): KeptPlace[] => kept.of(roomId).flat();
  const lookElsewhere = (roomId: string, whose: (member: Member) => boolean): TalkState => {
    const theirs = membersElsewhere(roomId).filter(({ member }) => whose(member));
    return {
      isInCall: theirs.length > 0,
      isLive: theirs.some(({ sending }) => sending.mic),
      mayTalk: theirs.length === 0 || theirs.some(({ member }) => mayTalk(member.role)),
    };
  };

  return {
    kind: own.kind,
    join: (roomId, page, resume) => {
      number += 1;
      const key = `${bus.self}:${number}`;
      const one: OwnPage = { key, roomId, member: page.member, page, resume, seat: null };
      pages.set(key, one);
      join(one);
      if (!pages.has(key)) return null; // told why at once
      return seatOf(one);
    },
    mute: (roomId, id, by) => {
      if (bus.isFirst()) return own.mute(roomId, id, by);
      const found = membersElsewhere(roomId).find(({ member }) => member.id === id);
      if (found === undefined) return null;
      say({ is: "mute", roomId, id, by });
      return found.member;
    },
    muteAll: (roomId, by) => {
      if (bus.isFirst()) own.muteAll(roomId, by);
      else say({ is: "mute-all", roomId, by });
    },
    press: (roomId, whose, pressed) => {
      if (bus.isFirst()) return own.press(roomId, whose, pressed);
      const ids = membersElsewhere(roomId).flatMap(({ member }) => (whose(member) ? [member.id] : []));
      if (ids.length > 0) say({ is: "press", roomId, ids, pressed });
      return lookElsewhere(roomId, whose);
    },
    look: (roomId, whose) => (bus.isFirst() ? own.look(roomId, whose) : lookElsewhere(roomId, whose)),
    roleChanged: (roomId, id, role, isHost) => {
      for (const one of pages.values())
        if (one.roomId === roomId && one.member.id === id) one.member = { ...one.member, role, isHost };
      if (bus.isFirst()) own.roleChanged(roomId, id, role, isHost);
      else say({ is: "role", roomId, id, role, isHost });
    },
    end: (roomId, id, isOwnWill) => {
      if (bus.isFirst()) own.end(roomId, id, isOwnWill);
      else say({ is: "end", roomId, id, isOwnWill });
    },
    close: (roomId) => {
      if (bus.isFirst()) own.close(roomId);
      else say({ is: "close", roomId });
    },
    onNews: (listener) => {
      listeners.push(listener);
    },
    counts: () => {
      if (bus.isFirst()) return own.counts();
      const calls = kept.others().map(([, places]) => places.length);
      return { calls: calls.length, people: calls.reduce((sum, people) => sum + people, 0) };
    },
  };

  function seatOf(one: OwnPage): CallSeat {
    const act = (what: Act): void => {
      if (pages.get(one.key) !== one) return; // told that it is out
      if (what.do === "leave" || what.do === "lost") pages.delete(one.key);
      if (one.seat !== null) doAct(one.seat, what);
      else say({ is: "act", key: one.key, act: what });
    };
    return {
      signal: (to, signal) => act({ do: "signal", to, signal }),
      sending: (sending) => act({ do: "sending", sending }),
      want: (to, wants) => act({ do: "want", to, wants }),
      ice: () => act({ do: "ice" }),
      leave: () => act({ do: "leave" }),
      lost: () => act({ do: "lost" }),
    };
  }
}

function doAct(seat: CallSeat, act: Act): void {
  switch (act.do) {
    case "signal":
      seat.signal(act.to, act.signal);
      return;
    case "sending":
      seat.sending(act.sending);
      return;
    case "want":
      seat.want(act.to, act.wants);
      return;
    default:
      seat[act.do]();
  }
}
