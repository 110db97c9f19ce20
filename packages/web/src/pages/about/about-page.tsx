import type { About } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { aboutQuery, healthQuery, sentence, sessionQuery } from "../../api/queries.js";
import { momentWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { SummaryCard, SummaryList } from "../../ui/summary.js";
import { Tag } from "../../ui/tag.js";
import { useTitle } from "../../ui/use-title.js";

/** `/studio/about`: what this ColourStream is; for the owner also what it runs on. */
export function AboutPage() {
  useTitle("About");
  const session = useQuery(sessionQuery);
  return (
    <>
      <h1 className="govuk-heading-l">About this ColourStream</h1>
      <HealthCard />
      {session.data?.user?.role === "owner" && <MachineCard />}
      <LicenceCard />
    </>
  );
}

function HealthCard() {
  const health = useQuery(healthQuery);
  return (
    <SummaryCard title="Now" testId="about-health">
      {health.data !== undefined ? (
        <SummaryList
          rows={[
            ["Version", health.data.version],
            ["Database", <State key="database" is={health.data.database} />],
            ["Media engine", <State key="engine" is={health.data.engine} />],
          ]}
        />
      ) : health.isPending ? (
        <Loading what="how it is" />
      ) : (
        <p className="govuk-body">{sentence(health.error)}</p>
      )}
    </SummaryCard>
  );
}

function State({ is }: { is: "ok" | "away" }) {
  return is === "ok" ? <Tag>Answers</Tag> : <Tag look="live">Does not answer</Tag>;
}

function MachineCard() {
  const about = useQuery(aboutQuery);
  if (about.isPending) return <Loading what="the machine" />;
  if (about.data === undefined) {
    return <LoadFailed message={sentence(about.error)} onRetry={() => about.refetch()} />;
  }
  return (
    <SummaryCard title="Machine" testId="about-machine">
      <SummaryList rows={machineRows(about.data)} />
    </SummaryCard>
  );
}

function machineRows(about: About): (readonly [string, string])[] {
  return [
    ["Running since", momentWords(about.startedAt)],
    ["System", about.platform],
    ["Node.js", about.node],
    ["Database", about.database],
    ["Media engine", about.engine],
    ["Calls", about.conference],
    ["Data folder", about.dataDir],
    ["Last backup", backupWords(about.backup)],
    ["Free disk space", about.diskFreeBytes === null ? "Not known" : sizeWords(about.diskFreeBytes)],
  ];
}

function backupWords({ isOn, lastAt, problem }: About["backup"]): string {
  if (!isOn)
    return "No backups are made by themselves. Whoever runs the server switches them on by BACKUP_DIR";
  const last = lastAt === null ? "None yet" : momentWords(lastAt);
  return problem === null ? last : `${last}. The last one failed: ${problem}`;
}

/** Bytes as a disk's maker counts them: 1 GB is 10⁹. */
function sizeWords(bytes: number): string {
  const gigabytes = bytes / 1e9;
  return gigabytes >= 1000 ? `${(gigabytes / 1000).toFixed(1)} TB` : `${gigabytes.toFixed(1)} GB`;
}

function LicenceCard() {
  return (
    <SummaryCard title="Licence and source" testId="about-licence">
      <p className="govuk-body">
        ColourStream is free software under the GNU Affero General Public License, version 3 only
        (AGPL-3.0-only). It comes without any warranty.
      </p>
      <p className="govuk-body cs-last">
        Everybody who uses this ColourStream over the network has a right to the source code of exactly the
        version that runs here. If it was changed, whoever runs it offers the changed source: ask the owner.
      </p>
    </SummaryCard>
  );
}
