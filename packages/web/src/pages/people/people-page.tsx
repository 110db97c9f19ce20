import { useTitle } from "../../ui/use-title.js";

/** `/studio/people`: everybody with an account. */
export function PeoplePage() {
  useTitle("People");
  return <h1 className="govuk-heading-l">People</h1>;
}
