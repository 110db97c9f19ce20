import { useTitle } from "../../ui/use-title.js";

/** `/studio/settings`: what the owner can change while it runs. */
export function SettingsPage() {
  useTitle("Settings");
  return <h1 className="govuk-heading-l">Settings</h1>;
}
