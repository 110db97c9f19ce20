import { useTitle } from "../../ui/use-title.js";

/** `/studio/security/sessions`: everybody's logins. */
export function SessionsPage() {
  useTitle("Sign-ins");
  return <h1 className="govuk-heading-l">Sign-ins</h1>;
}
