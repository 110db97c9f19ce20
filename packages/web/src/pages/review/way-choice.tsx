import { useId } from "react";
import type { WayChoice as Choice, Suits, Way } from "../../player/ways.js";
import { WAY_CHOICES, whyDelayedWords } from "../../signal/way-words.js";

type WayChoiceProps = {
  way: Way | null;
  suits: Suits | null;
  choice: Choice;
  onChoice: (choice: Choice) => void;
};

/** How the picture is to come: by itself as is best, or as the viewer says. */
export function WayChoice({ way, suits, choice, onChoice }: WayChoiceProps) {
  const name = useId();
  const why = whyDelayedWords(way, choice, suits?.webrtc ?? "well");
  const isOtherThanChosen = way !== null && choice !== "auto" && way !== choice;
  return (
    <fieldset className="cs-way" data-testid="way-choice">
      <legend className="cs-panel__group">How the picture comes</legend>
      {WAY_CHOICES.map(({ value, label }) => (
        <label className="cs-way__option" key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={choice === value}
            onChange={() => onChoice(value)}
          />
          {label}
        </label>
      ))}
      {why !== null && (
        <p className="cs-way__why" data-testid="why-delayed">
          {why}
        </p>
      )}
      {isOtherThanChosen && why === null && (
        <p className="cs-way__why">
          What you chose is being tried; until it works the picture comes as before.
        </p>
      )}
    </fieldset>
  );
}
