import { useTitle } from "../../ui/use-title.js";

/** `/studio/security/audit`: who did what. */
export function AuditPage() {
  useTitle("Audit log");
  return <h1 className="govuk-heading-l">Audit log</h1>;
}
