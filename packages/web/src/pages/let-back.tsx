import type { Ban } from "@colourstream/contract";
import { Button } from "../ui/button.js";
import type { PeopleActs } from "./use-people-acts.js";

/** Lets somebody come back who was sent out for good. */
export function LetBack({ ban: { id, name }, acts }: { ban: Ban; acts: PeopleActs }) {
  return (
    <Button
      small
      look="secondary"
      busy={acts.isBusyWith(id)}
      aria-label={`Let come back: ${name}`}
      onClick={() => acts.do({ is: "lift", id, name })}
    >
      Let come back
    </Button>
  );
}
