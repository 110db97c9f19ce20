import type { Joined, ServerMessage } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useReducer, useRef } from "react";
import { api } from "../../api/call.js";
import { NOBODY, onPresence } from "../../live/presence.js";
import { useRealtime } from "../use-realtime.js";
import type { WayOut } from "./closed-card.js";
import { takeEarlyOffer } from "./hand-over.js";
import { LetInScreen } from "./let-in-screen.js";
import { Room } from "./room.js";
import { onHeard, onRead, seatedBy } from "./seated.js";

type SeatedRoomProps = {
  joined: Joined;
  /** Asks again where we are: null when that is nowhere, undefined when nobody answers. */
  onRead: () => Promise<Joined | null | undefined>;
  onOut: (reason: WayOut) => void;
};

type News = { heard: ServerMessage } | { read: Joined };

const ASK_EVERY_ATTEMPTS = 3; // a socket that is refused says no more than one that finds no server

/** One seat from joining to leaving, over one connection: the wait to be let in, then the room. */
export function SeatedRoom({ joined, onRead: read, onOut }: SeatedRoomProps) {
  const [now, tell] = useReducer(
    (before: ReturnType<typeof seatedBy>, news: News) =>
      "heard" in news ? onHeard(before, news.heard) : onRead(before, news.read),
    joined,
    seatedBy,
  );
  /** The room's player, to be silenced before the page changes: the server has ended its sessions already. */
  const silence = useRef<(() => void) | null>(null);
  const roomId = joined.seat.room.id;

  const [presence, tellPresence] = useReducer(onPresence, NOBODY);
  const { link, realtime, line } = useRealtime({ type: "watch.room", roomId }, (message) => {
    if (message.type === "refused") void readAgain();
    if (message.type === "room.closed" && message.roomId === roomId) silence.current?.();
    tell({ heard: message });
    tellPresence(message);
  });

  const leave = useMutation({
    mutationFn: () => api("leaveRoom", { params: { roomId } }),
    onSettled: () => onOut("left"), // without a server there is nobody to leave: the page lets go all the same
  });

  /** Our seat may have ended, or opened, while nobody could tell us. */
  async function readAgain() {
    const answer = await read();
    if (answer === null) onOut("session-ended");
    else if (answer !== undefined) tell({ read: answer });
  }
  const latest = useRef({ readAgain, onOut });
  useEffect(() => {
    latest.current = { readAgain, onOut };
  });

  const isEntering = now.is === "entering";
  const lostAttempt = link.is === "down" ? link.attempt : 0;
  useEffect(() => {
    if (isEntering) void latest.current.readAgain();
  }, [isEntering]);
  useEffect(() => {
    if (lostAttempt > 0 && lostAttempt % ASK_EVERY_ATTEMPTS === 0) void latest.current.readAgain();
  }, [lostAttempt]);
  // Who leaves is told that their session has ended: that is not news to them.
  const out = now.is !== "out" ? null : leave.isIdle ? now.reason : "left";
  useEffect(() => {
    if (out !== null) latest.current.onOut(out);
  }, [out]);

  switch (now.is) {
    case "waiting":
    case "entering":
      return (
        <LetInScreen
          seat={now.seat}
          isComing={isEntering}
          link={link}
          isLeaving={leave.isPending}
          onLeave={leave.mutate}
        />
      );
    case "in":
      return (
        <Room
          review={now.review}
          people={now.people}
          presence={presence}
          line={line}
          earlyOffer={takeEarlyOffer(roomId)}
          link={link}
          clockOffsetMs={() => realtime.current?.clock()?.offsetMs ?? null}
          silence={silence}
          onLeave={leave.mutate}
          onRefused={readAgain}
        />
      );
    case "out":
      return null;
  }
}
