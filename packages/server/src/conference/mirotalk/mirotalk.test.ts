import { randomBytes } from "node:crypto";
import { CALL_PLACE_KEPT_MS } from "@colourstream/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  createMiroTalkStandIn,
  type MiroTalkStandIn,
  readToken,
} from "../../../../../tests/tools/mirotalk.js";
import type { Bus } from "../../bus/bus.js";
import type { CallNameStore } from "../../store/call-names.js";
import { joinBuses } from "../../testing/pair.js";
import {
  conferenceContract,
  enter,
  memberOf,
  pageOf,
  SILENT,
  type TestPage,
  toldOf,
} from "../conference.contract.js";
import type { CallPage, Conference } from "../conference.js";
import { createMiroTalkConference } from "./mirotalk.js";

const CONFIG = {
  url: "https://video.example.org",
  jwtKey: "jwt-key-of-the-test-0123456789",
  username: "colourstream",
  password: "password-of-the-test-01",
};
const LOOK_MS = 2_000;
const NEXT_LOOK_MS = LOOK_MS + 50; // and what follows from it

let mirotalk: MiroTalkStandIn;
let names: Map<string, string>;
let warnings: string[];
/** Before which a browser opens no frame. */
let areBrowsersSlow: boolean;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  mirotalk = createMiroTalkStandIn(CONFIG.jwtKey);
  names = new Map();
  warnings = [];
  areBrowsersSlow = false;
});
afterEach(() => {
  vi.useRealTimers();
});

const store: CallNameStore = {
  nameOf: async (roomId, fresh) => {
    if (roomId === "no room") return null;
    if (!names.has(roomId)) names.set(roomId, fresh);
    return names.get(roomId) ?? null;
  },
  rename: async (roomId, { from, fresh }) => {
    if (names.get(roomId) === from) names.set(roomId, fresh);
    return names.get(roomId) ?? null;
  },
};

/** The conference, with browsers that open the frames that pages are given. */
function open(bus: Bus = joinBuses("one").buses[0] as Bus): Conference {
  const conference = createMiroTalkConference({
    config: CONFIG,
    rest: mirotalk.rest,
    names: store,
    bus,
    random: randomBytes,
    clock: () => performance.now(),
    wallClock: Date.now,
    warn: (message) => warnings.push(message),
  });
  const browsing = (page: CallPage): CallPage => ({
    ...page,
    tell: (said) => {
      page.tell(said);
      if (said.type === "call.ended" || said.type === "call.waiting") mirotalk.leave(page.member.id);
      if (said.type === "call.frame" && !areBrowsersSlow) mirotalk.enter(page.member.id, said.url);
    },
  });
  return {
    ...conference,
    join: (roomId, page, resume) => {
      const seat = conference.join(roomId, browsing(page), resume);
      if (seat === null) return null;
      return {
        ...seat,
        leave: () => {
          seat.leave();
          mirotalk.leave(page.member.id);
        },
      };
    },
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const host = () => pageOf(memberOf("Pia", "presenter"));
const guest = (name = "Gus") => pageOf(memberOf(name));
const framesOf = (page: TestPage) => toldOf(page, "call.frame").map(({ url }) => new URL(url));
const meetingOf = (page: TestPage) => framesOf(page).at(-1)?.searchParams.get("room") ?? "";
const asPresenter = (page: TestPage) =>
  readToken(framesOf(page).at(-1)?.searchParams.get("token") ?? "", CONFIG.jwtKey).account;

conferenceContract("MiroTalk", () => open());

test("a host has MiroTalk's page at once; a guest waits until MiroTalk lists the host", async () => {
  const conference = open();
  areBrowsersSlow = true;
  const [pia, gus] = [host(), guest()];
  enter(conference, gus);
  await pass(NEXT_LOOK_MS);
  expect(gus.told).toEqual([{ type: "call.waiting" }]);
  enter(conference, pia);
  await pass(NEXT_LOOK_MS);
  expect(framesOf(pia)).toHaveLength(1);
  expect(framesOf(gus)).toEqual([]);
  mirotalk.enter(pia.member.id, framesOf(pia)[0]?.href ?? "");
  await pass(NEXT_LOOK_MS);
  expect(framesOf(gus)).toHaveLength(1);
  expect(meetingOf(gus)).toBe(meetingOf(pia));
  expect(meetingOf(gus)).toMatch(/^[\w-]{22}$/); // 128 bits
  expect(asPresenter(pia)).toMatchObject({ username: "colourstream", presenter: "true" });
  expect(asPresenter(gus)).toMatchObject({ presenter: "false" });
});

test("a guest's own presence in an empty meeting opens it to nobody", async () => {
  const conference = open();
  const [pia, gus, ada] = [host(), guest(), guest("Ada")];
  const hosts = enter(conference, pia);
  enter(conference, gus);
  await pass(2 * NEXT_LOOK_MS);
  hosts.leave();
  mirotalk.leave(gus.member.id);
  mirotalk.enter(gus.member.id, framesOf(gus)[0]?.href ?? ""); // the first now: MiroTalk makes them presenter
  await pass(NEXT_LOOK_MS);
  enter(conference, ada);
  await pass(NEXT_LOOK_MS);
  expect(framesOf(ada)).toEqual([]);
});

test("where a guest presents, the host gets another meeting, in which nobody was before", async () => {
  const conference = open();
  const [pia, gus] = [host(), guest()];
  const hosts = enter(conference, pia);
  enter(conference, gus);
  await pass(2 * NEXT_LOOK_MS);
  const first = meetingOf(gus);
  hosts.leave();
  mirotalk.leave(gus.member.id);
  mirotalk.enter(gus.member.id, framesOf(gus)[0]?.href ?? "");
  await pass(NEXT_LOOK_MS);
  const back = host();
  enter(conference, back);
  await pass(3 * NEXT_LOOK_MS);
  expect(meetingOf(back)).not.toBe(first);
  expect(meetingOf(gus)).toBe(meetingOf(back));
  expect(mirotalk.meetings()).toEqual([meetingOf(back)]);
});

test("after a kick everybody else gets another meeting, hosts first, and what the kicked one knows leads nowhere", async () => {
  const conference = open();
  const [pia, gus, eve] = [host(), guest(), guest("Eve")];
  for (const page of [pia, gus, eve]) enter(conference, page);
  await pass(2 * NEXT_LOOK_MS);
  const first = meetingOf(eve);
  conference.end(null, eve.member.id, false);
  expect(toldOf(eve, "call.ended")).toEqual([{ type: "call.ended", reason: "removed" }]);
  await pass(0);
  expect(meetingOf(pia)).not.toBe(first);
  expect(toldOf(gus, "call.waiting").length).toBeGreaterThan(0);
  await pass(NEXT_LOOK_MS);
  expect(meetingOf(gus)).toBe(meetingOf(pia));
  mirotalk.enter("Eve again", framesOf(eve)[0]?.href ?? "");
  expect(mirotalk.meetings()).toEqual([meetingOf(pia), first]);
});

test("who is sent out after they left the call knew its name too; who leaves by their own will disturbs nobody", async () => {
  const conference = open();
  const [pia, gus, eve] = [host(), guest(), guest("Eve")];
  const seats = [pia, gus, eve].map((page) => enter(conference, page));
  await pass(2 * NEXT_LOOK_MS);
  const first = meetingOf(pia);
  conference.end(null, gus.member.id, true);
  seats[2]?.leave();
  await pass(NEXT_LOOK_MS);
  expect(framesOf(pia)).toHaveLength(1);
  conference.end(null, eve.member.id, false);
  await pass(0);
  expect(meetingOf(pia)).not.toBe(first);
});

test("a call that is over has another name the next time; one that only the server's end interrupted has not", async () => {
  const conference = open();
  const pia = host();
  const seat = enter(conference, pia);
  await pass(NEXT_LOOK_MS);
  const first = meetingOf(pia);
  const restarted = open();
  enter(restarted, pia);
  await pass(NEXT_LOOK_MS);
  expect(meetingOf(pia)).toBe(first);
  restarted.close("room");
  seat.leave();
  await pass(0);
  enter(conference, pia);
  await pass(0);
  expect(meetingOf(pia)).not.toBe(first);
});

test("what MiroTalk lists of somebody is told of them; two of one name have a number", async () => {
  const conference = open();
  const news: unknown[] = [];
  const [pia, gus] = [host(), guest()];
  const other = pageOf({ ...memberOf("Gus"), id: "another Gus" });
  for (const page of [pia, gus, other]) enter(conference, page);
  await pass(2 * NEXT_LOOK_MS);
  expect([gus, other].map((page) => framesOf(page)[0]?.searchParams.get("name"))).toEqual(["Gus", "Gus (2)"]);
  conference.onNews((_, id, sending) => news.push([id, sending]));
  mirotalk.sends(other.member.id, { mic: true, camera: true });
  await pass(2 * NEXT_LOOK_MS);
  expect(news).toEqual([["another Gus", { ...SILENT, mic: true, camera: true }]]);
  mirotalk.leave(other.member.id); // their browser lost MiroTalk
  await pass(20_000);
  expect(news.slice(1)).toEqual([["another Gus", null]]);
  mirotalk.enter(other.member.id, framesOf(other)[0]?.href ?? "");
  await pass(NEXT_LOOK_MS);
  expect(news.slice(2)).toEqual([["another Gus", SILENT]]);
});

test("who is made host while waiting is in at once; a host who is one no more leaves no meeting behind in which they present", async () => {
  const conference = open();
  const [pia, gus] = [host(), guest()];
  enter(conference, gus);
  await pass(NEXT_LOOK_MS);
  conference.roleChanged("room", gus.member.id, "presenter", true);
  expect(framesOf(gus)).toHaveLength(1);
  enter(conference, pia);
  await pass(NEXT_LOOK_MS);
  const first = meetingOf(pia);
  conference.roleChanged("room", gus.member.id, "reviewer", false);
  await pass(NEXT_LOOK_MS);
  expect(meetingOf(pia)).not.toBe(first);
  expect(meetingOf(gus)).toBe(meetingOf(pia));
  expect(asPresenter(gus)).toMatchObject({ presenter: "false" });
});

test("a page that comes back is given the page that it has; its place is kept meanwhile", async () => {
  const conference = open();
  const pia = host();
  const seat = enter(conference, pia);
  await pass(0);
  seat.lost();
  await pass(CALL_PLACE_KEPT_MS - 1_000);
  const back = host();
  enter(conference, back);
  expect(back.told).toEqual(pia.told.slice(-1));
});

test("without an answer from MiroTalk whoever joins is told so, and those inside after three looks", async () => {
  const conference = open();
  const [pia, gus] = [host(), guest()];
  enter(conference, pia);
  await pass(NEXT_LOOK_MS);
  mirotalk.isAway = true;
  await pass(2 * LOOK_MS);
  expect(toldOf(pia, "call.ended")).toEqual([]);
  await pass(NEXT_LOOK_MS);
  expect(toldOf(pia, "call.ended")).toEqual([{ type: "call.ended", reason: "away" }]);
  enter(conference, gus);
  await pass(0);
  expect(toldOf(gus, "call.ended")).toEqual([{ type: "call.ended", reason: "away" }]);
  expect(conference.counts()).toEqual({ calls: 0, people: 0 });
  expect(warnings.length).toBeGreaterThan(0);
  mirotalk.isAway = false;
  await pass(LOOK_MS);
  const back = host();
  enter(conference, back);
  await pass(NEXT_LOOK_MS);
  expect(framesOf(back)).toHaveLength(1);
});

test("MiroTalk is asked while somebody is in a call or waits, and then no more", async () => {
  const conference = open();
  const seat = enter(conference, guest());
  await pass(10 * LOOK_MS);
  expect(mirotalk.asked).toBeGreaterThan(8);
  seat.leave();
  await pass(NEXT_LOOK_MS);
  const asked = mirotalk.asked;
  await pass(10 * LOOK_MS);
  expect([mirotalk.asked, vi.getTimerCount()]).toEqual([asked, 0]);
});

test("a room that has gone has no call", async () => {
  const conference = open();
  const pia = host();
  conference.join("no room", pia, null);
  await pass(0);
  expect(pia.told).toEqual([{ type: "call.ended", reason: "removed" }]);
});

test("two processes have one call: one name, one limit, one place for a person; a kick at one renews it at both", async () => {
  const lines = joinBuses("one", "two");
  const [one, two] = lines.buses.map((bus) => open(bus)) as [Conference, Conference];
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await lines.quiet();
      await pass(NEXT_LOOK_MS);
    }
  };
  const [pia, gus, eve] = [host(), guest(), guest("Eve")];
  enter(one, pia);
  enter(two, gus);
  enter(two, eve);
  await settle();
  const first = meetingOf(pia);
  expect([meetingOf(gus), meetingOf(eve)]).toEqual([first, first]);
  const other = pageOf({ ...memberOf("Gus"), id: "another Gus" });
  enter(one, other);
  await settle();
  expect(framesOf(other)[0]?.searchParams.get("name")).toBe("Gus (2)");

  two.end(null, eve.member.id, false);
  await settle();
  expect(meetingOf(pia)).not.toBe(first);
  expect(new Set([pia, gus, other].map(meetingOf))).toEqual(new Set([names.get("room")]));

  enter(one, pageOf(gus.member)); // their page came back to the other process
  await settle();
  expect(toldOf(gus, "call.ended")).toEqual([{ type: "call.ended", reason: "elsewhere" }]);
  expect([one.counts().people, two.counts().people]).toEqual([3, 0]);
  for (let n = 0; n < 5; n++) enter(two, guest(`Reviewer ${n}`));
  await settle();
  const late = guest("Late");
  expect(two.join("room", late, null)).toBeNull();
  lines.kill("two");
  await settle();
  enter(one, late);
});
