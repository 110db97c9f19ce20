import type {
  ClosedReason,
  Joined,
  Participant,
  ReviewRoom,
  Seat,
  ServerMessage,
} from "@colourstream/contract";

/** Where somebody with a seat is: before the inner door, on the way through it, in the room, or out again. */
export type Seated =
  | { readonly is: "waiting"; readonly seat: Seat }
  /** Let in; the room is being read. What was said of it meanwhile is newer than what will be read. */
  | { readonly is: "entering"; readonly seat: Seat; readonly heard: readonly ServerMessage[] }
  /** `people` null: nobody has told us, as it is none of our business or we have just come. */
  | { readonly is: "in"; readonly review: ReviewRoom; readonly people: readonly Participant[] | null }
  | { readonly is: "out"; readonly reason: ClosedReason };

const MOST_HEARD = 32; // the room is read within a second; of the stream only the last news counts

/** Where the answer to joining, or to coming back, leads. */
export function seatedBy({ seat, review }: Joined): Seated {
  if (review !== null) return { is: "in", review, people: null };
  return seat.state === "waiting" ? { is: "waiting", seat } : { is: "entering", seat, heard: [] };
}

/** The room has been read, or asked for again: the way goes on from there. */
export function onRead(now: Seated, joined: Joined): Seated {
  if (now.is === "out") return now;
  const next = seatedBy(joined);
  if (next.is !== "in") return now.is === "waiting" ? next : now;
  if (now.is === "entering") return now.heard.reduce<Seated>((room, said) => onHeard(room, said), next);
  return now.is === "in" ? { ...next, people: now.people } : next;
}

/** What the server says of the room changes where one is, or what one sees there. */
export function onHeard(now: Seated, said: ServerMessage): Seated {
  if (now.is === "out" || !("roomId" in said) || said.roomId !== roomIdOf(now)) return now;
  if (said.type === "room.closed") return { is: "out", reason: said.reason };
  switch (now.is) {
    case "waiting":
      if (said.type === "seat.waiting") return now;
      // Whoever waits hears nothing of the room: this is the word, or was let in while the connection was away.
      return { is: "entering", seat: now.seat, heard: said.type === "seat.admitted" ? [] : [said] };
    case "entering":
      return { ...now, heard: [...now.heard, said].slice(-MOST_HEARD) };
    case "in":
      return inRoom(now, said);
  }
}

function inRoom(now: Seated & { is: "in" }, said: ServerMessage): Seated {
  switch (said.type) {
    case "room.stream":
      return { ...now, review: { ...now.review, stream: said.stream } };
    case "room.renamed":
      return { ...now, review: { ...now.review, name: said.name } };
    case "room.options":
      return { ...now, review: { ...now.review, ...optionsIn(said) } };
    case "seat.role": {
      const { role, isHost } = said;
      const participant = { ...now.review.participant, role };
      // Who hosts no more has no business with those who wait.
      return { ...now, review: { ...now.review, participant, isHost }, people: isHost ? now.people : null };
    }
    case "room.people":
      return { ...now, people: said.participants };
    default:
      return now;
  }
}

function optionsIn({
  watermark,
  lockedAt,
  playout,
  universal,
}: Extract<ServerMessage, { type: "room.options" }>) {
  return { watermark, lockedAt, playout, universal };
}

function roomIdOf(now: Exclude<Seated, { is: "out" }>): string {
  return now.is === "in" ? now.review.id : now.seat.room.id;
}
