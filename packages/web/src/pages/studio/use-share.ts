import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../api/call.js";
import { capture, release } from "../../publish/capture.js";
import type { Choice } from "../../publish/choice.js";
import { captureWords, stateWords } from "../../publish/publish-words.js";
import { type Publisher, type PublishState, startPublisher } from "../../publish/publisher.js";
import type { Sent } from "../../publish/sent.js";
import { openWhip } from "../../publish/whip.js";

/** Where sharing from this page stands. `ended`: how the last one came to its end. */
export type Share =
  | { readonly is: "choosing"; readonly error: string | null; readonly ended: string | null }
  /** The browser's own window is open. */
  | { readonly is: "asking" }
  | {
      readonly is: "sharing";
      readonly media: MediaStream;
      readonly choice: Choice;
      readonly state: PublishState;
      readonly sent: Sent | null;
      readonly hasSound: boolean;
    };

const MEASURED_EVERY_MS = 1_000;

const after = (ms: number, then: () => void) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

/** Sharing as a page holds it: it ends when the page is left. */
export function useShare(roomId: string) {
  const [share, setShare] = useState<Share>({ is: "choosing", error: null, ended: null });
  const publisher = useRef<Publisher | null>(null);
  const media = useRef<MediaStream | null>(null);
  const isHere = useRef(true);

  const letGo = useCallback(() => {
    publisher.current?.stop();
    publisher.current = null;
    if (media.current !== null) release(media.current);
    media.current = null;
  }, []);

  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
      letGo();
    };
  }, [letGo]);

  const publish = useCallback(
    (captured: MediaStream, choice: Choice) => {
      publisher.current = startPublisher(captured, choice, {
        makeTicket: (signal) => api("shareFromBrowser", { params: { roomId }, signal }),
        open: openWhip,
        after,
        onState(state) {
          if (!isHere.current) return;
          if (state.is === "ended") {
            letGo();
            setShare({ is: "choosing", error: null, ended: stateWords(state) });
            return;
          }
          setShare((now) => ({
            is: "sharing",
            media: captured,
            choice,
            state,
            sent: now.is === "sharing" && state.is === "live" ? now.sent : null,
            hasSound: captured.getAudioTracks().some(({ enabled }) => enabled),
          }));
        },
      });
    },
    [roomId, letGo],
  );

  const start = useCallback(
    async (choice: Choice) => {
      setShare({ is: "asking" });
      try {
        const captured = await capture(choice);
        if (!isHere.current) {
          release(captured);
          return;
        }
        media.current = captured;
        publish(captured, choice);
      } catch (error) {
        const words = captureWords(error, choice.source);
        if (isHere.current) setShare({ is: "choosing", error: words, ended: null });
      }
    },
    [publish],
  );

  /** After a refusal: the same picture once more. */
  const again = useCallback(() => {
    if (share.is === "sharing") publish(share.media, share.choice);
  }, [share, publish]);

  const stop = useCallback(() => {
    const wasRefused = share.is === "sharing" && share.state.is === "refused";
    letGo(); // tells its end by itself, unless it was refused
    if (wasRefused) setShare({ is: "choosing", error: null, ended: null });
  }, [share, letGo]);

  const setSound = useCallback((hasSound: boolean) => {
    for (const track of media.current?.getAudioTracks() ?? []) track.enabled = hasSound;
    setShare((now) => (now.is === "sharing" ? { ...now, hasSound } : now));
  }, []);

  const isLive = share.is === "sharing" && share.state.is === "live";
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(async () => {
      const sent = (await publisher.current?.sent()) ?? null;
      if (isHere.current) setShare((now) => (now.is === "sharing" ? { ...now, sent } : now));
    }, MEASURED_EVERY_MS);
    return () => clearInterval(timer);
  }, [isLive]);

  return { share, start, stop, again, setSound };
}
