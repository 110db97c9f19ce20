import { useEffect, useState } from "react";
import type { Link } from "../../live/realtime.js";

const SAY_AFTER_MS = 1_500; // a blip that heals at once is nobody's business

/** Says that the page no longer hears from the server. */
export function OfflineBar({ link }: { link: Link }) {
  const isDown = link.is === "down";
  const [isSaid, setSaid] = useState(false);
  useEffect(() => {
    if (!isDown) {
      setSaid(false);
      return;
    }
    const timer = setTimeout(() => setSaid(true), SAY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isDown]);
  return (
    <div role="status" aria-live="polite">
      {isSaid && (
        <div className="cs-bar" data-testid="offline">
          <div className="govuk-width-container">
            No connection to ColourStream. What you see may be out of date; it is tried again by itself.
          </div>
        </div>
      )}
    </div>
  );
}
