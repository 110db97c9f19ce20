import { useEffect, useState } from "react";
import { type Device, listDevices } from "../../publish/capture.js";
import { type Choice, canShareScreen, defaultChoice } from "../../publish/choice.js";
import { Checkbox, Radios } from "../../ui/choices.js";
import { FormButtons } from "../../ui/form-buttons.js";
import { Select } from "../../ui/select.js";
import { ShareQuality } from "./share-quality.js";

const NO_MICROPHONE = "none";

/** What to send: a screen or a camera, with which sound, how fine. */
export function ShareForm({
  busy,
  error,
  ended,
  onStart,
  onCancel,
}: {
  busy: boolean;
  error: string | null;
  ended: string | null;
  onStart: (choice: Choice) => void;
  onCancel: () => void;
}) {
  const hasScreen = canShareScreen();
  const [choice, setChoice] = useState(() => defaultChoice(hasScreen ? "screen" : "camera"));
  const change = (part: Partial<Choice>) => setChoice((now) => ({ ...now, ...part }));
  const devices = useDevices();
  const isScreen = choice.source === "screen";
  return (
    <form
      data-testid="share-form"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(choice);
      }}
    >
      <p className="govuk-body cs-share-ended" role="status" data-testid="share-ended">
        {ended}
      </p>
      {error !== null && (
        <p className="govuk-error-message" role="alert" data-testid="share-error">
          {error}
        </p>
      )}
      {hasScreen ? (
        <Radios
          id="share-source"
          legend="What to share"
          inline
          options={[
            { value: "screen", label: "A screen or window" },
            { value: "camera", label: "A camera" },
          ]}
          value={choice.source}
          onChange={(source) => setChoice(defaultChoice(source))}
        />
      ) : (
        <p className="govuk-body">This browser can share its camera. For a screen use a computer.</p>
      )}
      {isScreen && (
        <Checkbox
          id="share-screen-sound"
          label="Send its sound too"
          hint="Chrome and Edge can, where the system lets them: tick it in the browser’s window as well."
          checked={choice.hasScreenSound}
          onChange={(hasScreenSound) => change({ hasScreenSound })}
        />
      )}
      <div className="cs-share-fields">
        {!isScreen && (
          <Select
            id="share-camera"
            label="Camera"
            options={[{ value: "", label: "The browser’s choice" }, ...devices.cameras.map(optionOf)]}
            value={choice.cameraId ?? ""}
            onChange={(id) => change({ cameraId: id === "" ? null : id })}
          />
        )}
        <Select
          id="share-microphone"
          label="Microphone"
          options={[
            { value: NO_MICROPHONE, label: "None" },
            { value: "", label: "The browser’s choice" },
            ...devices.microphones.map(optionOf),
          ]}
          value={choice.microphoneId ?? NO_MICROPHONE}
          onChange={(id) => change({ microphoneId: id === NO_MICROPHONE ? null : id })}
          {...(isScreen && choice.hasScreenSound
            ? { hint: "Used where the screen’s sound does not come along." }
            : {})}
        />
      </div>
      <ShareQuality choice={choice} onChange={change} />
      <FormButtons
        yes={isScreen ? "Choose what to share" : "Start sharing"}
        busy={busy}
        onCancel={onCancel}
      />
    </form>
  );
}

function optionOf({ id, name }: Device) {
  return { value: id, label: name };
}

/** What is connected now; asked again when something is plugged in or out. */
function useDevices() {
  const [devices, setDevices] = useState<Awaited<ReturnType<typeof listDevices>>>({
    cameras: [],
    microphones: [],
  });
  useEffect(() => {
    let isHere = true;
    const look = async () => {
      const found = await listDevices();
      if (isHere) setDevices(found);
    };
    void look();
    navigator.mediaDevices.addEventListener("devicechange", look);
    return () => {
      isHere = false;
      navigator.mediaDevices.removeEventListener("devicechange", look);
    };
  }, []);
  return devices;
}
