import type { Participant, Person, SeatRole } from "@colourstream/contract";
import { useId, useState } from "react";
import { Button } from "../../../ui/button.js";
import { cameBy, ROLE_WORDS } from "../../role-words.js";
import type { PeopleActs } from "../../use-people-acts.js";
import { RemovePerson } from "./remove-person.js";

const ROLES: readonly SeatRole[] = ["presenter", "reviewer", "observer"];

/** What a host does with somebody in the room: at once what is urgent, the rest behind "More". */
export function HostActs({
  person,
  mayMute,
  seat,
  acts,
}: {
  person: Person;
  mayMute: boolean;
  /** Null: they are signed in, as an owner or colourist. Nobody changes their role, or sends them out. */
  seat: Participant | null;
  acts: PeopleActs;
}) {
  const { id, name, handAt, call } = person;
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const more = useId();
  const isBusy = acts.isBusyWith(id);
  const mayBeMuted = mayMute && call?.mic === true;
  if (seat === null && handAt === null && !mayBeMuted) return null;
  return (
    <>
      <div className="cs-attend__acts">
        {handAt !== null && (
          <Button
            small
            look="secondary"
            busy={isBusy}
            aria-label={`Lower hand: ${name}`}
            onClick={() => acts.do({ is: "lower", id, name })}
          >
            Lower hand
          </Button>
        )}
        {mayBeMuted && (
          <Button
            small
            look="secondary"
            busy={isBusy}
            aria-label={`Mute ${name}`}
            onClick={() => acts.do({ is: "mute", id, name })}
          >
            Mute
          </Button>
        )}
        {seat !== null && (
          <button
            type="button"
            className="cs-attend__more"
            aria-label={`${isOpen ? "Less" : "More"} for ${name}`}
            aria-expanded={isOpen}
            aria-controls={more}
            onClick={() => {
              setOpen(!isOpen);
              setAsked(false);
            }}
          >
            {isOpen ? "Less" : "More"}
          </button>
        )}
      </div>
      {seat !== null && isOpen && (
        <div className="cs-attend__rest" id={more}>
          {isAsked ? (
            <RemovePerson seat={seat} acts={acts} onNo={() => setAsked(false)} />
          ) : (
            <>
              <p className="cs-attend__how">{cameBy(seat)}</p>
              <div className="cs-attend__acts">
                {ROLES.filter((role) => role !== person.role).map((role) => (
                  <Button
                    key={role}
                    small
                    look="secondary"
                    busy={isBusy}
                    aria-label={`Make ${ROLE_WORDS[role].name.toLowerCase()}: ${name}`}
                    onClick={() => acts.do({ is: "role", id, name, role, before: person.role })}
                  >
                    Make {ROLE_WORDS[role].name.toLowerCase()}
                  </Button>
                ))}
                <Button small look="secondary" aria-label={`Remove ${name}`} onClick={() => setAsked(true)}>
                  Remove
                </Button>
              </div>
            </>
          )}
        </div>
      )}
    </>
  );
}
