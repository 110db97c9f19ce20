import { useTitle } from "../../ui/use-title.js";

/** `/studio/account`: one's name, passkeys and logins. */
export function AccountPage() {
  useTitle("Your account");
  return <h1 className="govuk-heading-l">Your account</h1>;
}
