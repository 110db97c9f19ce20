import type { CallPreferences } from "../../../conference/preferences.js";
import { Button } from "../../../ui/button.js";
import { Checkbox, Radios } from "../../../ui/choices.js";
import { useModal } from "../../../ui/use-modal.js";
import { DeviceCheck } from "../devices/device-check.js";
import { Slide } from "./slide.js";

/** How much the programme steps back, in decibels. */
const DUCKS = [
  { value: "6", label: "A little" },
  { value: "12", label: "Well" },
  { value: "24", label: "Nearly silent" },
] as const;

type SettingsProps = {
  isOpen: boolean;
  onClose: () => void;
  preferences: CallPreferences;
  onChange: (change: Partial<CallPreferences>) => void;
  /** Whether this browser can hold back the sound that comes now. */
  canDelaySound: boolean;
  mayTalk: boolean;
  onPhone: () => void;
};

/** What somebody sets for talking and hearing, on this machine. */
export function CallSettings(props: SettingsProps) {
  const { isOpen, onClose } = props;
  const dialog = useModal(isOpen);
  return (
    <dialog
      className="cs-help cs-sheet"
      ref={dialog}
      onClose={onClose}
      aria-labelledby="call-settings-title"
      data-testid="call-settings"
    >
      <div className="cs-sheet__head">
        <h2 className="cs-panel__title" id="call-settings-title">
          Sound and devices
        </h2>
        <Button look="secondary" small onClick={onClose}>
          Close
        </Button>
      </div>
      {isOpen && <Content {...props} />}
    </dialog>
  );
}

function Content({ preferences, onChange, canDelaySound, mayTalk, onPhone }: SettingsProps) {
  const { suite, ducks, duckDb, callVolume, soundDelayMs } = preferences;
  const duck = DUCKS.find(({ value }) => Number(value) >= duckDb)?.value ?? "24";
  return (
    <>
      {mayTalk && (
        <section className="cs-sheet__group" aria-labelledby="call-settings-talk">
          <h3 className="cs-sheet__title" id="call-settings-talk">
            Talking
          </h3>
          <Checkbox
            id="suite"
            label="I am in a suite with loudspeakers"
            hint="You hold a button or the space bar to talk, and the programme is silent meanwhile: else the others hear the suite’s loudspeakers too."
            checked={suite}
            onChange={(isSuite) => onChange({ suite: isSuite })}
          />
          <Button look="secondary" small onClick={onPhone}>
            Use a phone as talk button
          </Button>
        </section>
      )}
      <section className="cs-sheet__group" aria-labelledby="call-settings-hearing">
        <h3 className="cs-sheet__title" id="call-settings-hearing">
          Hearing
        </h3>
        <Slide
          id="call-volume"
          label="Voices"
          value={callVolume}
          least={0}
          most={1}
          step={0.05}
          words={`${Math.round(callVolume * 100)} %`}
          onChange={(volume) => onChange({ callVolume: volume })}
        />
        <Checkbox
          id="ducks"
          label="The programme steps back while somebody talks"
          checked={ducks}
          onChange={(doesDuck) => onChange({ ducks: doesDuck })}
        />
        {ducks && (
          <Radios
            id="duck-by"
            legend="How far"
            inline
            options={DUCKS}
            value={duck}
            onChange={(value) => onChange({ duckDb: Number(value) })}
          />
        )}
        <Slide
          id="sound-delay"
          label="Delay of the programme’s sound"
          value={soundDelayMs}
          least={0}
          most={500}
          step={10}
          words={`${soundDelayMs} ms`}
          hint={
            canDelaySound
              ? "For a screen or projector that shows the picture late. Have somebody clap in the picture, and move it until clap and hands meet."
              : "This browser cannot delay the sound as it comes now."
          }
          isOff={!canDelaySound}
          onChange={(ms) => onChange({ soundDelayMs: ms })}
        />
      </section>
      {mayTalk && (
        <section className="cs-sheet__group" aria-labelledby="call-settings-devices">
          <h3 className="cs-sheet__title" id="call-settings-devices">
            Devices
          </h3>
          <DeviceCheck preferences={preferences} onChange={onChange} />
        </section>
      )}
    </>
  );
}
