import type { Participant, Person } from "@colourstream/contract";
import { type ReactNode, useEffect, useState } from "react";
import type { Presence } from "../../../live/presence.js";
import { Button } from "../../../ui/button.js";
import { waitWords } from "../../role-words.js";
import type { PeopleActs } from "../../use-people-acts.js";
import { CloseIcon } from "../icons.js";
import { handsFirst } from "./people-words.js";

const NOTICE_FOR_MS = 10_000; // long enough to look up from the picture and read it twice

/** What happens beside the picture, at its edge: who is at the door, whose hand went up, what we are now. */
export function Notices({
  review,
  waiting,
  presence,
  acts,
  isPeopleOpen,
  said,
  onSaid,
  onSeePeople,
}: {
  review: { readonly isHost: boolean };
  waiting: readonly Participant[];
  presence: Presence;
  acts: PeopleActs;
  isPeopleOpen: boolean;
  /** Something to be told once; null: nothing. */
  said: string | null;
  onSaid: () => void;
  onSeePeople: () => void;
}) {
  const isForHost = review.isHost && !isPeopleOpen;
  return (
    <div className="cs-notices">
      <div role="status" data-testid="waiting-notice">
        {isForHost && <WaitingNotice waiting={waiting} acts={acts} onSeeAll={onSeePeople} />}
      </div>
      <div role="status" data-testid="hand-notice">
        {review.isHost && (
          <HandNotice presence={presence} acts={acts} isSeen={isPeopleOpen} onSeeAll={onSeePeople} />
        )}
      </div>
      <div role="status" data-testid="own-notice">
        {said !== null && <Passing key={said} text={said} onGone={onSaid} />}
      </div>
    </div>
  );
}

function Box({ text, children }: { text: string; children: ReactNode }) {
  return (
    <div className="cs-notice">
      <p className="cs-notice__text">{text}</p>
      {children}
    </div>
  );
}

function WaitingNotice({
  waiting,
  acts,
  onSeeAll,
}: {
  waiting: readonly Participant[];
  acts: PeopleActs;
  onSeeAll: () => void;
}) {
  const [first, ...others] = waiting;
  if (first === undefined) return null;
  return (
    <Box text={waitWords(waiting)}>
      {acts.error !== null && <p className="cs-notice__text">{acts.error}</p>}
      <div className="cs-attend__acts">
        {others.length === 0 && (
          <Button
            small
            busy={acts.isBusyWith(first.id)}
            onClick={() => acts.do({ is: "admit", id: first.id })}
          >
            Let in
          </Button>
        )}
        <Button small look={others.length === 0 ? "secondary" : "primary"} onClick={onSeeAll}>
          {others.length === 0 ? "See people" : "See who"}
        </Button>
      </div>
    </Box>
  );
}

/** Tells a host of hands that went up since they have last looked. */
function HandNotice({
  presence,
  acts,
  isSeen,
  onSeeAll,
}: {
  presence: Presence;
  acts: PeopleActs;
  isSeen: boolean;
  onSeeAll: () => void;
}) {
  const raised = handsFirst(presence.people).filter(isRaised);
  const newest = raised.at(-1)?.handAt ?? 0;
  const isTold = presence.you !== null;
  const [seenAt, setSeenAt] = useState<number | null>(null);
  const fresh = seenAt === null ? [] : raised.filter((one) => one.handAt > seenAt && one.id !== presence.you);
  useEffect(() => {
    if (isSeen || (isTold && seenAt === null)) {
      setSeenAt(newest); // those that were up when we came are in the list, and no news
      return;
    }
    if (seenAt === null || newest <= seenAt) return;
    const timer = setTimeout(() => setSeenAt(newest), NOTICE_FOR_MS);
    return () => clearTimeout(timer);
  }, [isSeen, isTold, newest, seenAt]);
  const [first, ...others] = fresh;
  if (first === undefined || isSeen) return null;
  const { id, name } = first;
  return (
    <Box text={handWords(name, others.length)}>
      <div className="cs-attend__acts">
        {others.length === 0 && (
          <Button
            small
            look="secondary"
            busy={acts.isBusyWith(id)}
            onClick={() => acts.do({ is: "lower", id, name })}
          >
            Lower hand
          </Button>
        )}
        <Button small look="secondary" onClick={onSeeAll}>
          See people
        </Button>
      </div>
    </Box>
  );
}

function isRaised(person: Person): person is Person & { handAt: number } {
  return person.handAt !== null;
}

function handWords(name: string, others: number): string {
  if (others === 0) return `${name} raised a hand`;
  return `${name} and ${others === 1 ? "1 other" : `${others} others`} raised a hand`;
}

/** A line that goes by itself. */
function Passing({ text, onGone }: { text: string; onGone: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time runs from when it was first shown
  useEffect(() => {
    const timer = setTimeout(onGone, NOTICE_FOR_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="cs-notice cs-notice--passing">
      <p className="cs-notice__text">{text}</p>
      <button type="button" className="cs-control" aria-label="Close" onClick={onGone}>
        <CloseIcon />
      </button>
    </div>
  );
}
