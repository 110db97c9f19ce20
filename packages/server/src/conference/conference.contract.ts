import { CALL_PLACE_KEPT_MS, type Sending } from "@colourstream/contract";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Member } from "../rooms/presence.js";
import type { CallPage, CallSeat, CallTells, Conference } from "./conference.js";

/** A page as a test sees it, with all that it was told. */
export type TestPage = CallPage & { readonly told: CallTells[] };

/** Sends nothing. */
export const SILENT: Sending = { mic: false, camera: false, screen: false, side: false };

/** Somebody in a room; a presenter hosts it. */
export function memberOf(name: string, role: Member["role"] = "reviewer"): Member {
  return { id: `seat of ${name}`, personId: `person ${name}`, name, role, isHost: role === "presenter" };
}

/** Their page. */
export function pageOf(member: Member): TestPage {
  const told: CallTells[] = [];
  return { member, origin: "http://localhost:3000", told, tell: (said) => told.push(said) };
}

/** What it was told of that type. */
export function toldOf<T extends CallTells["type"]>(
  { told }: TestPage,
  type: T,
): Extract<CallTells, { type: T }>[] {
  return told.filter((said): said is Extract<CallTells, { type: T }> => said.type === type);
}

/** The welcome that it got last. */
export function welcomeOf(page: TestPage): Extract<CallTells, { type: "call.welcome" }> {
  const last = toldOf(page, "call.welcome").at(-1);
  if (last === undefined) throw new Error(`${page.member.name} was not welcomed`);
  return last;
}

/** Joins, and answers the place; throws where there was none. */
export function enter(conference: Conference, page: TestPage, resume: string | null = null): CallSeat {
  const seat = conference.join("room", page, resume);
  if (seat === null) throw new Error(`${page.member.name} got no place`);
  return seat;
}

/** As long as a conference needs to hear of what has happened in it. */
const SOON_MS = 5_000;

type News = [roomId: string, id: string, sending: Sending | null];

/** What every conference promises. The timers are faked, by the caller or here. */
export function conferenceContract(name: string, open: () => Conference): void {
  describe(`${name} as a conference`, () => {
    beforeEach(() => {
      if (vi.isFakeTimers()) return;
      vi.useFakeTimers();
      return () => {
        vi.useRealTimers();
      };
    });
    const opened = () => {
      const conference = open();
      const news: News[] = [];
      conference.onNews((...one) => news.push(one));
      return { conference, news };
    };
    const twoIn = async () => {
      const { conference, news } = opened();
      const [host, guest] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
      const seats = { host: enter(conference, host), guest: enter(conference, guest) };
      await vi.advanceTimersByTimeAsync(SOON_MS);
      return { conference, news, host, guest, seats };
    };

    test("joining opens nothing, and news says who is in, and that they left", async () => {
      const { conference, news } = opened();
      const seat = enter(conference, pageOf(memberOf("Pia", "presenter")));
      await vi.advanceTimersByTimeAsync(SOON_MS);
      expect(news).toEqual([["room", "seat of Pia", SILENT]]);
      seat.leave();
      expect(news.slice(1)).toEqual([["room", "seat of Pia", null]]);
      expect(conference.counts()).toEqual({ calls: 0, people: 0 });
    });

    test("a host and a guest are both in", async () => {
      const { conference, news } = await twoIn();
      expect(news).toEqual([
        ["room", "seat of Pia", SILENT],
        ["room", "seat of Gus", SILENT],
      ]);
      expect(conference.counts()).toEqual({ calls: 1, people: 2 });
    });

    test("who is put out has left at once, and is told why; where they are not nothing happens", async () => {
      const { conference, news, guest } = await twoIn();
      conference.end("another room", guest.member.id, false);
      expect(toldOf(guest, "call.ended")).toEqual([]);
      conference.end(null, guest.member.id, false);
      expect(toldOf(guest, "call.ended")).toEqual([{ type: "call.ended", reason: "removed" }]);
      expect(news.at(-1)).toEqual(["room", "seat of Gus", null]);
      expect(conference.counts()).toEqual({ calls: 1, people: 1 });
    });

    test("a room that is shut leaves nothing behind", async () => {
      const { conference, host, guest } = await twoIn();
      conference.close("room");
      for (const page of [host, guest]) expect(toldOf(page, "call.ended")).toHaveLength(1);
      expect(conference.counts()).toEqual({ calls: 0, people: 0 });
    });

    test("another page of the same seat takes over, and the first is told so; it leaves nothing any more", async () => {
      const { conference, guest, seats } = await twoIn();
      enter(conference, pageOf(guest.member));
      expect(toldOf(guest, "call.ended")).toEqual([{ type: "call.ended", reason: "elsewhere" }]);
      seats.guest.leave();
      expect(conference.counts()).toEqual({ calls: 1, people: 2 });
    });

    test("a broken connection keeps its place for 30 s, and who comes back within them is in, said anew", async () => {
      const { conference, news, guest, seats } = await twoIn();
      seats.guest.lost();
      await vi.advanceTimersByTimeAsync(CALL_PLACE_KEPT_MS - 1_000);
      expect(conference.counts().people).toBe(2);
      const said = news.length;
      enter(conference, pageOf(guest.member)).lost();
      await vi.advanceTimersByTimeAsync(SOON_MS);
      expect(news.slice(said).at(-1)).toEqual(["room", "seat of Gus", SILENT]);
      await vi.advanceTimersByTimeAsync(CALL_PLACE_KEPT_MS);
      expect(news.at(-1)).toEqual(["room", "seat of Gus", null]);
      expect(conference.counts().people).toBe(1);
    });

    test("seven reviewers fill a call without a host; a host has the eighth place", () => {
      const { conference } = opened();
      for (let n = 0; n < 7; n++) enter(conference, pageOf(memberOf(`Reviewer ${n}`)));
      const eighth = pageOf(memberOf("Hal"));
      expect(conference.join("room", eighth, null)).toBeNull();
      expect(eighth.told).toEqual([{ type: "call.ended", reason: "full" }]);
      enter(conference, pageOf(memberOf("Pia", "presenter")));
      expect(conference.counts()).toEqual({ calls: 1, people: 8 });
      conference.close("room");
    });

    test("whoever is not in the call has no microphone to close or to press", async () => {
      const { conference } = await twoIn();
      expect(conference.mute("room", "seat of nobody", "Pia")).toBeNull();
      const isNobody = ({ name: called }: Member) => called === "nobody";
      const pressed = { press: "down", forMs: 500, by: "phone" } as const;
      const out = { isInCall: false, isLive: false, mayTalk: true };
      expect(conference.press("room", isNobody, pressed)).toEqual(out);
      expect(conference.look("room", isNobody)).toEqual(out);
    });
  });
}
