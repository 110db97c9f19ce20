import { CALL_PLACE_KEPT_MS, type CallEnd, type Sending } from "@colourstream/contract";
import type { Bus } from "../../bus/bus.js";
import { hasPlace } from "../../domain/call.js";
import type { Member } from "../../rooms/presence.js";
import type { CallNameStore } from "../../store/call-names.js";
import type { CallPage, CallSeat, Conference, TalkState } from "../conference.js";
import { frameAddress } from "./addresses.js";
import { type CallPerson, createElsewhere } from "./elsewhere.js";
import type { MeetingPeer, Meetings } from "./meetings.js";
import type { MiroTalkConfig } from "./mirotalk-config.js";
import { isSameSending, type Meeting, type Place } from "./places.js";
import type { MiroTalkRest } from "./rest.js";
import { shownName } from "./shown-name.js";
import { writeToken } from "./tokens.js";

/** What the driver needs. */
export type MiroTalkOptions = {
  readonly config: Pick<MiroTalkConfig, "url" | "jwtKey" | "username" | "password">;
  readonly rest: MiroTalkRest;
  /** What a room's meeting is called, the same in every process. */
  readonly names: CallNameStore;
  readonly bus: Bus;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: () => number;
  readonly wallClock: () => number;
  warn(message: string, about: unknown): void;
};

const NAME_BYTES = 16; // nobody guesses a meeting: its name is all that keeps one meeting's people out of another
const LOOK_EVERY_MS = 2_000;
const LOOK_AGAIN_MS = 1_000; // an answer is good for so long for somebody who joins
const AWAY_AFTER = 3; // looks without an answer: a restart takes longer
const UNSEEN_MS = 15_000; // MiroTalk's page opens within 5 s, and comes back from a broken line within 10
const RENEW_EVERY_MS = 60_000;
const MAX_SPENT = 1_000;
const NOTHING: Sending = { mic: false, camera: false, screen: false, side: false };
/** MiroTalk's microphones open and close in its own page alone: there is nothing here to press. */
const NO_TALK: TalkState = { isInCall: false, isLive: false, mayTalk: true };

/**
 * MiroTalk P2P, an unmodified service on an origin of its own, in a frame of our page. It lets in whoever knows a
 * meeting's name, has no way to send anybody out, and makes whoever comes first the presenter. So the name is known to
 * those alone who may be in the call, is another after somebody was sent out, and is told to guests when a host is in.
 * docs/decisions/015 is about it.
 */
export function createMiroTalkConference(options: MiroTalkOptions): Conference {
  const { config, rest, names, bus, random, clock, wallClock, warn } = options;
  const meetings = new Map<string, Meeting>();
  const listeners: ((roomId: string, id: string, sending: Sending | null) => void)[] = [];
  /** Names that are to be used no more, while the database may still have them. */
  const spent = new Set<string>();
  let looked: { readonly at: number; readonly answer: Promise<Meetings> } | null = null;
  let failures = 0;
  let isLooking = false;

  const freshName = (): string => Buffer.from(random(NAME_BYTES)).toString("base64url");
  const peopleOf = ({ places }: Meeting): CallPerson[] =>
    [...places.values()].map(({ member: { id, isHost }, shown }) => ({ id, shown, isHost }));
  const elsewhere = createElsewhere(bus, {
    here: () => [...meetings].map(([roomId, meeting]) => [roomId, peopleOf(meeting)] as const),
    onTaken: (roomId, id) => {
      const place = meetings.get(roomId)?.places.get(id);
      if (place !== undefined) endPlace(roomId, place, "elsewhere");
    },
    onRenamed: (renamed) => {
      for (const [roomId, meeting] of meetings) {
        if (renamed !== null && renamed !== roomId) continue;
        meeting.isInDoubt = true;
        ask(roomId, meeting);
      }
    },
  });
  const everybody = (roomId: string, meeting: Meeting): CallPerson[] => [
    ...peopleOf(meeting),
    ...elsewhere.people(roomId),
  ];
  const peopleChanged = (roomId: string): void => {
    const meeting = meetings.get(roomId);
    elsewhere.tellPeople(roomId, meeting === undefined ? [] : peopleOf(meeting));
  };

  const tellNews = (roomId: string, place: Place, sending: Sending | null): void => {
    if (isSameSending(place.sending, sending)) return;
    place.sending = sending;
    for (const listener of listeners) listener(roomId, place.member.id, sending);
  };

  const giveFrame = (roomId: string, place: Place, meeting: string): void => {
    const { isHost } = place.member;
    const token = writeToken({ config, isHost, now: wallClock(), random });
    const url = frameAddress({ origin: config.url, meeting, name: place.shown, token });
    place.frame = { meeting, url, givenAt: clock() };
    place.seenAt = null;
    meetings.get(roomId)?.knowers.add(place.member.id);
    place.page?.tell({ type: "call.frame", url });
    tellNews(roomId, place, NOTHING);
  };

  /** Gives MiroTalk's page to who may have it now, and tells the rest that they wait. */
  const layOut = (roomId: string, meeting: Meeting): void => {
    const { name, isHostIn } = meeting;
    if (name === null) return;
    for (const place of meeting.places.values()) {
      if (place.frame?.meeting === name) continue;
      if (place.member.isHost || isHostIn) {
        giveFrame(roomId, place, name);
        continue;
      }
      place.frame = null;
      tellNews(roomId, place, null);
      if (!place.knowsToWait) place.page?.tell({ type: "call.waiting" });
      place.knowsToWait = true;
    }
  };

  const endPlace = (roomId: string, place: Place, reason: CallEnd): void => {
    const meeting = meetings.get(roomId);
    if (meeting?.places.get(place.member.id) !== place) return;
    meeting.places.delete(place.member.id);
    clearTimeout(place.leaving);
    const { page } = place;
    place.page = null;
    if (reason !== "left") page?.tell({ type: "call.ended", reason });
    tellNews(roomId, place, null);
    const isOver = meeting.places.size === 0;
    if (isOver) meetings.delete(roomId);
    peopleChanged(roomId);
    if (isOver && reason !== "away" && elsewhere.people(roomId).length === 0) spend(roomId, meeting);
  };

  /** The name is to let nobody in any more: the next that is asked for is another. */
  const spend = (roomId: string, meeting: Meeting): void => {
    const { name } = meeting;
    if (name === null) return;
    spent.add(name);
    const oldest = spent.values().next().value;
    if (spent.size > MAX_SPENT && oldest !== undefined) spent.delete(oldest);
    meeting.name = null;
    if (meetings.get(roomId) === meeting) ask(roomId, meeting);
    else nameNow(roomId).catch((error) => warn("a call that is over keeps its name", error));
  };

  /** What the meeting is called; another name where it was spent. Null: there is no such room. */
  const nameNow = async (roomId: string): Promise<string | null> => {
    const name = await names.nameOf(roomId, freshName());
    if (name === null || !spent.has(name)) return name;
    const fresh = freshName();
    const renamed = await names.rename(roomId, { from: name, fresh, at: new Date(wallClock()) });
    spent.delete(name);
    if (renamed === fresh) elsewhere.tellRenamed(roomId);
    return renamed;
  };

  /** Finds out what the meeting is called, and whether MiroTalk is there at all; then lays out. */
  const ask = (roomId: string, meeting: Meeting): void => {
    if (meeting.isAsking) return;
    meeting.isAsking = true;
    const isOpen = (): boolean => meetings.get(roomId) === meeting;
    const asking = async (): Promise<void> => {
      while (isOpen() && (meeting.name === null || meeting.isInDoubt)) {
        meeting.isInDoubt = false;
        const before = meeting.name;
        const [name, all] = await Promise.all([nameNow(roomId), look()]);
        if (name === null) {
          for (const place of [...meeting.places.values()]) endPlace(roomId, place, "removed");
        } else if (!spent.has(name)) {
          if (name !== before) meeting.knowers.clear();
          meeting.name = name;
          hear(roomId, meeting, all);
        }
      }
    };
    asking()
      .catch((error) => {
        warn("nobody comes into a call at MiroTalk", error);
        if (!isOpen()) return;
        if (meeting.name === null) putAway(roomId, meeting);
        else meeting.isInDoubt = true; // it goes on under the name that it had, until somebody answers
      })
      .finally(() => {
        meeting.isAsking = false;
      });
  };

  const putAway = (roomId: string, meeting: Meeting): void => {
    for (const place of [...meeting.places.values()]) endPlace(roomId, place, "away");
  };

  const look = (): Promise<Meetings> => {
    const now = clock();
    if (looked !== null && now - looked.at < LOOK_AGAIN_MS) return looked.answer;
    looked = { at: now, answer: rest.meetings() };
    return looked.answer;
  };

  /** What MiroTalk says of a meeting: who is in it and what they send, and whether it is a host who presents. */
  const hear = (roomId: string, meeting: Meeting, all: Meetings): void => {
    const peers = all.get(meeting.name ?? "") ?? [];
    const people = everybody(roomId, meeting);
    const guests = new Set(people.flatMap(({ shown, isHost }) => (isHost ? [] : [shown])));
    const presenters = peers.filter(({ isPresenter }) => isPresenter);
    meeting.isHostIn = presenters.some(({ name }) => !guests.has(name));
    // Whoever came first presents, and could send the host out: the host gets a meeting in which they are the first.
    const hasStranger = presenters.some(({ name }) => guests.has(name));
    const now = clock();
    if (hasStranger && people.some(({ isHost }) => isHost) && now - meeting.renewedAt > RENEW_EVERY_MS) {
      meeting.renewedAt = now;
      spend(roomId, meeting);
      return;
    }
    for (const place of meeting.places.values()) hearOf(roomId, place, peers);
    layOut(roomId, meeting);
  };

  const hearOf = (roomId: string, place: Place, peers: readonly MeetingPeer[]): void => {
    const { frame, shown } = place;
    if (frame === null) return;
    const peer = peers.findLast(({ name }) => name === shown); // of a page that came back the old one may still be listed
    if (peer !== undefined) {
      place.seenAt = clock();
      tellNews(roomId, place, peer.sending);
    } else if (clock() - (place.seenAt ?? frame.givenAt) > UNSEEN_MS) {
      tellNews(roomId, place, null);
    }
  };

  const lookAtAll = async (): Promise<void> => {
    try {
      const all = await rest.meetings();
      failures = 0;
      for (const [roomId, meeting] of [...meetings]) {
        if (meeting.isInDoubt) ask(roomId, meeting);
        if (meeting.name !== null) hear(roomId, meeting, all);
      }
    } catch (error) {
      failures += 1;
      if (failures < AWAY_AFTER) return;
      warn("MiroTalk does not answer: its calls are over", error);
      for (const [roomId, meeting] of [...meetings]) putAway(roomId, meeting);
    }
  };

  /** While there is anybody to look for. */
  const lookAgain = (): void => {
    if (isLooking) return;
    isLooking = true;
    const timer = setTimeout(() => {
      void lookAtAll().finally(() => {
        isLooking = false;
        if (meetings.size > 0) lookAgain();
        else failures = 0;
      });
    }, LOOK_EVERY_MS);
    timer.unref();
  };

  const seatOf = (roomId: string, place: Place, page: CallPage): CallSeat => {
    const isTheirs = (): boolean => place.page === page;
    return {
      // The pages do not speak to each other here, and say nothing of what they send: MiroTalk's do.
      signal: () => undefined,
      sending: () => undefined,
      want: () => undefined,
      ice: () => undefined,
      leave: () => {
        if (isTheirs()) endPlace(roomId, place, "left");
      },
      lost: () => {
        if (!isTheirs()) return;
        place.page = null;
        place.leaving = setTimeout(() => endPlace(roomId, place, "lost"), CALL_PLACE_KEPT_MS).unref();
      },
    };
  };

  const comeBack = (roomId: string, meeting: Meeting, place: Place, page: CallPage): CallSeat => {
    clearTimeout(place.leaving);
    const before = place.page;
    place.page = page;
    if (before !== page) before?.tell({ type: "call.ended", reason: "elsewhere" });
    setMember(roomId, meeting, place, page.member);
    const { frame, sending } = place;
    if (frame !== null && frame.meeting === meeting.name) page.tell({ type: "call.frame", url: frame.url });
    else if (place.knowsToWait) page.tell({ type: "call.waiting" });
    if (sending !== null) for (const listener of listeners) listener(roomId, place.member.id, sending);
    layOut(roomId, meeting);
    return seatOf(roomId, place, page);
  };

  const setMember = (roomId: string, meeting: Meeting, place: Place, member: Member): void => {
    const { isHost } = place.member;
    place.member = member;
    if (isHost === member.isHost) return;
    peopleChanged(roomId);
    // MiroTalk takes presenting from nobody: where one who was a host presents, the others go elsewhere.
    if (isHost && place.frame !== null) spend(roomId, meeting);
    else layOut(roomId, meeting);
  };

  const join = (roomId: string, page: CallPage): CallSeat | null => {
    const { member } = page;
    const meeting = meetings.get(roomId) ?? newMeeting();
    const kept = meeting.places.get(member.id);
    if (kept !== undefined) return comeBack(roomId, meeting, kept, page);

    const there = everybody(roomId, meeting).filter(({ id }) => id !== member.id);
    const crowd = { people: there.length, hosts: there.filter(({ isHost }) => isHost).length };
    if (!hasPlace(crowd, member.isHost)) {
      page.tell({ type: "call.ended", reason: "full" });
      return null;
    }
    const place: Place = {
      member,
      page,
      shown: shownName(member.name, new Set(there.map(({ shown }) => shown))),
      frame: null,
      knowsToWait: false,
      seenAt: null,
      sending: null,
      leaving: undefined,
    };
    meetings.set(roomId, meeting);
    meeting.places.set(member.id, place);
    elsewhere.tellTaken(roomId, member.id);
    peopleChanged(roomId);
    if (meeting.name === null) ask(roomId, meeting);
    else layOut(roomId, meeting);
    lookAgain();
    return seatOf(roomId, place, page);
  };

  const end = (roomId: string, id: string, isOwnWill: boolean): void => {
    const meeting = meetings.get(roomId);
    if (meeting === undefined) return;
    const knew = meeting.knowers.has(id);
    const place = meeting.places.get(id);
    if (place !== undefined) endPlace(roomId, place, "removed");
    // What they know of it opens the meeting for as long as it has this name.
    if (knew && !isOwnWill) spend(roomId, meeting);
  };

  return {
    kind: "mirotalk",
    join,
    mute: () => null,
    muteAll: () => undefined,
    press: () => NO_TALK,
    look: () => NO_TALK,
    roleChanged: (roomId, id, role, isHost) => {
      const meeting = meetings.get(roomId);
      const place = meeting?.places.get(id);
      if (meeting !== undefined && place !== undefined)
        setMember(roomId, meeting, place, { ...place.member, role, isHost });
    },
    end: (roomId, id, isOwnWill) => {
      for (const inRoom of roomId === null ? [...meetings.keys()] : [roomId]) end(inRoom, id, isOwnWill);
    },
    close: (roomId) => {
      for (const place of [...(meetings.get(roomId)?.places.values() ?? [])])
        endPlace(roomId, place, "removed");
    },
    onNews: (listener) => {
      listeners.push(listener);
    },
    counts: () => {
      const people = [...meetings.values()].reduce((sum, { places }) => sum + places.size, 0);
      return { calls: meetings.size, people };
    },
  };
}

function newMeeting(): Meeting {
  return {
    places: new Map(),
    name: null,
    isInDoubt: false,
    isHostIn: false,
    knowers: new Set(),
    isAsking: false,
    renewedAt: Number.NEGATIVE_INFINITY,
  };
}
