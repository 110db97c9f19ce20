import type { ClientMessage } from "@colourstream/contract";
import type { CallPage, CallSeat } from "../conference/conference.js";
import type { Product } from "../http/context.js";
import type { RoomWatcher, Watcher } from "./watchers.js";

/** Carries a page's words to the call and the call's to the page. */
export type CallLine = {
  hear(watcher: RoomWatcher, said: Extract<ClientMessage, { type: `call.${string}` }>): void;
  /** The socket has closed, or watches something else. */
  gone(watcher: Watcher): void;
};

export function createCallLine({
  product: { conference },
}: {
  readonly product: Pick<Product, "conference">;
}): CallLine {
  const seats = new WeakMap<Watcher, CallSeat>();

  const gone = (watcher: Watcher): void => {
    seats.get(watcher)?.lost();
    seats.delete(watcher);
  };

  const join = (watcher: RoomWatcher, resume: string | null): void => {
    gone(watcher); // a page that joins anew is no other page
    const { connection, origin, watch } = watcher;
    const { roomId, member } = watch;
    const page: CallPage = { member, origin, tell: (said) => connection.send({ ...said, roomId }) };
    const seat = conference.join(roomId, page, resume);
    if (seat !== null) seats.set(watcher, seat);
  };

  return {
    gone,
    hear: (watcher, said) => {
      if (said.type === "call.join") {
        join(watcher, said.resume);
        return;
      }
      // Not in the call, or not any more: that was told before.
      const seat = seats.get(watcher);
      if (seat === undefined) return;
      switch (said.type) {
        case "call.leave":
          seat.leave();
          seats.delete(watcher);
          return;
        case "call.signal":
          seat.signal(said.to, said.signal);
          return;
        case "call.sending":
          seat.sending(said.sending);
          return;
        case "call.want": {
          const { type: _, to, ...wants } = said;
          seat.want(to, wants);
          return;
        }
        case "call.ice":
          seat.ice();
          return;
      }
    },
  };
}
