import type { ReviewRoom } from "@colourstream/contract";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type Call, type CallView, createCall } from "../../../conference/call.js";
import { browserDevices } from "../../../conference/devices.js";
import { createTalk, type Talk } from "../../../conference/talk.js";
import { browserClock } from "../../../live/clock.js";
import type { Line } from "../../../live/line.js";
import type { Presence } from "../../../live/presence.js";

/** The call with what opens its microphone. */
export type RoomCallPorts = { readonly call: Call; readonly talk: Talk };

type Ports = { review: ReviewRoom; line: Line; presence: Presence };

const LOST_AGAIN_MS = 2_000;

/** The room's call, for as long as the room is open: joined by itself, and again when a place is free; null at first. */
export function useRoomCall({ review, line, presence }: Ports): RoomCallPorts | null {
  const [ports, setPorts] = useState<RoomCallPorts | null>(null);
  const isHost = useRef(review.isHost);
  useEffect(() => {
    isHost.current = review.isHost;
  });
  useEffect(() => {
    const made = createCall({
      line,
      devices: browserDevices,
      clock: browserClock,
      isHost: () => isHost.current,
    });
    const changed = () => made.networkChanged();
    window.addEventListener("online", changed);
    const talk = createTalk({
      clock: browserClock,
      async setMic(isOn) {
        await made.setMic(isOn);
        return made.view().self.sending.mic;
      },
    });
    setPorts({ call: made, talk });
    return () => {
      window.removeEventListener("online", changed);
      talk.close();
      made.close();
      setPorts(null);
    };
  }, [line]);
  useJoining(ports?.call ?? null, review, presence);
  return ports;
}

/** What the call is now. */
export function useCallView(call: Call): CallView {
  return useSyncExternalStore(call.subscribe, call.view);
}

/** Joining opens no device: all come in by themselves but observers, who are asked. */
function useJoining(call: Call | null, { participant }: ReviewRoom, { you, people }: Presence) {
  const mayJoin = useRef(true);
  const isListed = you !== null;
  const isAsked = participant.role === "observer";
  useEffect(() => {
    if (call === null || !isListed || isAsked || !mayJoin.current) return;
    mayJoin.current = false; // once: who leaves the call stays out of it
    call.join();
  }, [call, isListed, isAsked]);

  // Somebody has left, or a host has come: the place may be ours now.
  const places = people.filter((one) => one.call !== null).map(({ id, isHost }) => `${id}${isHost}`);
  const taken = places.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: `taken` is when to try
  useEffect(() => {
    if (call?.view().is === "out" && call.view().ended === "full") call.join();
  }, [call, taken]);

  useEffect(() => {
    if (call === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const { is, ended } = call.view();
      if (is !== "out" || ended !== "lost") {
        clearTimeout(timer);
        timer = undefined;
      } else {
        timer ??= setTimeout(() => {
          timer = undefined;
          call.join();
        }, LOST_AGAIN_MS);
      }
    };
    const stop = call.subscribe(look);
    look();
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [call]);
}
