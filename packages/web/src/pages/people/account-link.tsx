import type { AccountLink } from "@colourstream/contract";
import { Banner } from "../../ui/banner.js";
import { CopyField } from "../../ui/copy-button.js";
import { momentWords } from "../../ui/local-time.js";

/** A link that has just been made. It is nowhere else, and not here again. */
export function NewLink({ link: { account, link, expiresAt } }: { link: AccountLink }) {
  return (
    <Banner title={`Send this link to ${account.name}`} tone="done" testId="new-link">
      <p className="govuk-body">
        It works once and is good for 7 days, until {momentWords(expiresAt)}. Whoever opens it first has the
        account, so send it to {account.name} alone. It is shown only now.
      </p>
      <CopyField value={link} copies={`link for ${account.name}`} testId="account-link" />
    </Banner>
  );
}
