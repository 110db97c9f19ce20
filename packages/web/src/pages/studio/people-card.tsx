import type { Ban, Participant, Room } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { bansQuery, peopleQuery, sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Checkbox } from "../../ui/choices.js";
import { Confirm } from "../../ui/confirm.js";
import { Loading } from "../../ui/page.js";
import { SummaryCard } from "../../ui/summary.js";
import { LetBack } from "../let-back.js";
import { cameBy, inOrder } from "../role-words.js";
import { type PeopleActs, usePeopleActs } from "../use-people-acts.js";

/** Who is in the room and who waits for it. The realtime connection keeps it up to date. */
export function PeopleCard({ room }: { room: Room }) {
  const people = useQuery(peopleQuery(room.id));
  const bans = useQuery(bansQuery(room.id));
  const { refetch } = bans;
  const seats = people.data;
  // Another host may have sent somebody out.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `seats` is what has changed
  useEffect(() => void refetch(), [seats, refetch]);
  const acts = usePeopleActs(room.id);
  const box = useRef<HTMLDivElement>(null);
  const isAskedFor = useLocation().hash === "people";
  useEffect(() => {
    if (isAskedFor) box.current?.scrollIntoView({ block: "center" });
  }, [isAskedFor]);
  const waiting = inOrder(people.data ?? [], "waiting");
  const admitted = inOrder(people.data ?? [], "admitted");
  return (
    <div ref={box}>
      <SummaryCard title="People" testId="people-card">
        {acts.error !== null && (
          <p className="govuk-error-message" role="alert">
            {acts.error}
          </p>
        )}
        <div role="status">{acts.done !== null && <p className="govuk-body">{acts.done.words}</p>}</div>
        {people.data === undefined ? (
          people.isError ? (
            <p className="govuk-error-message" role="alert">
              {sentence(people.error)}
            </p>
          ) : (
            <Loading what="the people" />
          )
        ) : waiting.length + admitted.length === 0 ? (
          <p className="govuk-body">Nobody is here. Whoever opens the link or an invitation shows up here.</p>
        ) : (
          <ul className="cs-list">
            {waiting.map((person) => (
              <WaitingPerson key={person.id} person={person} acts={acts} />
            ))}
            {admitted.map((person) => (
              <AdmittedPerson key={person.id} person={person} acts={acts} />
            ))}
          </ul>
        )}
        {bans.isError && (
          <p className="govuk-error-message" role="alert">
            Who was sent out could not be read. {sentence(bans.error)}
          </p>
        )}
        <SentOut bans={bans.data ?? []} acts={acts} />
      </SummaryCard>
    </div>
  );
}

function WaitingPerson({ person, acts }: { person: Participant; acts: PeopleActs }) {
  const isBusy = acts.isBusyWith(person.id);
  return (
    <li className="cs-list__row" data-testid="person" data-state="waiting">
      <div className="cs-list__what">
        <p className="cs-list__name">
          {person.name} <strong className="govuk-tag govuk-tag--live">Waits to be let in</strong>
        </p>
        <p className="cs-list__facts">{cameBy(person)}</p>
      </div>
      <div className="cs-list__acts">
        <Button
          small
          busy={isBusy}
          aria-label={`Let in ${person.name}`}
          onClick={() => acts.do({ is: "admit", id: person.id })}
        >
          Let in
        </Button>
        <Button
          small
          look="secondary"
          disabled={isBusy}
          aria-label={`Turn away ${person.name}`}
          onClick={() => acts.do({ is: "refuse", id: person.id })}
        >
          Turn away
        </Button>
      </div>
    </li>
  );
}

function AdmittedPerson({ person, acts }: { person: Participant; acts: PeopleActs }) {
  const [isAsked, setAsked] = useState(false);
  const [isForGood, setForGood] = useState(true);
  const [takesBack, setTakesBack] = useState(false);
  const { id, name, invitation } = person;
  return (
    <li className="cs-list__row" data-testid="person" data-state="admitted" data-here={person.isHere}>
      <div className="cs-list__what">
        <p className="cs-list__name">
          {name} {!person.isHere && <strong className="govuk-tag govuk-tag--outline">Away</strong>}
        </p>
        <p className="cs-list__facts">{cameBy(person)}</p>
      </div>
      <div className="cs-list__acts">
        <Button
          small
          look="secondary"
          disabled={isAsked}
          aria-label={`Remove ${name}`}
          onClick={() => setAsked(true)}
        >
          Remove
        </Button>
      </div>
      {isAsked && (
        <div className="cs-list__below">
          <Confirm
            title={`Remove ${name} from the room?`}
            yes="Remove"
            danger
            busy={acts.isBusyWith(id)}
            onYes={() => acts.do({ is: "remove", id, name, revokeInvitation: takesBack, ban: isForGood })}
            onNo={() => setAsked(false)}
          >
            <p className="govuk-body">
              Their picture is cut at once, and their page says that they were sent out.
            </p>
            <Checkbox
              id={`ban-${id}`}
              label="Do not let them come back"
              hint={
                invitation === null
                  ? "Otherwise the room’s password lets them in again."
                  : "Otherwise their invitation lets them in again."
              }
              checked={isForGood}
              onChange={setForGood}
            />
            {invitation !== null && (
              <Checkbox
                id={`also-${id}`}
                label="Also take back their invitation"
                checked={takesBack}
                onChange={setTakesBack}
              />
            )}
          </Confirm>
        </div>
      )}
    </li>
  );
}

/** Those who were sent out for good, until they are let back. */
function SentOut({ bans, acts }: { bans: readonly Ban[]; acts: PeopleActs }) {
  if (bans.length === 0) return null;
  return (
    <>
      <h3 className="govuk-heading-s cs-list__group">Sent out</h3>
      <ul className="cs-list" data-testid="people-sent-out">
        {bans.map((ban) => (
          <li className="cs-list__row" key={ban.id} data-testid="sent-out" data-name={ban.name}>
            <div className="cs-list__what">
              <p className="cs-list__name">{ban.name}</p>
              <p className="cs-list__facts">by {ban.by}</p>
            </div>
            <div className="cs-list__acts">
              <LetBack ban={ban} acts={acts} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
