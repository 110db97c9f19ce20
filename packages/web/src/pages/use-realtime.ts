import type { ServerMessage } from "@colourstream/contract";
import { useEffect, useRef, useState } from "react";
import { browserClock } from "../live/clock.js";
import { openLine } from "../live/line.js";
import {
  connectRealtime,
  type Link,
  openRealtimeSocket,
  type Realtime,
  type Watch,
} from "../live/realtime.js";

/** A watch that lives as long as the component; `watch` null: none. */
export function useRealtime(watch: Watch | null, onMessage: (message: ServerMessage) => void) {
  const [link, setLink] = useState<Link>({ is: "opening" });
  const realtime = useRef<Realtime | null>(null);
  const [open] = useState(() => openLine((message) => realtime.current?.say(message) ?? false));
  const listener = useRef(onMessage);
  useEffect(() => {
    listener.current = onMessage;
  });

  const key = watch === null ? null : JSON.stringify(watch);
  useEffect(() => {
    if (key === null) return;
    const connection = connectRealtime(JSON.parse(key) as Watch, {
      clock: browserClock,
      random: Math.random,
      open: openRealtimeSocket,
      onMessage: (message) => {
        listener.current(message);
        open.hear(message);
      },
      onLink: (next) => {
        setLink(next);
        open.linkIs(next.is === "up");
      },
    });
    realtime.current = connection;
    const retry = () => connection.retryNow();
    window.addEventListener("online", retry);
    window.addEventListener("pageshow", retry);
    return () => {
      window.removeEventListener("online", retry);
      window.removeEventListener("pageshow", retry);
      realtime.current = null;
      connection.close();
      open.linkIs(false);
    };
  }, [key, open]);

  return { link, realtime, line: open.line };
}
