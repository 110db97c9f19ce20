import type { Participant, ReviewRoom } from "@colourstream/contract";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button.js";
import { cameBy, inOrder } from "../role-words.js";
import type { PeopleActs } from "../use-people-acts.js";

/** For a host, beside the picture: who waits, who is here, and the room's lock. */
export function PeoplePanel({
  review,
  people,
  acts,
}: {
  review: ReviewRoom;
  people: readonly Participant[] | null;
  acts: PeopleActs;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with a person their button goes, and the focus with it
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, [people]);
  const waiting = inOrder(people ?? [], "waiting");
  const admitted = inOrder(people ?? [], "admitted");
  const isLocked = review.lockedAt !== null;
  return (
    <div className="cs-attend" data-testid="people-panel">
      <h2 className="govuk-visually-hidden" tabIndex={-1} ref={heading}>
        People
      </h2>
      {acts.error !== null && (
        <p className="cs-attend__error" role="alert">
          {acts.error}
        </p>
      )}
      {waiting.length > 0 && (
        <>
          <h3 className="cs-panel__group">Waiting to be let in</h3>
          <ul className="cs-attend__list" data-testid="people-waiting">
            {waiting.map((one) => (
              <Person key={one.id} person={one}>
                <div className="cs-attend__acts">
                  <Button
                    small
                    busy={acts.isBusyWith(one.id)}
                    aria-label={`Let in ${one.name}`}
                    onClick={() => acts.do({ is: "admit", id: one.id })}
                  >
                    Let in
                  </Button>
                  <Button
                    small
                    look="secondary"
                    disabled={acts.isBusyWith(one.id)}
                    aria-label={`Turn away ${one.name}`}
                    onClick={() => acts.do({ is: "refuse", id: one.id })}
                  >
                    Turn away
                  </Button>
                </div>
              </Person>
            ))}
          </ul>
        </>
      )}
      <h3 className="cs-panel__group">In the room</h3>
      {people === null ? (
        <p className="cs-attend__none">Loading…</p>
      ) : admitted.length === 0 ? (
        <p className="cs-attend__none">Nobody else has come in yet.</p>
      ) : (
        <ul className="cs-attend__list" data-testid="people-in">
          {admitted.map((one) => (
            <Admitted key={one.id} person={one} isMe={one.id === review.participant.id} acts={acts} />
          ))}
        </ul>
      )}
      <div className="cs-attend__lock">
        <button
          type="button"
          role="switch"
          className="cs-switch"
          aria-checked={isLocked}
          aria-busy={acts.isBusyWithLock}
          data-testid="lock"
          onClick={() => acts.do({ is: isLocked ? "unlock" : "lock" })}
        >
          <span className="cs-switch__knob" aria-hidden="true" />
          Lock the room
        </button>
        <p className="cs-attend__none">
          {isLocked ? "Nobody new can come in." : "Nobody new can come in while it is locked."}
        </p>
      </div>
    </div>
  );
}

function Person({ person, children }: { person: Participant; children: React.ReactNode }) {
  return (
    <li className="cs-attend__person" data-testid="person" data-here={person.isHere}>
      <p className="cs-attend__name">{person.name}</p>
      <p className="cs-attend__how">{cameBy(person)}</p>
      {children}
    </li>
  );
}

function Admitted({ person, isMe, acts }: { person: Participant; isMe: boolean; acts: PeopleActs }) {
  const [isAsked, setAsked] = useState(false);
  if (isMe) {
    return (
      <Person person={person}>
        <p className="cs-attend__mark">You</p>
      </Person>
    );
  }
  if (!isAsked) {
    return (
      <Person person={person}>
        {!person.isHere && <p className="cs-attend__mark">Away</p>}
        <button
          type="button"
          className="cs-control cs-attend__remove"
          aria-label={`Remove ${person.name}`}
          onClick={() => setAsked(true)}
        >
          Remove
        </button>
      </Person>
    );
  }
  return (
    <Person person={person}>
      <RemovePerson person={person} acts={acts} onNo={() => setAsked(false)} />
    </Person>
  );
}

function RemovePerson({ person, acts, onNo }: { person: Participant; acts: PeopleActs; onNo: () => void }) {
  const question = useRef<HTMLParagraphElement>(null);
  const [takesBack, setTakesBack] = useState(false);
  useEffect(() => question.current?.focus(), []);
  return (
    <div className="cs-attend__ask" data-testid="confirm">
      <p tabIndex={-1} ref={question}>
        {person.name}’s picture is cut at once.
        {person.invitation === null &&
          " With the room’s password they can come back; lock the room to prevent it."}
      </p>
      {person.invitation !== null && (
        <label className="cs-attend__also">
          <input
            type="checkbox"
            checked={takesBack}
            onChange={(event) => setTakesBack(event.target.checked)}
          />
          Also take back their invitation
        </label>
      )}
      <div className="cs-attend__acts">
        <Button
          small
          look="warning"
          busy={acts.isBusyWith(person.id)}
          onClick={() => acts.do({ is: "remove", id: person.id, revokeInvitation: takesBack })}
        >
          Remove
        </Button>
        <Button small look="secondary" onClick={onNo}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
