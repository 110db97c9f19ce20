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

/** A fault of ours: the page stands still, and says how to go on. */
export function BrokenPage() {
  useTitle("Something went wrong");
  return (
    <div className="cs-door">
      <main className="cs-door__card">
        <h1 className="govuk-heading-m">Something went wrong in this page</h1>
        <p className="govuk-body">Nothing is lost: streams and rooms go on without it.</p>
        <button type="button" className="govuk-button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </main>
    </div>
  );
}
