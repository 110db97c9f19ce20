import type { Participant } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { bansQuery, sentence } from "../../../api/queries.js";
import { LetBack } from "../../let-back.js";
import type { PeopleActs } from "../../use-people-acts.js";

/** Those who were sent out for good, until a host lets them come back. */
export function SentOut({
  roomId,
  people,
  acts,
}: {
  roomId: string;
  /** Another host may have sent somebody out: after each change of the seats it is asked for again. */
  people: readonly Participant[] | null;
  acts: PeopleActs;
}) {
  const bans = useQuery(bansQuery(roomId));
  const { refetch } = bans;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `people` is what has changed
  useEffect(() => void refetch(), [people, refetch]);
  if (bans.isError) {
    return (
      <p className="cs-attend__error" role="alert">
        Who was sent out could not be read. {sentence(bans.error)}
      </p>
    );
  }
  if (bans.data === undefined || bans.data.length === 0) return null;
  return (
    <>
      <h3 className="cs-panel__group">Sent out</h3>
      <ul className="cs-attend__list" data-testid="people-sent-out">
        {bans.data.map((ban) => (
          <li key={ban.id} className="cs-attend__person" data-testid="sent-out" data-name={ban.name}>
            <p className="cs-attend__name">{ban.name}</p>
            <p className="cs-attend__how">by {ban.by}</p>
            <div className="cs-attend__acts">
              <LetBack ban={ban} acts={acts} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
