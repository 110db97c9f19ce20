import type { CallPreferences } from "../../../conference/preferences.js";
import { CameraCheck } from "./camera-check.js";
import { MicCheck } from "./mic-check.js";
import { SpeakerCheck } from "./speaker-check.js";
import { useDeviceList } from "./use-device-list.js";

/**
 * Microphone, camera and loudspeaker, tried out and chosen. Nothing is opened before it is asked for, and everything is
 * released when this goes.
 */
export function DeviceCheck({
  preferences,
  onChange,
}: {
  preferences: Pick<CallPreferences, "micId" | "cameraId" | "speakerId">;
  onChange: (next: Partial<CallPreferences>) => void;
}) {
  const { list, refresh } = useDeviceList();
  const { micId, cameraId, speakerId } = preferences;
  return (
    <div className="cs-devices" data-testid="device-check">
      <MicCheck
        mics={list.mics}
        micId={micId}
        onChoose={(id) => onChange({ micId: id })}
        onOpened={refresh}
      />
      <CameraCheck
        cameras={list.cameras}
        cameraId={cameraId}
        onChoose={(id) => onChange({ cameraId: id })}
        onOpened={refresh}
      />
      <SpeakerCheck
        speakers={list.speakers}
        speakerId={speakerId}
        onChoose={(id) => onChange({ speakerId: id })}
      />
    </div>
  );
}
