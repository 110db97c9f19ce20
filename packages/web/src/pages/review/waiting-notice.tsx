import type { Participant } from "@colourstream/contract";
import { Button } from "../../ui/button.js";
import { waitWords } from "../role-words.js";
import type { PeopleActs } from "../use-people-acts.js";

/** Tells a host, at the edge of the picture, that somebody is at the door. */
export function WaitingNotice({
  waiting,
  acts,
  onSeeAll,
}: {
  waiting: readonly Participant[];
  acts: PeopleActs;
  onSeeAll: () => void;
}) {
  const [first, ...others] = waiting;
  return (
    <div className="cs-notice" role="status" data-testid="waiting-notice">
      {first !== undefined && (
        <div className="cs-notice__box">
          <p className="cs-notice__text">{waitWords(waiting)}</p>
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
        </div>
      )}
    </div>
  );
}
