import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../../api/call.js";
import { browserClock } from "../../live/clock.js";
import { createTalkButton, NOT_BEGUN, type TalkButton, type TalkView } from "./talk-button.js";

const nothing = () => () => undefined;

/** The button that a secret is for, while the page is there. Null until it has begun. */
export function useTalk(secret: string): { view: TalkView; button: TalkButton | null } {
  const [button, setButton] = useState<TalkButton | null>(null);
  useEffect(() => {
    const made = createTalkButton({
      clock: browserClock,
      ask: (press, forMs, signal) => api("pressTalk", { body: { secret, press, forMs }, signal }),
    });
    const onVisibility = () => made.show(document.visibilityState === "visible");
    const onHide = () => made.show(false);
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("pagehide", onHide);
    setButton(made);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("pagehide", onHide);
      made.close();
    };
  }, [secret]);
  const view = useSyncExternalStore(button?.subscribe ?? nothing, () => button?.view() ?? NOT_BEGUN);
  return { view, button };
}
