import { useEffect, useRef, useState } from "react";
import { readPreferences, writePreferences } from "../../../conference/preferences.js";
import { Button } from "../../../ui/button.js";
import { DeviceCheck } from "./device-check.js";

/** The device check before the room. What is chosen is kept for the call. */
export function DeviceCheckDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [preferences, setPreferences] = useState(readPreferences);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      className="cs-help cs-devices-dialog"
      ref={dialog}
      onClose={onClose}
      aria-labelledby="devices-title"
    >
      <div className="cs-devices-dialog__head">
        <h2 className="cs-panel__title" id="devices-title">
          Microphone and camera
        </h2>
        <Button look="secondary" small onClick={() => dialog.current?.close()}>
          Close
        </Button>
      </div>
      <p className="cs-devices__hint">
        Nobody sees or hears you here. In the room both are off until you switch them on.
      </p>
      <DeviceCheck
        preferences={preferences}
        onChange={(next) => {
          const changed = { ...preferences, ...next };
          writePreferences(changed);
          setPreferences(changed);
        }}
      />
    </dialog>
  );
}
