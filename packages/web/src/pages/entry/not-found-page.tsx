import { Link } from "@tanstack/react-router";
import { Page } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";

/** An address that leads nowhere. */
export function NotFoundPage() {
  useTitle("Page not found");
  return (
    <Page>
      <h1 className="govuk-heading-l">Page not found</h1>
      <p className="govuk-body">
        If you came to watch, check that the whole link was copied. Otherwise go to the{" "}
        <Link to="/" className="govuk-link">
          start page
        </Link>
        .
      </p>
    </Page>
  );
}
