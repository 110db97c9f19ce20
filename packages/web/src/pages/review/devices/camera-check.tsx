import { useEffect, useRef } from "react";
import { browserDevices, type DeviceChoice } from "../../../conference/devices.js";
import { problemWords } from "../call/call-words.js";
import { DeviceChooser } from "./device-chooser.js";
import { TryButton } from "./try-button.js";
import { useTriedDevice } from "./use-tried-device.js";

/** Tries the camera: one sees oneself, as in a mirror. */
export function CameraCheck({
  cameras,
  cameraId,
  onChoose,
  onOpened,
}: {
  cameras: readonly DeviceChoice[];
  cameraId: string | null;
  onChoose: (id: string | null) => void;
  onOpened: () => void;
}) {
  const { tried, start, stop } = useTriedDevice(cameraId, browserDevices.openCamera);
  const video = useRef<HTMLVideoElement>(null);
  const track = tried.is === "on" ? tried.track : null;
  useEffect(() => {
    if (track === null || video.current === null) return;
    video.current.srcObject = new MediaStream([track]);
    onOpened();
  }, [track, onOpened]);
  return (
    <section className="cs-devices__part" aria-labelledby="devices-camera">
      <h3 className="cs-devices__title" id="devices-camera">
        Camera
      </h3>
      <DeviceChooser
        id="camera"
        label="Which camera"
        devices={cameras}
        chosen={cameraId}
        onChoose={onChoose}
      />
      {track !== null && (
        <video
          className="cs-devices__picture"
          ref={video}
          autoPlay
          muted
          playsInline
          disablePictureInPicture
          aria-label="Your camera"
          data-testid="camera-preview"
        />
      )}
      <TryButton
        tried={tried}
        what="camera"
        problem={tried.is === "refused" ? problemWords("camera", tried.why) : null}
        onStart={start}
        onStop={stop}
      />
    </section>
  );
}
