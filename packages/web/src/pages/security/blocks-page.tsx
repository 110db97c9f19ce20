import { useTitle } from "../../ui/use-title.js";

/** `/studio/security`: blocked addresses and refused attempts. */
export function BlocksPage() {
  useTitle("Addresses");
  return <h1 className="govuk-heading-l">Addresses</h1>;
}
