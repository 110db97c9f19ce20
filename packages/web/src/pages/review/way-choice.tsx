import { useId } from "react";
import type { WayChoice as Choice, Suits, Way } from "../../player/ways.js";
import { RE_ENCODED_WARNING, WAY_CHOICES, whyDelayedWords } from "../../signal/way-words.js";

type WayChoiceProps = {
  way: Way | null;
  suits: Suits | null;
  choice: Choice;
  onChoice: (choice: Choice) => void;
};

/** How the picture is to come: by itself as is best, or as the viewer says. */
export function WayChoice({ way, suits, choice, onChoice }: WayChoiceProps) {
  const name = useId();
  const hasUniversal = suits?.universal === true;
  const chosen = choice === "universal" && !hasUniversal ? "auto" : choice; // from another room
  const choices = WAY_CHOICES.filter(({ value }) => value !== "universal" || hasUniversal);
  const why = whyDelayedWords(way, chosen, suits?.webrtc ?? "well");
  const isOtherThanChosen = way !== null && chosen !== "auto" && way !== chosen;
  return (
    <fieldset className="cs-way" data-testid="way-choice">
      <legend className="cs-panel__group">How the picture comes</legend>
      {choices.map(({ value, label }) => (
        <label className="cs-way__option" key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={chosen === value}
            onChange={() => onChoice(value)}
          />
          {label}
        </label>
      ))}
      {way === "universal" && (
        <p className="cs-way__why" data-testid="re-encoded-warning">
          {RE_ENCODED_WARNING}
        </p>
      )}
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
