import { Button } from "../../ui/button.js";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";

/** Why there is no room any more. */
export type ClosedReason = "deleted" | "archived" | "session-ended" | "left";

const WORDS: Record<ClosedReason, { title: string; text: string; join: string | null }> = {
  deleted: {
    title: "This room has been deleted",
    text: "Its link will not work again. If the review goes on elsewhere, ask the colourist for the new link.",
    join: null,
  },
  archived: {
    title: "This room is closed",
    text: "The colourist has closed it for now. The link and the password stay the same if it is opened again.",
    join: "Try to join again",
  },
  "session-ended": {
    title: "You are no longer in this room",
    text: "The password has changed, or your session has ended. Ask the colourist for the password, then join again.",
    join: "Join again",
  },
  left: {
    title: "You have left the room",
    text: "You can come back with the same link.",
    join: "Join again",
  },
};

/** Says plainly what has happened and what can be done. */
export function ClosedCard({ reason, onJoin }: { reason: ClosedReason; onJoin: () => void }) {
  const { title, text, join } = WORDS[reason];
  useTitle(title);
  return (
    <div className="cs-door">
      <main className="cs-door__card" data-testid="closed" data-reason={reason}>
        <div className="cs-door__mark">
          <WordMark />
        </div>
        <div role="alert">
          <h1 className="govuk-heading-m">{title}</h1>
          <p className="govuk-body">{text}</p>
        </div>
        {join !== null && <Button onClick={onJoin}>{join}</Button>}
      </main>
    </div>
  );
}
