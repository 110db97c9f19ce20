import type { Account } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { accountsQuery, keepAccount } from "../../api/account-queries.js";
import { provedApi } from "../../api/proved.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { NameForm } from "../../ui/name-form.js";
import { type AccountAct, actsOn } from "./account-words.js";
import type { Outcome } from "./people-page.js";

const LABELS: Readonly<Record<AccountAct, string>> = {
  rename: "Rename",
  link: "New link",
  disable: "Disable",
  enable: "Enable",
  "hand-over": "Make owner",
  delete: "Delete",
};

/** What can be done to one account. Each act says first what it will do. */
export function AccountActs({
  account,
  onOutcome,
}: {
  account: Account;
  onOutcome: (outcome: Outcome | null) => void;
}) {
  const [act, setAct] = useState<AccountAct | null>(null);
  const close = () => setAct(null);
  return (
    <div data-testid="account-acts">
      <div className="cs-account-acts">
        {actsOn(account).map((one) => (
          <Button
            key={one}
            look="secondary"
            small
            aria-label={`${LABELS[one]}: ${account.name}`}
            onClick={() => setAct(one)}
          >
            {LABELS[one]}
          </Button>
        ))}
      </div>
      {act === "rename" && <Rename account={account} onOutcome={onOutcome} onClose={close} />}
      {act !== null && act !== "rename" && (
        <Act key={act} act={act} account={account} onOutcome={onOutcome} onClose={close} />
      )}
    </div>
  );
}

type ActProps = { account: Account; onOutcome: (outcome: Outcome) => void; onClose: () => void };

function Rename({ account, onOutcome, onClose }: ActProps) {
  const client = useQueryClient();
  return (
    <NameForm
      id="account-name"
      label={`New name for ${account.name}`}
      missing="Enter a name"
      yes="Save name"
      value={account.name}
      save={async (name) => {
        const params = { userId: account.id };
        keepAccount(client, await provedApi("changeUser", { params, body: { name } }));
        onOutcome({ is: "done", words: `${account.name} is now ${name}` });
      }}
      onDone={onClose}
    />
  );
}

function Act({ act, account, onOutcome, onClose }: ActProps & { act: Exclude<AccountAct, "rename"> }) {
  const run = useRunAct(account, onOutcome);
  const { title, yes, isDanger, body } = words(act, account);
  return (
    <Confirm
      title={title}
      yes={yes}
      danger={isDanger}
      busy={run.isPending}
      error={run.isError ? sentence(run.error) : undefined}
      onYes={() => run.mutate(act)}
      onNo={onClose}
    >
      {body}
    </Confirm>
  );
}

function useRunAct(account: Account, onOutcome: (outcome: Outcome) => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const params = { userId: account.id };
  const isNow = (words: string): Outcome => ({ is: "done", words: `${account.name} ${words}` });
  const change = async (disabled: boolean) =>
    keepAccount(client, await provedApi("changeUser", { params, body: { disabled } }));
  return useMutation({
    mutationFn: async (act: Exclude<AccountAct, "rename">): Promise<Outcome> => {
      switch (act) {
        case "link": {
          const link = await provedApi("makeUserLink", { params });
          keepAccount(client, link.account);
          return { is: "link", link };
        }
        case "disable":
          await change(true);
          return isNow("is disabled and signed out everywhere");
        case "enable":
          await change(false);
          return isNow("can sign in again");
        case "delete":
          await provedApi("deleteUser", { params });
          await client.invalidateQueries({ queryKey: accountsQuery.queryKey });
          return isNow("has no account any more");
        case "hand-over":
          await provedApi("handOver", { params });
          return isNow("is the owner now");
      }
    },
    onSuccess: async (outcome, act) => {
      if (act === "hand-over") {
        await navigate({ to: "/studio" }); // this page is the new owner's
        await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
        return;
      }
      onOutcome(outcome);
    },
  });
}

type Words = { title: string; yes: string; isDanger: boolean; body: ReactNode };

function words(act: Exclude<AccountAct, "rename">, { name, state, rooms }: Account): Words {
  switch (act) {
    case "link":
      return {
        title: `Make a new link for ${name}?`,
        yes: "Make link",
        isDanger: false,
        body: (
          <p className="govuk-body">
            It lets {name} in once, within 7 days, to add a passkey. Earlier links stop working; passkeys go
            on working. Make one only when {name} has asked you for it.
          </p>
        ),
      };
    case "disable":
      return {
        title: `Disable the account of ${name}?`,
        yes: "Disable account",
        isDanger: false,
        body: (
          <p className="govuk-body">
            {name} is signed out everywhere at once and cannot sign in; API tokens and links stop working. The
            rooms stay, and what is live in them stays live. You can enable the account again.
          </p>
        ),
      };
    case "enable":
      return {
        title: `Enable the account of ${name}?`,
        yes: "Enable account",
        isDanger: false,
        body: (
          <p className="govuk-body">
            {name} can sign in again with the passkeys from before, and sees the same rooms.
          </p>
        ),
      };
    case "hand-over":
      return {
        title: `Make ${name} the owner in your place?`,
        yes: "Hand over",
        isDanger: true,
        body: (
          <p className="govuk-body">
            {name} then sees every room and looks after people, settings and security. You become a colourist:
            you keep your own rooms and no longer see the others. Only {name} can make you the owner again.
          </p>
        ),
      };
    case "delete":
      return {
        title: `Delete the account of ${name} for good?`,
        yes: "Delete account",
        isDanger: true,
        body:
          state === "invited" ? (
            <p className="govuk-body">
              The link stops working at once. To let {name} in later, invite them again.
            </p>
          ) : (
            <p className="govuk-body">
              {name} is signed out everywhere at once; passkeys and API tokens are gone.{" "}
              {rooms > 0 &&
                `${rooms === 1 ? "The room becomes" : `The ${rooms} rooms become`} yours, and what is live stays live. `}
              This cannot be taken back. To keep the account for later, disable it instead.
            </p>
          ),
      };
  }
}
