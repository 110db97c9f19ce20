import type { Participant } from "@colourstream/contract";
import { useState } from "react";
import { cameBy } from "../../role-words.js";
import type { PeopleActs } from "../../use-people-acts.js";
import { RemovePerson } from "./remove-person.js";

/** Those who were let in and have no page open now: they come in again without asking. */
export function Away({ away, acts }: { away: readonly Participant[]; acts: PeopleActs }) {
  if (away.length === 0) return null;
  return (
    <>
      <h3 className="cs-panel__group">Away</h3>
      <ul className="cs-attend__list" data-testid="people-away">
        {away.map((seat) => (
          <AwayRow key={seat.id} seat={seat} acts={acts} />
        ))}
      </ul>
    </>
  );
}

function AwayRow({ seat, acts }: { seat: Participant; acts: PeopleActs }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <li className="cs-attend__person" data-testid="person" data-name={seat.name} data-here="false">
      <p className="cs-attend__name">{seat.name}</p>
      <p className="cs-attend__how">{cameBy(seat)}</p>
      {isAsked ? (
        <RemovePerson seat={seat} acts={acts} onNo={() => setAsked(false)} />
      ) : (
        <div className="cs-attend__acts">
          <button
            type="button"
            className="cs-attend__more"
            aria-label={`Remove ${seat.name}`}
            onClick={() => setAsked(true)}
          >
            Remove
          </button>
        </div>
      )}
    </li>
  );
}
