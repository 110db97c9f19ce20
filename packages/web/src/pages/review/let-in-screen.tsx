import type { Seat } from "@colourstream/contract";
import type { Link } from "../../live/realtime.js";
import { Button } from "../../ui/button.js";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";
import { DeviceCheckLink } from "./devices/device-check-link.js";

/** The wait to be let in. It shows that it is alive: whoever waits for minutes must not wonder. */
export function LetInScreen({
  seat,
  isComing,
  link,
  isLeaving,
  onLeave,
}: {
  seat: Seat;
  isComing: boolean;
  link: Link;
  isLeaving: boolean;
  onLeave: () => void;
}) {
  useTitle(isComing ? seat.room.name : "Waiting to be let in");
  return (
    <div className="cs-door">
      <main className="cs-door__card cs-let-in" data-testid="let-in" data-link={link.is}>
        <div className="cs-door__mark">
          <WordMark />
        </div>
        <div role="status">
          <h1 className="govuk-heading-m">{isComing ? "You are let in" : "Waiting to be let in"}</h1>
          <p className="govuk-body">
            {isComing
              ? "The room is opening."
              : "The colourist knows that you are here. This page opens by itself."}
          </p>
        </div>
        <dl className="cs-let-in__facts">
          <div>
            <dt>Room</dt>
            <dd>{seat.room.name}</dd>
          </div>
          <div>
            <dt>Your name</dt>
            <dd>{seat.participant.name}</dd>
          </div>
        </dl>
        <p className="cs-let-in__link" role="status">
          <span className="cs-let-in__sign" data-up={link.is === "up"} aria-hidden="true" />
          {link.is === "down" ? "Connection lost. It is tried again by itself." : null}
          {link.is === "opening" ? "Connecting…" : null}
          {link.is === "up" ? "Connected" : null}
        </p>
        <Button look="secondary" busy={isLeaving} onClick={onLeave}>
          Leave
        </Button>
        {!isComing && <DeviceCheckLink />}
      </main>
    </div>
  );
}
