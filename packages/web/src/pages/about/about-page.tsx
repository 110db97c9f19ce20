import { useTitle } from "../../ui/use-title.js";

/** `/studio/about`: what this ColourStream is and runs on. */
export function AboutPage() {
  useTitle("About");
  return <h1 className="govuk-heading-l">About</h1>;
}
