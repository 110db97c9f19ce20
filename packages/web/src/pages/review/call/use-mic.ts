import { useEffect, useState } from "react";
import type { Call, CallView } from "../../../conference/call.js";

/** The microphone as the bar, the keys and the small window work it. */
export type Mic = {
  /** Others hear it. */
  readonly isLive: boolean;
  /** The device is being opened. */
  readonly isOpening: boolean;
  /** It is open because something here holds it. */
  readonly isHeld: boolean;
  /** What elsewhere holds it open: "phone", "button"; null: nothing. */
  readonly by: string | null;
  readonly isSuite: boolean;
  readonly toggle: () => void;
  readonly hold: (isDown: boolean) => void;
};

/** One microphone, and all that opens it. */
export function useMic(call: Call, view: CallView, isSuite: boolean): Mic {
  const isLive = view.self.sending.mic;
  const [isHeld, setHeld] = useState(false);
  const [by, setBy] = useState<string | null>(null);
  const [wanted, setWanted] = useState(false);
  const set = (isOn: boolean) => {
    setWanted(isOn);
    void call.setMic(isOn).finally(() => setWanted(false));
  };
  useEffect(
    () =>
      call.onRemotePress(({ press, by: from }) => {
        if (press === "down") setBy(from);
        else setBy(null);
        void call.setMic(press === "down" || (press === "toggle" && !call.view().self.sending.mic));
      }),
    [call],
  );
  return {
    isLive,
    isOpening: wanted && !isLive,
    isHeld,
    by: isLive ? by : null,
    isSuite,
    toggle: () => set(!isLive),
    hold(isDown) {
      setHeld(isDown);
      set(isDown);
    },
  };
}
