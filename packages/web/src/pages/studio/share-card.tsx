import type { Room } from "@colourstream/contract";
import { lazy, Suspense, useState } from "react";
import { Button } from "../../ui/button.js";
import { Loading } from "../../ui/page.js";
import { SummaryCard } from "../../ui/summary.js";

const SharePanel = lazy(() => import("./share-panel.js").then((module) => ({ default: module.SharePanel })));

/** The way in for who has no encoder at hand: this browser sends its screen or its camera. */
export function ShareCard({ room }: { room: Room }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <SummaryCard
      title="Share from this browser"
      testId="share-card"
      actions={
        !isOpen && (
          <Button look="secondary" small onClick={() => setOpen(true)}>
            Share a screen or camera
          </Button>
        )
      }
    >
      {isOpen ? (
        <Suspense fallback={<Loading what="the choices" />}>
          <SharePanel room={room} onClose={() => setOpen(false)} />
        </Suspense>
      ) : (
        <p className="govuk-body">
          No encoder at hand? Send a screen, a window or a camera from here. For grading use an encoder: a
          browser sends 8 bits and does not keep the colours exact.
        </p>
      )}
    </SummaryCard>
  );
}
