import type { ClosedReason } from "@colourstream/contract";
import { Button } from "../../ui/button.js";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";
import { rememberedInvitation } from "./remembered.js";

/** Why somebody is no longer in the room. */
export type WayOut = ClosedReason;

type Words = {
  readonly title: string;
  readonly text: string;
  /** For who came by an invitation, and has no password. */
  readonly invited?: string;
  readonly join: string | null;
};

const WORDS: Record<WayOut, Words> = {
  deleted: {
    title: "This room has been deleted",
    text: "Its link will not work again. If the review goes on elsewhere, ask the colourist for the new link.",
    join: null,
  },
  archived: {
    title: "This room is closed",
    text: "The colourist has closed it for now. The link and the password stay the same if it is opened again.",
    invited: "The colourist has closed it for now. Your invitation may work again once it is opened.",
    join: "Try to join again",
  },
  expired: {
    title: "This room has closed",
    text: "It was set to close at this time. If the review is not over, ask the colourist to open it again.",
    join: "Try to join again",
  },
  "session-ended": {
    title: "You are no longer in this room",
    text: "The password has changed, or your session has ended. Ask the colourist for the password, then join again.",
    invited: "Your session has ended. Open your invitation link again to come back.",
    join: "Join again",
  },
  "meeting-ended": {
    title: "The meeting has ended",
    text: "The colourist has ended it for everybody. Thank you for being here. You can close this page.",
    join: null,
  },
  removed: {
    title: "You have been sent out of the room",
    text: "Somebody who runs the room has sent you out. If that was a mistake, get in touch with the colourist.",
    join: null,
  },
  refused: {
    title: "You were not let in",
    text: "Somebody who runs the room has turned you away. If that was a mistake, get in touch with the colourist.",
    join: null,
  },
  "invitation-revoked": {
    title: "Your invitation has been taken back",
    text: "It no longer opens the room. If that was a mistake, ask the colourist for a new invitation.",
    join: null,
  },
  left: {
    title: "You have left the room",
    text: "You can come back with the same link.",
    invited: "You can come back with your invitation link.",
    join: "Join again",
  },
};

/** Says plainly what has happened and what can be done. */
export function ClosedCard({
  roomId,
  reason,
  onJoin,
}: {
  roomId: string;
  reason: WayOut;
  onJoin: () => void;
}) {
  const { title, text, invited, join } = WORDS[reason];
  const isInvited = invited !== undefined && rememberedInvitation() === roomId;
  useTitle(title);
  return (
    <div className="cs-door">
      <main className="cs-door__card" data-testid="closed" data-reason={reason}>
        <div className="cs-door__mark">
          <WordMark />
        </div>
        <div role="alert">
          <h1 className="govuk-heading-m">{title}</h1>
          <p className="govuk-body">{isInvited ? invited : text}</p>
        </div>
        {join !== null && !isInvited && <Button onClick={onJoin}>{join}</Button>}
      </main>
    </div>
  );
}
