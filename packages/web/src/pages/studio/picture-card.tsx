import type { Playout, Room } from "@colourstream/contract";
import { sentence } from "../../api/queries.js";
import { Checkbox, type Choice, Radios } from "../../ui/choices.js";
import { SummaryCard } from "../../ui/summary.js";
import { useSavedChange } from "./use-saved-change.js";

const PLAYOUTS: readonly Choice<Playout>[] = [
  {
    value: "lowest",
    label: "Lowest delay",
    hint: "Each frame is shown as it comes. The best choice for grading together.",
  },
  {
    value: "smooth",
    label: "Smooth on poor lines",
    hint: "Each browser holds the picture back as long as its line needs: less jumping, some tenths of a second later.",
  },
];

/** How viewers get the picture. Each choice is saved as it is made, and counts at once for who is watching. */
export function PictureCard({ room }: { room: Room }) {
  const { change, saved, save, asked } = useSavedChange(room);
  return (
    <SummaryCard title="Picture" testId="picture-card">
      <div className="cs-access">
        {change.isError && (
          <p className="govuk-error-message" role="alert">
            {sentence(change.error)}
          </p>
        )}
        <div className="cs-picture">
          <Radios
            id="playout"
            legend="Playout"
            options={PLAYOUTS}
            value={asked.playout ?? room.playout}
            onChange={(playout) =>
              save(
                { playout },
                playout === "lowest"
                  ? "Saved: each frame is shown as it comes."
                  : "Saved: browsers hold the picture back as their lines need.",
              )
            }
          />
          <Checkbox
            id="universal"
            label="A version for every browser"
            hint={
              room.canTranscode
                ? "A second, re-encoded picture, for browsers that cannot show what the encoder sends. Its colour tags are lost, it comes some frames later, and making it keeps the server busy. Who can see the untouched picture still does."
                : "The built-in media engine passes the picture on untouched and makes no second one. With OvenMediaEngine this can be switched on."
            }
            checked={room.canTranscode && (asked.universal ?? room.universal)}
            disabled={!room.canTranscode}
            onChange={(universal) =>
              save(
                { universal },
                universal
                  ? "Saved: there is a version for every browser from now on."
                  : "Saved: there is the untouched picture only.",
              )
            }
          />
        </div>
        <p className="cs-saved" role="status" data-testid="picture-saved">
          {saved}
        </p>
      </div>
    </SummaryCard>
  );
}
