import { createVirtualClock } from "../live/virtual-clock.js";
import { createViewer, type SessionEvents, type ViewerState } from "./viewer.js";
import type { Suits, Way, WayChoice } from "./ways.js";

type Fake = { events: SessionEvents; way: Way; closed: boolean; close(): void };

/** A stream that both ways can show. */
export const WELL: Suits = { webrtc: "well", hls: true, universal: false, format: "h264" };

/** A viewer over sessions that do what they are told, in virtual time. */
export function setViewer(choice: WayChoice = "auto") {
  const clock = createVirtualClock();
  const sessions: Fake[] = [];
  const shown: unknown[] = [];
  const states: ViewerState["is"][] = [];
  const viewer = createViewer({
    clock,
    random: () => 0.5,
    choice,
    open(events, way) {
      const session: Fake = {
        events,
        way,
        closed: false,
        close() {
          session.closed = true;
        },
      };
      sessions.push(session);
      return session;
    },
    onState: (state) => states.push(state.is),
    onShow: (session) => shown.push(session),
  });
  const last = () => {
    const session = sessions.at(-1);
    if (session === undefined) throw new Error("no session was opened");
    return session;
  };
  /** Frames at 25 per second for so long. */
  const play = (ms: number, session = last()) => {
    for (let at = 0; at < ms; at += 40) {
      session.events.frame();
      clock.advance(40);
    }
  };
  return { clock, viewer, sessions, shown, states, last, play };
}
