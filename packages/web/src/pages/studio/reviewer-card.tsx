import type { Room } from "@colourstream/contract";
import { useState } from "react";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { CopyButton, CopyField } from "../../ui/copy-button.js";
import { SummaryCard } from "../../ui/summary.js";
import { TextField } from "../../ui/text-field.js";
import { isLocalAddress } from "./local-address.js";
import { useChangeRoom } from "./use-change-room.js";

const SHORTEST = 8; // RoomPassword in the contract

/** What is sent to those who watch. */
export function ReviewerCard({ room }: { room: Room }) {
  const [isChanging, setChanging] = useState(false);
  const message = `${room.name}\n${room.reviewerLink}\nPassword: ${room.reviewerPassword}\n`;
  return (
    <SummaryCard title="Link and password" testId="reviewer-card">
      <p className="govuk-body">
        Good for a whole team: they open the link in a browser, type their name and the password, and see the
        picture.
      </p>
      <dl className="cs-fields">
        <dt>Link</dt>
        <dd>
          <CopyField value={room.reviewerLink} copies="link" testId="reviewer-link" />
        </dd>
        <dt>Password</dt>
        <dd>
          <CopyField value={room.reviewerPassword} copies="password" testId="reviewer-password" />
        </dd>
      </dl>
      {isLocalAddress(room.reviewerLink) && (
        <p className="govuk-hint" data-testid="link-is-local">
          This link works on this machine only. Set PUBLIC_URL, or open the studio by the machine’s network
          address.
        </p>
      )}
      <div className="govuk-button-group cs-buttons">
        <CopyButton text={message} label="Copy both as a message" copies="" look="primary" />
        <Button look="secondary" small onClick={() => setChanging(true)} disabled={isChanging}>
          Change password
        </Button>
      </div>
      {isChanging && <ChangePassword room={room} onDone={() => setChanging(false)} />}
    </SummaryCard>
  );
}

function ChangePassword({ room, onDone }: { room: Room; onDone: () => void }) {
  const [password, setPassword] = useState("");
  const [isShort, setShort] = useState(false);
  const change = useChangeRoom(room, onDone);
  return (
    <Confirm
      title="Change the password?"
      yes="Change password"
      busy={change.isPending}
      error={change.isError ? sentence(change.error) : undefined}
      onYes={() => {
        const tooShort = password.length < SHORTEST;
        setShort(tooShort);
        if (!tooShort) change.mutate({ password });
      }}
      onNo={onDone}
    >
      <p className="govuk-body">
        Everyone who came by the password is sent out of the room at once and needs the new one to come back.
        Whoever came by an invitation stays.
      </p>
      <TextField
        id="new-password"
        label="New password"
        hint={`At least ${SHORTEST} characters.`}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={128}
        value={password}
        onChange={setPassword}
        error={isShort ? `The password must have at least ${SHORTEST} characters` : undefined}
      />
    </Confirm>
  );
}
