import { useTitle } from "../../ui/use-title.js";

/** `/studio/account/tokens`: keys for programs. */
export function TokensPage() {
  useTitle("API tokens");
  return <h1 className="govuk-heading-l">API tokens</h1>;
}
