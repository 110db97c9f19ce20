import type { Account } from "@colourstream/contract";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../../ui/button.js";
import { agoWords } from "../../ui/local-time.js";
import { Table } from "../../ui/table.js";
import { Tag } from "../../ui/tag.js";
import { useNow } from "../studio/use-now.js";
import { AccountActs } from "./account-acts.js";
import { actsOn, linkWords } from "./account-words.js";
import type { Outcome } from "./people-page.js";

/** The accounts, the owner first, each with what can be done to it. */
export function AccountTable({
  accounts,
  myId,
  onOutcome,
}: {
  accounts: readonly Account[];
  myId: string | null;
  onOutcome: (outcome: Outcome | null) => void;
}) {
  const [openId, setOpenId] = useState<string | null>(null);
  const now = useNow();
  return (
    <section aria-labelledby="accounts-title">
      <h2 className="govuk-heading-m" id="accounts-title">
        Everybody with an account
      </h2>
      <Table
        caption="Everybody with an account"
        isCaptionHidden
        head={["Name", "State", "Last seen", "Passkeys", "Rooms", ""]}
        testId="accounts"
        rows={[...accounts].sort(ownerFirst).map((account) => ({
          key: account.id,
          testId: "account-row",
          cells: [
            <strong className="cs-strong" key="name">
              {account.name}
            </strong>,
            <State key="state" account={account} now={now} />,
            account.lastSeenAt === null ? "Never" : agoWords(account.lastSeenAt, now),
            account.passkeys,
            account.rooms,
            account.id === myId ? (
              <Link key="mine" to="/studio/account" className="govuk-link cs-nowrap">
                Your account
              </Link>
            ) : (
              actsOn(account).length > 0 && (
                <Button
                  look="secondary"
                  small
                  aria-label={`Change the account of ${account.name}`}
                  aria-expanded={openId === account.id}
                  onClick={() => {
                    onOutcome(null);
                    setOpenId(openId === account.id ? null : account.id);
                  }}
                >
                  Change
                </Button>
              )
            ),
          ],
          below: openId === account.id && (
            <AccountActs
              account={account}
              onOutcome={(outcome) => {
                setOpenId(null);
                onOutcome(outcome);
              }}
            />
          ),
        }))}
      />
    </section>
  );
}

function State({ account, now }: { account: Account; now: number }) {
  const link = linkWords(account, now);
  return (
    <span className="cs-account-state">
      {account.role === "owner" ? <Tag>Owner</Tag> : <Tag look="outline">{STATES[account.state]}</Tag>}
      {link !== null && <span className="cs-quiet">{link}</span>}
    </span>
  );
}

const STATES = { invited: "Invited", active: "Colourist", disabled: "Disabled" } as const;

function ownerFirst(a: Account, b: Account): number {
  return Number(b.role === "owner") - Number(a.role === "owner") || a.name.localeCompare(b.name, "en");
}
