import { useEffect, useRef, useState } from "react";
import { browserDevices, type DeviceChoice } from "../../../conference/devices.js";
import { createLevelMeter } from "../../../conference/level-meter.js";
import { problemWords } from "../call/call-words.js";
import { DeviceChooser } from "./device-chooser.js";
import { TryButton } from "./try-button.js";
import { useTriedDevice } from "./use-tried-device.js";

const SILENT_FOR_MS = 4_000;
const SILENT_DBFS = -65; // no room is so quiet: something on the way is muted, or it is the wrong microphone

/** Tries the microphone: a level that moves, and words where it does not. */
export function MicCheck({
  mics,
  micId,
  onChoose,
  onOpened,
}: {
  mics: readonly DeviceChoice[];
  micId: string | null;
  onChoose: (id: string | null) => void;
  /** The browser tells the devices' names from now on. */
  onOpened: () => void;
}) {
  const { tried, start, stop } = useTriedDevice(micId, browserDevices.openMic);
  const track = tried.is === "on" ? tried.track : null;
  const { bar, isSilent } = useLevel(track);
  useEffect(() => {
    if (track !== null) onOpened();
  }, [track, onOpened]);
  return (
    <section className="cs-devices__part" aria-labelledby="devices-mic">
      <h3 className="cs-devices__title" id="devices-mic">
        Microphone
      </h3>
      <DeviceChooser id="mic" label="Which microphone" devices={mics} chosen={micId} onChoose={onChoose} />
      {track !== null && (
        <>
          <meter
            className="cs-level"
            aria-label="Microphone level"
            min={0}
            max={1}
            value={0}
            data-testid="mic-level"
            ref={bar}
          />
          <p className="cs-devices__hint">Say something: the bar should move.</p>
        </>
      )}
      <div role="status" data-testid="mic-silent">
        {isSilent && (
          <div className="cs-devices__warning">
            <p>You sound silent:</p>
            <ul>
              <li>the headset or microphone may be muted at its own switch</li>
              <li>it may be the wrong microphone: choose another one above</li>
              <li>the computer’s settings may keep the microphone from this browser</li>
            </ul>
          </div>
        )}
      </div>
      <TryButton
        tried={tried}
        what="microphone"
        problem={tried.is === "refused" ? problemWords("mic", tried.why) : null}
        onStart={start}
        onStop={stop}
      />
    </section>
  );
}

/** Moves the bar without drawing the page anew 20 times a second. */
function useLevel(track: MediaStreamTrack | null) {
  const bar = useRef<HTMLMeterElement>(null);
  const [isSilent, setSilent] = useState(false);
  useEffect(() => {
    if (track === null) return;
    let loudAt = performance.now();
    const meter = createLevelMeter(track, ({ dbfs, share }) => {
      const now = performance.now();
      if (dbfs > SILENT_DBFS) loudAt = now;
      setSilent(now - loudAt > SILENT_FOR_MS);
      if (bar.current !== null) bar.current.value = share;
    });
    return () => {
      meter.close();
      setSilent(false);
    };
  }, [track]);
  return { bar, isSilent };
}
