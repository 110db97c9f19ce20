import type { Participant } from "@colourstream/contract";
import { Button } from "../../../ui/button.js";
import { cameBy } from "../../role-words.js";
import type { PeopleActs } from "../../use-people-acts.js";

/** Those at the inner door: a host lets them in or turns them away. */
export function Waiting({ waiting, acts }: { waiting: readonly Participant[]; acts: PeopleActs }) {
  if (waiting.length === 0) return null;
  return (
    <>
      <h3 className="cs-panel__group">Waiting to be let in</h3>
      <ul className="cs-attend__list" data-testid="people-waiting">
        {waiting.map((one) => (
          <li
            key={one.id}
            className="cs-attend__person"
            data-testid="person"
            data-name={one.name}
            data-here={one.isHere}
          >
            <p className="cs-attend__name">{one.name}</p>
            <p className="cs-attend__how">{cameBy(one)}</p>
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
          </li>
        ))}
      </ul>
    </>
  );
}
