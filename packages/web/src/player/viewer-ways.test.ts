import { expect, test } from "vitest";
import { createViewer, type SessionEvents } from "./viewer.js";
import { setViewer, WELL } from "./viewer-scene.js";

/** A WebRTC session that the server answers and the network does not let through. */
function block({ clock, last }: ReturnType<typeof setViewer>) {
  last().events.answered();
  clock.advance(5_200);
}

test("WebRTC that has not connected in 5 s is followed by HLS, while the page still says that the picture is coming", () => {
  const room = setViewer();
  const { viewer, sessions, play, states } = room;
  viewer.streamIs("live");
  expect(sessions[0]?.way).toBe("webrtc");
  block(room);
  expect(sessions.map(({ way }) => way)).toEqual(["webrtc", "hls"]);
  expect(sessions[0]?.closed).toBe(true);
  play(400);
  expect(states).toEqual(["connecting", "live"]);
});

test("a connection that stands has 8 s for its first frame", () => {
  const room = setViewer();
  const { clock, viewer, sessions, last } = room;
  viewer.streamIs("live");
  last().events.answered();
  clock.advance(1_000);
  last().events.connected();
  clock.advance(6_500);
  expect(sessions).toHaveLength(1);
  clock.advance(1_000);
  expect(sessions.map(({ way }) => way)).toEqual(["webrtc", "hls"]);
});

test("a server that does not answer is no reason for the other way", () => {
  const { clock, viewer, sessions, last } = setViewer();
  viewer.streamIs("live");
  for (let round = 0; round < 5; round++) {
    last().events.dead("no ticket");
    clock.advance(6_000);
  }
  expect(sessions.every(({ way }) => way === "webrtc")).toBe(true);
});

test("behind a picture by HLS WebRTC is tried after 30 s, 60 s, then every 2 min, and takes over with its first frame", () => {
  const room = setViewer();
  const { viewer, sessions, play, clock, shown } = room;
  viewer.streamIs("live");
  block(room);
  const hls = room.last();
  const opened: number[] = [];
  const startedAt = clock.now();
  for (let second = 0; second < 400; second++) {
    const before = sessions.length;
    play(1_000, hls);
    if (sessions.length > before) {
      opened.push(Math.round((clock.now() - startedAt) / 1_000));
      room.last().events.answered();
    }
    expect(viewer.state().is).toBe("live");
  }
  const gaps = opened.map((at, index) => at - (opened[index - 1] ?? 0));
  expect(gaps[0]).toBeGreaterThanOrEqual(30);
  expect(gaps[0]).toBeLessThan(32);
  expect(gaps[1]).toBeGreaterThanOrEqual(60);
  expect(gaps[1]).toBeLessThan(68);
  expect(gaps.slice(2).every((gap) => gap >= 120 && gap < 128)).toBe(true);
  expect(gaps.length).toBe(4);
  expect(hls.closed).toBe(false);

  const before = sessions.length;
  for (let second = 0; second < 130 && sessions.length === before; second++) play(1_000, hls);
  const probe = room.last();
  expect(probe.way).toBe("webrtc");
  probe.events.frame();
  expect(hls.closed).toBe(true);
  expect(shown.at(-1)).toBe(probe);
});

test("a way that comes and goes is tried less and less often: nothing flaps", () => {
  const room = setViewer();
  const { viewer, sessions, play, clock } = room;
  viewer.streamIs("live");
  block(room);
  for (let round = 0; round < 40; round++) {
    const now = room.last();
    if (now.way === "hls") play(10_000, now);
    else {
      now.events.answered();
      now.events.connected();
      play(2_000, now);
      now.events.dead("lost", "unreachable");
      clock.advance(0);
    }
  }
  const switches = sessions.filter(({ way }) => way === "webrtc").length;
  expect(switches).toBeLessThan(6);
});

test("a stream with B-frames comes by HLS at once, and WebRTC is not tried behind it", () => {
  const { viewer, sessions, play } = setViewer();
  viewer.suits({ ...WELL, webrtc: "poorly" });
  viewer.streamIs("live");
  play(200_000);
  expect(sessions.map(({ way }) => way)).toEqual(["hls"]);
});

test("when the encoder's B-frames are gone the picture moves to WebRTC, and back when they return", () => {
  const { viewer, sessions, play, last } = setViewer();
  viewer.suits({ ...WELL, webrtc: "poorly", format: "with" });
  viewer.streamIs("live");
  play(1_000);
  viewer.suits(WELL);
  play(300, sessions[0]);
  expect(last().way).toBe("webrtc");
  expect(sessions[0]?.closed).toBe(false);
  play(1_000);
  expect(sessions[0]?.closed).toBe(true);
  viewer.suits({ ...WELL, webrtc: "poorly", format: "with" });
  play(300, sessions[1]);
  expect(last().way).toBe("hls");
  expect(viewer.state().is).toBe("live");
});

test("an offer without the stream's codec is not repeated until the format is another one", () => {
  const { viewer, sessions, play, last } = setViewer();
  viewer.suits({ ...WELL, format: "h265" });
  viewer.streamIs("live");
  last().events.dead("the server answered 406", "codec");
  expect(last().way).toBe("hls");
  play(400_000);
  expect(sessions).toHaveLength(2);
  viewer.suits(WELL);
  play(300, sessions[1]);
  expect(last().way).toBe("webrtc");
});

test("a stream that no way can show opens nothing, and is shown when its format changes", () => {
  const { viewer, sessions, states, last } = setViewer();
  viewer.suits({ ...WELL, webrtc: "no", hls: false, format: "av1" });
  viewer.streamIs("live");
  expect(states.at(-1)).toBe("unplayable");
  expect(sessions).toHaveLength(0);
  viewer.suits(WELL);
  last().events.frame();
  expect(states.slice(-2)).toEqual(["connecting", "live"]);
});

test("an encoder that comes back with another codec ends the wait, in whichever order that is heard", () => {
  const { viewer, last } = setViewer();
  viewer.suits({ ...WELL, webrtc: "no", hls: false, format: "h265" });
  viewer.streamIs("live");
  viewer.streamIs("interrupted");
  expect(viewer.state().is).toBe("unplayable");
  viewer.suits(WELL);
  viewer.streamIs("live");
  last().events.frame();
  expect(viewer.state().is).toBe("live");
});

test("a stream becomes one that cannot be shown while it is watched", () => {
  const { viewer, play, last } = setViewer();
  viewer.suits(WELL);
  viewer.streamIs("live");
  play(400);
  viewer.suits({ ...WELL, webrtc: "no", hls: false, format: "av1" });
  expect(viewer.state().is).toBe("unplayable");
  expect(last().closed).toBe(true);
  viewer.streamIs(null);
  expect(viewer.state().is).toBe("waiting");
});

test("what is chosen by hand is used, beside the picture that is there", () => {
  const { viewer, sessions, play, last } = setViewer();
  viewer.suits(WELL);
  viewer.streamIs("live");
  play(400);
  viewer.choose("hls");
  play(300, sessions[0]);
  expect(last().way).toBe("hls");
  play(100_000);
  expect(sessions).toHaveLength(2);
  viewer.choose("auto");
  play(300, sessions[1]);
  expect(last().way).toBe("webrtc");
});

test("WebRTC chosen by hand is kept to where the network blocks it", () => {
  const room = setViewer("webrtc");
  room.viewer.suits(WELL);
  room.viewer.streamIs("live");
  for (let round = 0; round < 4; round++) {
    block(room);
    room.clock.advance(6_000);
  }
  expect(room.sessions.every(({ way }) => way === "webrtc")).toBe(true);
  expect(room.viewer.state().is).toBe("reconnecting");
});

test("HLS that fails too gives WebRTC its turn again", () => {
  const room = setViewer();
  room.viewer.streamIs("live");
  block(room);
  room.last().events.dead("no playlist", "unreachable");
  room.clock.advance(1_000);
  expect(room.sessions.map(({ way }) => way)).toEqual(["webrtc", "hls", "webrtc"]);
});

test("after a change of the network half a second of silence is enough for a new session", () => {
  const { clock, viewer, sessions, play } = setViewer();
  viewer.streamIs("live");
  play(400);
  viewer.networkChanged();
  clock.advance(800);
  expect(sessions).toHaveLength(2);
  expect(sessions[0]?.closed).toBe(false);
});

test("a session that began on the old network is begun anew on the next one", () => {
  const { clock, viewer, sessions, play } = setViewer();
  viewer.streamIs("live");
  play(400);
  clock.advance(1_600);
  expect(sessions).toHaveLength(2);
  viewer.networkChanged();
  expect(sessions).toHaveLength(3);
  expect(sessions[1]?.closed).toBe(true);
});

test("an encoder that returns is not mistaken for a silent line", () => {
  const { clock, viewer, sessions, play } = setViewer();
  viewer.streamIs("live");
  play(400);
  viewer.streamIs("interrupted");
  clock.advance(10_000);
  viewer.streamIs("live");
  clock.advance(800);
  expect(sessions).toHaveLength(1);
});

test("a page whose timers are slowed down does not take its own slowness for a silent line", () => {
  const room = setViewer();
  const slow = {
    ...room.clock,
    after: (ms: number, call: () => void) => room.clock.after(Math.max(ms, 1_000), call),
  };
  const sessions: SessionEvents[] = [];
  const viewer = createViewer({
    clock: slow,
    random: () => 0.5,
    open(events) {
      sessions.push(events);
      return { close() {} };
    },
    onState() {},
    onShow() {},
  });
  viewer.streamIs("live");
  sessions[0]?.frame();
  for (let second = 0; second < 20; second++) {
    room.clock.advance(1_300);
    sessions[0]?.bytes();
  }
  expect(sessions).toHaveLength(1);
});

test("an HLS picture plays from its buffer: its line may be silent for longer", () => {
  const room = setViewer("hls");
  room.viewer.streamIs("live");
  room.play(400);
  room.clock.advance(3_000);
  expect(room.sessions).toHaveLength(1);
  room.clock.advance(1_500);
  expect(room.sessions).toHaveLength(2);
});
