import type { Room, Settings, SettingsChange } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { roomsQuery } from "../../api/queries.js";
import { type SettingName, shortenedBy } from "./draft.js";
import { NumberSetting } from "./setting-fields.js";
import { SettingsSection } from "./settings-section.js";

/** How long things are kept. A shorter time asks first: what it removes does not come back. */
export function Retention({ settings }: { settings: Settings }) {
  const archived = useQuery(roomsQuery(true));
  return (
    <SettingsSection
      title="What is kept, and how long"
      testId="settings-retention"
      settings={settings}
      saved="Saved. What is older is removed within the hour."
      questionFor={(change) => {
        const shortened = shortenedBy(settings, change);
        if (shortened.length === 0) return null;
        return {
          title: "Save, and remove what is older?",
          yes: "Save and remove",
          danger: true,
          body: (
            <ul className="govuk-list govuk-list--bullet" data-testid="what-goes">
              {shortened.map((name) => (
                <li key={name}>{lossOf(name, change, archived.data)}</li>
              ))}
            </ul>
          ),
        };
      }}
    >
      {(section) => (
        <>
          <NumberSetting
            section={section}
            name="auditDays"
            unit="days"
            hint="Who did what, from where: it names people and their addresses."
          />
          <NumberSetting
            section={section}
            name="takesDays"
            unit="days"
            hint="When each encoder was live. Empty: for good."
          />
          <NumberSetting
            section={section}
            name="archivedRoomsDays"
            unit="days"
            hint="A deleted room does not come back. Empty: they are kept for good."
          />
          <NumberSetting
            section={section}
            name="recordingsDays"
            unit="days"
            hint="Empty: they are kept until the disk has no room for them, or somebody deletes them."
          />
          <NumberSetting
            section={section}
            name="recordingsDiskPercent"
            unit="%"
            hint="When all recordings together take more, the oldest are deleted."
          />
        </>
      )}
    </SettingsSection>
  );
}

const DAY_MS = 86_400_000;

/** What a shorter time takes away, and that it does not come back. */
function lossOf(name: SettingName, change: SettingsChange, archived: readonly Room[] | undefined): string {
  if (name === "auditDays") {
    return `Lines of the audit log older than ${daysWords(change.auditDays)} are deleted for good.`;
  }
  if (name === "takesDays") {
    return `Takes that ended more than ${daysWords(change.takesDays)} ago leave the list for good.`;
  }
  if (name === "recordingsDays") {
    return `Recordings older than ${daysWords(change.recordingsDays)} are deleted for good.`;
  }
  if (name === "recordingsDiskPercent") {
    return `When recordings take more than ${change.recordingsDiskPercent} % of the disk, the oldest are deleted for good.`;
  }
  const since = Date.now() - (change.archivedRoomsDays ?? 0) * DAY_MS;
  const gone = archived?.filter(({ archivedAt }) => archivedAt !== null && archivedAt < since);
  const now =
    gone === undefined
      ? ""
      : gone.length === 0
        ? " None is as old as that now."
        : ` Now these are: ${gone.map(({ name: room }) => `“${room}”`).join(", ")}.`;
  return `Rooms archived more than ${daysWords(change.archivedRoomsDays)} ago are deleted for good.${now}`;
}

const daysWords = (days: number | null | undefined) => (days === 1 ? "1 day" : `${days ?? 0} days`);
