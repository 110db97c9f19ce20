import type { Settings } from "@colourstream/contract";
import type { ReactNode } from "react";
import { SummaryCard } from "../../ui/summary.js";
import { FlagSetting, NumberSetting } from "./setting-fields.js";
import { SettingsSection } from "./settings-section.js";
import type { Question } from "./use-section.js";

const TITLE = "Calls behind firewalls";

/** The relay for calls that is built in: whether it is on, by which port, and how it is now. */
export function RelaySection({
  settings,
  questionFor,
}: {
  settings: Settings;
  /** As for the other ports: the engine that the relay is in starts anew. */
  questionFor: () => Question;
}) {
  // TURN_URLS switches it off whatever is set here, so there is nothing to set.
  if (settings.relay === "replaced") {
    return (
      <SummaryCard title={TITLE} testId="settings-relay">
        <RelayState settings={settings} />
      </SummaryCard>
    );
  }
  return (
    <SettingsSection
      title={TITLE}
      testId="settings-relay"
      settings={settings}
      saved="Saved. The media engine has been restarted with it."
      questionFor={questionFor}
    >
      {(section) => (
        <>
          <p className="govuk-body">
            In a call, browsers send voices and cameras straight to each other. Where their networks do not
            let them, this relay passes both on, encrypted as they are. It reaches nothing but the people of
            calls.
          </p>
          <RelayState settings={settings} />
          <FlagSetting
            section={section}
            name="relayOn"
            hint="Without it, people in different networks often cannot hear each other."
          />
          <NumberSetting
            section={section}
            name="relayPort"
            hint="UDP and TCP. Let both through your router and firewall."
          />
        </>
      )}
    </SettingsSection>
  );
}

function RelayState({ settings }: { settings: Settings }) {
  const { relay, relayPort, iceUrls, turnAuth } = settings;
  const isSpare = relay === "on" && turnAuth !== "none" && iceUrls.some((url) => /^turns?:/.test(url));
  return (
    <p className="govuk-inset-text" data-testid="relay-state" data-relay={relay}>
      {STATES[relay](relayPort)}
      {isSpare && " Calls do not use it, as they have the TURN server below."}
    </p>
  );
}

const STATES: Readonly<Record<Settings["relay"], (port: number) => ReactNode>> = {
  on: (port) => `The relay is on, at port ${port}.`,
  off: () => "The relay is switched off.",
  "port-in-use": (port) =>
    `The relay is off: port ${port} is in use by another program. Choose another port, or end that program: the relay then comes on by itself.`,
  replaced: () => (
    <>
      The relay is off, as the servers that <code>TURN_URLS</code> names do its work.
    </>
  ),
  away: () => "The relay comes on with the media engine, which is restarting.",
};
