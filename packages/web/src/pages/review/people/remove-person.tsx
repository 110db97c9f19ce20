import type { Participant } from "@colourstream/contract";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../../ui/button.js";
import type { PeopleActs } from "../../use-people-acts.js";

/** Asks before somebody is sent out, and whether for good. */
export function RemovePerson({
  seat,
  acts,
  onNo,
}: {
  seat: Participant;
  acts: PeopleActs;
  onNo: () => void;
}) {
  const { id, name, invitation } = seat;
  const question = useRef<HTMLParagraphElement>(null);
  const [isForGood, setForGood] = useState(true);
  const [takesBack, setTakesBack] = useState(false);
  useEffect(() => question.current?.focus(), []);
  return (
    <div className="cs-attend__ask" data-testid="confirm">
      <p tabIndex={-1} ref={question}>
        Send {name} out? Their picture and sound are cut at once.
      </p>
      <Also isOn={isForGood} onChange={setForGood}>
        Do not let them come back
      </Also>
      {!isForGood && (
        <p className="cs-attend__none">
          {invitation === null
            ? "With the room’s password they can come back."
            : "With their invitation they can come back."}
        </p>
      )}
      {invitation !== null && (
        <Also isOn={takesBack} onChange={setTakesBack}>
          Also take back their invitation
        </Also>
      )}
      <div className="cs-attend__acts">
        <Button
          small
          look="warning"
          busy={acts.isBusyWith(id)}
          onClick={() => acts.do({ is: "remove", id, name, revokeInvitation: takesBack, ban: isForGood })}
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

function Also({
  isOn,
  onChange,
  children,
}: {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: string;
}) {
  return (
    <label className="cs-attend__also">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  );
}
