import type { Participant, Person, ReviewRoom } from "@colourstream/contract";
import { useEffect, useRef } from "react";
import type { Presence } from "../../../live/presence.js";
import { Button } from "../../../ui/button.js";
import { inOrder } from "../../role-words.js";
import { useNow } from "../../studio/use-now.js";
import type { PeopleActs } from "../../use-people-acts.js";
import { Away } from "./away.js";
import { HostActs } from "./host-acts.js";
import { Lock } from "./lock.js";
import { handsFirst } from "./people-words.js";
import { PersonRow } from "./person-row.js";
import { SentOut } from "./sent-out.js";
import { Waiting } from "./waiting.js";

/** Who is in the room, for everybody; what can be done with them, for its hosts. */
export function PeoplePanel({
  review,
  people,
  presence,
  acts,
}: {
  review: ReviewRoom;
  /** The seats, for a host. */
  people: readonly Participant[] | null;
  presence: Presence;
  acts: PeopleActs;
}) {
  const { isHost, stream } = review;
  const mayMute = isHost && review.callKind === "builtin"; // MiroTalk's microphones are closed in its own page alone
  const heading = useRef<HTMLHeadingElement>(null);
  // With a person their button goes, and the focus with it.
  const everybody = [...presence.people, ...(people ?? [])].map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: looks after every change of who is there
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, [everybody]);
  const now = useNow();
  const here = handsFirst(presence.people);
  const hands = here.filter(({ handAt }) => handAt !== null).length;
  const seats = people ?? [];
  const waiting = isHost ? inOrder(seats, "waiting") : [];
  const away = isHost
    ? inOrder(seats, "admitted").filter((seat) => here.every(({ id }) => id !== seat.id))
    : [];
  const openMics = here.filter(({ id, call }) => id !== presence.you && call?.mic === true).length;
  const placeOf = (person: Person, at: number) => (person.handAt === null || hands < 2 ? null : at + 1);
  return (
    <div className="cs-attend" data-testid="people-panel">
      <h2 className="govuk-visually-hidden" tabIndex={-1} ref={heading}>
        People
      </h2>
      <ActNews acts={acts} />
      <Waiting waiting={waiting} acts={acts} />
      <h3 className="cs-panel__group">In the room{here.length > 1 && `, ${here.length}`}</h3>
      {here.length === 0 ? (
        <p className="cs-attend__none">Loading…</p>
      ) : (
        <ul className="cs-attend__list" data-testid="people-in">
          {here.map((person, at) => (
            <PersonRow
              key={person.id}
              person={person}
              isMe={person.id === presence.you}
              handPlace={placeOf(person, at)}
              isLive={stream?.state === "live"}
              now={now}
            >
              {isHost && person.id !== presence.you && (
                <HostActs
                  person={person}
                  mayMute={mayMute}
                  seat={seats.find(({ id, state }) => id === person.id && state === "admitted") ?? null}
                  acts={acts}
                />
              )}
            </PersonRow>
          ))}
        </ul>
      )}
      {here.length === 1 && away.length === 0 && <p className="cs-attend__none">Nobody else is here yet.</p>}
      {mayMute && openMics > 1 && (
        <Button small look="secondary" onClick={() => acts.do({ is: "mute-all" })} data-testid="mute-all">
          Mute everybody
        </Button>
      )}
      <Away away={away} acts={acts} />
      {isHost && <SentOut roomId={review.id} people={people} acts={acts} />}
      {isHost && <Lock isLocked={review.lockedAt !== null} acts={acts} />}
    </div>
  );
}

/** What the last act has done, and the way back from it. */
function ActNews({ acts }: { acts: PeopleActs }) {
  return (
    <>
      {acts.error !== null && (
        <p className="cs-attend__error" role="alert">
          {acts.error}
        </p>
      )}
      <div role="status" data-testid="people-done">
        {acts.done !== null && (
          <p className="cs-attend__done">
            {acts.done.words}
            <Undo acts={acts} />
          </p>
        )}
      </div>
    </>
  );
}

function Undo({ acts }: { acts: PeopleActs }) {
  const undo = acts.done?.undo ?? null;
  if (undo === null) return null;
  return (
    <button type="button" className="cs-control cs-attend__undo" onClick={() => acts.do(undo)}>
      Undo
    </button>
  );
}
