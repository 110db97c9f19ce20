import { expect, test } from "vitest";
import { setViewer } from "./viewer-scene.js";

test("nothing is opened while nobody is live, and the picture starts by itself", () => {
  const { clock, viewer, sessions, states, play } = setViewer();
  viewer.streamIs(null);
  clock.advance(60_000);
  expect(sessions).toHaveLength(0);
  viewer.streamIs("live");
  play(400);
  expect(states).toEqual(["connecting", "live"]);
});

test("a second without a frame is a stall, and the next frame ends it in the same session", () => {
  const { clock, viewer, sessions, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  clock.advance(900);
  expect(viewer.state().is).toBe("live");
  last().events.bytes();
  clock.advance(400);
  expect(viewer.state().is).toBe("stalled");
  last().events.frame();
  expect(viewer.state().is).toBe("live");
  expect(sessions).toHaveLength(1);
});

test("an interrupted encoder leaves the session open: the picture comes back without a new one", () => {
  const { clock, viewer, sessions, play } = setViewer();
  viewer.streamIs("live");
  play(400);
  viewer.streamIs("interrupted");
  clock.advance(25_000);
  expect(viewer.state().is).toBe("stalled");
  viewer.streamIs("live");
  play(400);
  expect(viewer.state().is).toBe("live");
  expect(sessions).toHaveLength(1);
});

test("a second without bytes while the server says live means a new session, at once", () => {
  const { clock, viewer, sessions, play } = setViewer();
  viewer.streamIs("live");
  play(400);
  clock.advance(1_200);
  expect(viewer.state()).toMatchObject({ is: "reconnecting", attempt: 1, reason: "nothing arrives" });
  expect(sessions).toHaveLength(2);
});

test("bytes without frames are a stall, not a lost session", () => {
  const { clock, viewer, sessions, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  for (let round = 0; round < 20; round++) {
    last().events.bytes();
    clock.advance(500);
  }
  expect(viewer.state().is).toBe("stalled");
  expect(sessions).toHaveLength(1);
});

test("the session on screen is kept until the next one has a frame, then closed", () => {
  const { clock, viewer, sessions, shown, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  const first = last();
  first.events.dead("ICE failed");
  clock.advance(0);
  expect(sessions).toHaveLength(2);
  expect(first.closed).toBe(false);
  last().events.frame();
  expect(first.closed).toBe(true);
  expect(shown).toEqual([sessions[0], sessions[1]]);
  expect(viewer.state().is).toBe("live");
});

test("retries go on for ever, at most 6 s apart, each with a session of its own", () => {
  const { clock, viewer, sessions, last } = setViewer();
  viewer.streamIs("live");
  for (let round = 0; round < 40; round++) {
    const before = sessions.length;
    last().events.dead("refused");
    expect(last().closed).toBe(true);
    clock.advance(6_000);
    expect(sessions.length).toBe(before + 1);
  }
  expect(viewer.state()).toMatchObject({ is: "reconnecting", attempt: 40, nextAt: null });
});

test("an attempt without a picture within 8 s counts as failed", () => {
  const { clock, viewer, sessions } = setViewer();
  viewer.streamIs("live");
  clock.advance(8_500);
  expect(sessions).toHaveLength(2);
  expect(viewer.state()).toMatchObject({ is: "reconnecting", attempt: 1 });
});

test("the encoder's return and the network's return end the wait", () => {
  const { clock, viewer, sessions, last } = setViewer();
  viewer.streamIs("live");
  const fail = () => {
    for (let round = 0; round < 6; round++) {
      last().events.dead("refused");
      clock.advance(6_000);
    }
    last().events.dead("refused");
  };
  fail();
  let before = sessions.length;
  viewer.networkChanged();
  expect(sessions).toHaveLength(before + 1);
  fail();
  before = sessions.length;
  viewer.streamIs("live");
  expect(sessions, "a repeated “live” is not news").toHaveLength(before);
  viewer.streamIs("interrupted");
  viewer.streamIs("live");
  expect(sessions).toHaveLength(before + 1);
});

test("“nobody is live” is not believed while the picture runs, and is 4 s after it stopped", () => {
  const { clock, viewer, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  viewer.streamIs(null);
  play(10_000);
  expect(viewer.state().is).toBe("live");
  clock.advance(3_500);
  expect(viewer.state().is).toBe("stalled");
  clock.advance(1_000);
  expect(viewer.state().is).toBe("waiting");
  expect(last().closed).toBe(true);
});

test("a session that ends when nobody is live is the end of the take, not a fault", () => {
  const { viewer, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  viewer.streamIs(null);
  last().events.dead("ICE disconnected");
  expect(viewer.state().is).toBe("waiting");
});

test("a first session that dies when nobody is live any more ends in waiting", () => {
  const { clock, viewer, sessions } = setViewer();
  viewer.streamIs("live");
  viewer.streamIs(null);
  clock.advance(5_000);
  expect(viewer.state().is).toBe("waiting");
  expect(sessions.every((session) => session.closed)).toBe(true);
});

test("a stopped viewer closes everything and stays stopped", () => {
  const { clock, viewer, sessions, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  last().events.dead("ICE failed");
  viewer.stop();
  viewer.streamIs("live");
  viewer.networkChanged();
  clock.advance(60_000);
  expect(viewer.state().is).toBe("ended");
  expect(sessions.every((session) => session.closed)).toBe(true);
});

test("what an abandoned session says later is not heard", () => {
  const { clock, viewer, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  const first = last();
  first.events.dead("ICE failed");
  clock.advance(0);
  last().events.frame();
  first.events.dead("again");
  first.events.frame();
  expect(viewer.state().is).toBe("live");
});

test("a session given up too early is taken back when its picture moves before the next one's", () => {
  const { clock, viewer, sessions, play, last } = setViewer();
  viewer.streamIs("live");
  play(400);
  const first = last();
  clock.advance(2_400);
  expect(viewer.state().is).toBe("reconnecting");
  first.events.frame();
  expect(viewer.state().is).toBe("live");
  expect(first.closed).toBe(false);
  expect(sessions[1]?.closed).toBe(true);
});

test("who comes while the encoder is away waits, and is connected when it returns", () => {
  const { clock, viewer, sessions } = setViewer();
  viewer.streamIs("interrupted");
  clock.advance(20_000);
  expect(sessions).toHaveLength(0);
  viewer.streamIs("live");
  expect(sessions).toHaveLength(1);
});

test("what sessions are opened with has changed: another one takes over behind the picture", () => {
  const { viewer, sessions, shown, play, last } = setViewer();
  viewer.streamIs("live");
  const first = last();
  play(400, first);
  viewer.renew();
  play(400, first);
  expect(sessions).toHaveLength(2);
  expect([first.closed, viewer.state().is]).toEqual([false, "live"]);
  last().events.frame();
  expect(shown.at(-1)).toBe(last());
  expect(first.closed).toBe(true);
  play(5_000);
  expect(sessions).toHaveLength(2); // once
});

test("a session that is only being opened is opened anew", () => {
  const { viewer, sessions } = setViewer();
  viewer.renew();
  expect(sessions).toHaveLength(0);
  viewer.streamIs("live");
  viewer.renew();
  expect(sessions.map(({ closed }) => closed)).toEqual([true, false]);
});
