import { useCallback, useEffect, useRef, useState } from "react";
import { DeviceError, type DeviceProblem } from "../../../conference/devices.js";

/** A device that is tried out. */
export type Tried =
  | { readonly is: "off" }
  | { readonly is: "opening" }
  | { readonly is: "on"; readonly track: MediaStreamTrack }
  | { readonly is: "refused"; readonly why: DeviceProblem };

/**
 * Opens a device when it is asked for, and another one when another is chosen. It is released when the check goes, and
 * when it was asked for while it goes.
 */
export function useTriedDevice(
  deviceId: string | null,
  open: (deviceId: string | null) => Promise<MediaStreamTrack>,
) {
  const [isWanted, setWanted] = useState(false);
  const [tried, setTried] = useState<Tried>({ is: "off" });
  const [round, setRound] = useState(0);
  const latest = useRef(open);
  useEffect(() => {
    latest.current = open;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks once more after a refusal
  useEffect(() => {
    if (!isWanted) return;
    let isOver = false;
    let mine: MediaStreamTrack | null = null;
    setTried({ is: "opening" });
    const asked = async () => {
      try {
        const track = await latest.current(deviceId);
        if (isOver) {
          track.stop();
          return;
        }
        mine = track;
        track.onended = () => setTried({ is: "refused", why: "not-found" }); // pulled out
        setTried({ is: "on", track });
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        if (!isOver) setTried({ is: "refused", why: error.why });
      }
    };
    void asked();
    return () => {
      isOver = true;
      mine?.stop();
      setTried({ is: "off" });
    };
  }, [isWanted, deviceId, round]);
  const start = useCallback(() => {
    setWanted(true);
    setRound((before) => before + 1);
  }, []);
  const stop = useCallback(() => setWanted(false), []);
  return { tried, start, stop };
}
