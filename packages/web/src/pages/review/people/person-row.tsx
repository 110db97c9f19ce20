import type { Person } from "@colourstream/contract";
import type { ReactNode } from "react";
import { ROLE_WORDS } from "../../role-words.js";
import { MicIcon } from "../call/call-icons.js";
import { HandIcon } from "../icons.js";
import { sinceWords, viewingWords } from "./people-words.js";

/** Somebody in the room, as everybody sees them. */
export function PersonRow({
  person,
  isMe,
  handPlace,
  isLive,
  now,
  children,
}: {
  person: Person;
  isMe: boolean;
  /** Which in the order of raised hands; null where it goes without saying. */
  handPlace: number | null;
  /** Whether there is a picture that they could see. */
  isLive: boolean;
  now: number;
  /** What a host can do with them. */
  children: ReactNode;
}) {
  const { name, role, since, viewing, handAt, call } = person;
  // Their page tells it every 2 s: of who has just come nobody knows yet.
  const isViewingTold = viewing !== null || (isLive && now - since > 10_000);
  return (
    <li
      className="cs-attend__person"
      data-testid="person"
      data-name={name}
      data-here="true"
      data-hand={handAt !== null}
    >
      <p className="cs-attend__name">
        {name}
        {isMe && <span className="cs-attend__mark"> You</span>}
      </p>
      <div className="cs-attend__signs">
        {handAt !== null && (
          <span className="cs-attend__hand" data-testid="person-hand">
            <HandIcon />
            <span className="govuk-visually-hidden">Hand up{handPlace === null ? "" : ", number "}</span>
            {handPlace}
          </span>
        )}
        {call !== null && (
          <span className="cs-attend__mic" data-on={call.mic} title={micWords(call.mic)}>
            <MicIcon isOn={call.mic} />
            <span className="govuk-visually-hidden">{micWords(call.mic)}</span>
          </span>
        )}
      </div>
      <p className="cs-attend__how">
        {ROLE_WORDS[role].name} · {sinceWords(since, now)}
        {isViewingTold && <> · {viewingWords(viewing)}</>}
      </p>
      {children}
    </li>
  );
}

function micWords(isOn: boolean): string {
  return isOn ? "Microphone on" : "In the call, microphone off";
}
