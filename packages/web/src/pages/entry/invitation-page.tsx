import { Page } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";

/** `/i#secret`: somebody's own way into a room. */
export function InvitationPage() {
  useTitle("Invitation");
  return (
    <Page>
      <h1 className="govuk-heading-l">Invitation</h1>
    </Page>
  );
}
