import type { Participant, SeatRole } from "@colourstream/contract";

/** A role's name and what it lets somebody do. */
export const ROLE_WORDS: Record<SeatRole, { readonly name: string; readonly may: string }> = {
  presenter: {
    name: "Presenter",
    may: "Runs the room with you: lets people in, sends them out and locks the room. Never waits to be let in.",
  },
  reviewer: { name: "Reviewer", may: "Watches and takes part in the review." },
  observer: { name: "Observer", may: "Watches only." },
};

/** How somebody came: "Reviewer, invited as Max Weber". */
export function cameBy({ role, invitation, name }: Participant): string {
  const { name: what } = ROLE_WORDS[role];
  if (invitation === null) return `${what}, by link and password`;
  return invitation.name === name ? `${what}, by invitation` : `${what}, invited as ${invitation.name}`;
}

/** Those who are here first, in the order in which they came. */
export function inOrder(people: readonly Participant[], state: Participant["state"]): Participant[] {
  return people
    .filter((one) => one.state === state && (state === "admitted" || one.isHere))
    .sort((a, b) => Number(b.isHere) - Number(a.isHere) || a.joinedAt - b.joinedAt);
}

/** "Max waits", "Max and 2 others wait": for a line that says who is at the door. */
export function waitWords(waiting: readonly Participant[]): string {
  const [first, ...others] = waiting;
  if (first === undefined) return "Nobody waits to be let in";
  if (others.length === 0) return `${first.name} waits to be let in`;
  return `${first.name} and ${others.length === 1 ? "1 other" : `${others.length} others`} wait to be let in`;
}
