import { Link } from "@tanstack/react-router";
import type { RecordingList } from "../../api/recording-queries.js";
import { diskWords } from "./recording-words.js";

/** How much of the disk the recordings take, what else is on it, and what is left. */
export function DiskUse({ disk, isOwner }: { disk: RecordingList["disk"]; isOwner: boolean }) {
  const { usedBytes, freeBytes, totalBytes } = disk;
  const share = (bytes: number) => (totalBytes > 0 ? (100 * bytes) / totalBytes : 0);
  const other = Math.max(0, totalBytes - freeBytes - usedBytes);
  return (
    <div className="cs-disk" data-testid="disk-use">
      <svg className="cs-disk__bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect className="cs-disk__free" width="100" height="1" />
        <rect className="cs-disk__other" width={share(usedBytes) + share(other)} height="1" />
        <rect className="cs-disk__used" width={share(usedBytes)} height="1" />
      </svg>
      <p className="cs-disk__words">
        <span>{diskWords(disk)}.</span>
        {isOwner && (
          <Link to="/studio/settings" className="govuk-link">
            How long they are kept
          </Link>
        )}
      </p>
    </div>
  );
}
