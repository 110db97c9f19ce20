import { type Invitation, type Room, routes } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addressOf, api } from "../../api/call.js";
import { invitationsQuery, peopleQuery, sentence } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { CopyButton, CopyField } from "../../ui/copy-button.js";
import { Loading } from "../../ui/page.js";
import { SummaryCard } from "../../ui/summary.js";
import { Tag } from "../../ui/tag.js";
import { ROLE_WORDS } from "../role-words.js";
import { InvitationForm } from "./invitation-form.js";
import { isLocalAddress } from "./local-address.js";
import { invitationFacts } from "./room-words.js";
import { useNow } from "./use-now.js";

/** Personal links into the room: made here, sent by whoever made them, and taken back here. */
export function InvitationsCard({ room }: { room: Room }) {
  const invitations = useQuery(invitationsQuery(room.id));
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<Invitation | null>(null);
  const all = invitations.data ?? [];
  const good = all.filter(({ state }) => state === "open" || state === "used-up");
  const over = all.filter(({ state }) => state === "expired" || state === "revoked");
  return (
    <SummaryCard
      title="Invitations"
      testId="invitations-card"
      actions={
        !isOpen && (
          <Button
            small
            look="secondary"
            onClick={() => {
              setMade(null);
              setOpen(true);
            }}
          >
            Invite someone
          </Button>
        )
      }
    >
      {isOpen && (
        <InvitationForm
          room={room}
          onMade={(invitation) => {
            setMade(invitation);
            setOpen(false);
          }}
          onCancel={() => setOpen(false)}
        />
      )}
      {made !== null && good.some(({ id }) => id === made.id) && <Made invitation={made} room={room} />}
      {invitations.data === undefined ? (
        invitations.isError ? (
          <p className="govuk-error-message" role="alert">
            {sentence(invitations.error)}
          </p>
        ) : (
          <Loading what="the invitations" />
        )
      ) : good.length === 0 ? (
        !isOpen && (
          <p className="govuk-body" data-testid="no-invitations">
            An invitation is a link for one person. It needs no password, knows their name, and can be taken
            back without anybody else noticing.
          </p>
        )
      ) : (
        <ul className="cs-list" data-testid="invitations">
          {good.map((invitation) => (
            <InvitationRow key={invitation.id} invitation={invitation} room={room} />
          ))}
        </ul>
      )}
      {over.length > 0 && (
        <details className="govuk-details cs-over">
          <summary className="govuk-details__summary">
            <span className="govuk-details__summary-text">
              {over.length === 1 ? "1 that no longer works" : `${over.length} that no longer work`}
            </span>
          </summary>
          <ul className="cs-list">
            {over.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} room={room} />
            ))}
          </ul>
        </details>
      )}
    </SummaryCard>
  );
}

function Made({ invitation, room }: { invitation: Invitation; room: Room }) {
  return (
    <Banner tone="done" title={`The invitation for ${invitation.name} is ready`} testId="invitation-made">
      <p className="govuk-body">Send them this link. Only they should have it.</p>
      <CopyField value={invitation.link} copies="invitation link" testId="invitation-link" />
      {invitation.startsAt !== null && (
        <p className="govuk-body">
          <CalendarLink invitation={invitation} room={room} />
        </p>
      )}
      {isLocalAddress(invitation.link) && (
        <p className="govuk-hint">
          This link works on this machine only. Set PUBLIC_URL, or open the studio by the machine’s network
          address.
        </p>
      )}
    </Banner>
  );
}

function CalendarLink({ invitation, room }: { invitation: Invitation; room: Room }) {
  const params = { roomId: room.id, invitationId: invitation.id };
  return (
    <a
      className="govuk-link cs-calendar"
      href={addressOf(routes.readInvitationCalendar, params)}
      download
      data-testid="invitation-calendar"
    >
      Calendar file<span className="govuk-visually-hidden"> for {invitation.name}</span>
    </a>
  );
}

const STATES: Record<Invitation["state"], string | null> = {
  open: null,
  "used-up": "Used up",
  expired: "Run out",
  revoked: "Taken back",
};

function InvitationRow({ invitation, room }: { invitation: Invitation; room: Room }) {
  const [isAsked, setAsked] = useState(false);
  const now = useNow();
  const { name, role, state, link } = invitation;
  const isGood = state === "open" || state === "used-up";
  const mark = STATES[state];
  return (
    <li className="cs-list__row" data-testid="invitation" data-state={state}>
      <div className="cs-list__what">
        <p className="cs-list__name">
          {name} <span className="cs-list__role">{ROLE_WORDS[role].name}</span>
          {mark !== null && <Tag look="outline">{mark}</Tag>}
        </p>
        <p className="cs-list__facts">
          {invitationFacts(invitation, now).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
      </div>
      {isGood && (
        <div className="cs-list__acts">
          {invitation.startsAt !== null && <CalendarLink invitation={invitation} room={room} />}
          <CopyButton text={link} label="Copy link" copies={`for ${name}`} />
          <Button
            small
            look="secondary"
            disabled={isAsked}
            aria-label={`Take back the invitation for ${name}`}
            onClick={() => setAsked(true)}
          >
            Take back
          </Button>
        </div>
      )}
      {isAsked && isGood && (
        <div className="cs-list__below">
          <TakeBack invitation={invitation} room={room} onDone={() => setAsked(false)} />
        </div>
      )}
    </li>
  );
}

function TakeBack({ invitation, room, onDone }: { invitation: Invitation; room: Room; onDone: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api("revokeInvitation", { params: { roomId: room.id, invitationId: invitation.id } }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: invitationsQuery(room.id).queryKey });
      await client.invalidateQueries({ queryKey: peopleQuery(room.id).queryKey });
    },
  });
  return (
    <Confirm
      title={`Take back the invitation for ${invitation.name}?`}
      yes="Take back"
      danger
      busy={revoke.isPending}
      error={revoke.isError ? sentence(revoke.error) : undefined}
      onYes={() => revoke.mutate()}
      onNo={onDone}
    >
      <p className="govuk-body">
        The link stops working at once, and whoever came by it is sent out of the room. It cannot be given
        back; you can make another one.
      </p>
    </Confirm>
  );
}
