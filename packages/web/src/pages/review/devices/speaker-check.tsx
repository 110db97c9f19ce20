import { useEffect, useRef, useState } from "react";
import type { DeviceChoice } from "../../../conference/devices.js";
import { Button } from "../../../ui/button.js";
import { DeviceChooser } from "./device-chooser.js";
import { playTestNotes, type TestNotes } from "./test-notes.js";

/** Tries the loudspeaker or headphones: two short notes, one on each side. */
export function SpeakerCheck({
  speakers,
  speakerId,
  onChoose,
}: {
  /** Empty: this browser plays where the computer says. */
  speakers: readonly DeviceChoice[];
  speakerId: string | null;
  onChoose: (id: string | null) => void;
}) {
  const [is, setIs] = useState<"quiet" | "playing" | "played" | "failed">("quiet");
  const notes = useRef<TestNotes | null>(null);
  useEffect(() => () => notes.current?.stop(), []);
  function play() {
    notes.current?.stop();
    setIs("playing");
    const played = playTestNotes(speakerId);
    notes.current = played;
    played.ended.then(
      (isWhole) => {
        if (isWhole) setIs("played");
      },
      () => setIs("failed"),
    );
  }
  return (
    <section className="cs-devices__part" aria-labelledby="devices-speaker">
      <h3 className="cs-devices__title" id="devices-speaker">
        Loudspeaker or headphones
      </h3>
      <DeviceChooser
        id="speaker"
        label="Where the call is heard"
        devices={speakers}
        chosen={speakerId}
        onChoose={onChoose}
      />
      <p className="cs-devices__hint">Headphones keep the programme’s sound out of your microphone.</p>
      <Button look="secondary" small busy={is === "playing"} onClick={play} data-testid="speaker-test">
        Play two notes
      </Button>
      <p className="cs-devices__hint" role="status" data-testid="speaker-said">
        {SAID[is]}
      </p>
    </section>
  );
}

const SAID = {
  quiet: "",
  playing: "First left, then right…",
  played: "Heard nothing? Turn the volume up, or choose another one.",
  failed: "The notes could not be played there. Choose another loudspeaker.",
} as const;
